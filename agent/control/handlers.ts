/**
 * The calls of the control socket, as a total table: a method without a handler does not compile.
 * Everything here speaks for the user who owns the home; nobody else can open the socket.
 */
import { VaultError } from '../../protocol/errors.ts';
import {
  configRequest,
  configSetRequest,
  empty,
  inviteRequest,
  mountRequest,
  journalChooseRequest,
  peerAddRequest,
  peerRemoveRequest,
  shutdownRequest,
  unmountRequest,
} from '../../protocol/messages/control.ts';
import { controlMethods, type ControlMethod } from '../../protocol/methods.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { Call, ControlContext } from './context.ts';
import { handleConflicts, handleResolve } from './conflict-calls.ts';
import { glanceAtConflicts } from './conflict-reasons.ts';
import { auditVerdict, handleAudit } from './audit-calls.ts';
import { configReport, setConfig } from './config-calls.ts';
import { doctorReport } from './doctor.ts';
import { handleEvents } from './events.ts';
import { handleGet } from './get.ts';
import { handleLock, keysBackupReport, passphraseReport, unlockReport } from './key-calls.ts';
import { handleLog, handleRestore, handleTrash, handleUndelete } from './history-calls.ts';
import { keysReport } from './key-reports.ts';
import {
  approvalRows,
  approve,
  recoverCheck,
  recoverRestore,
  revoke,
  rotateKeys,
  setRole,
} from './member-calls.ts';
import { handleNotes, handleSay } from './note-calls.ts';
import { addPeer, removePeer } from './peer-calls.ts';
import { piecesReport } from './piece-map.ts';
import { handlePut } from './put.ts';
import { diskFreeReport, membersReport, peersReport } from './reports.ts';
import { limitReport, moveToFront, steerTransfer, transfersReport } from './transfer-calls.ts';
import { checkRight } from './rights.ts';
import {
  collectReportOf,
  foldReportOf,
  forgetReportOf,
  retentionReport,
  setRetentionReport,
} from './retention-calls.ts';
import {
  dropSnapshotReport,
  handleCompare,
  handleMoment,
  handleRestoreAt,
  handleUsage,
  snapshotRows,
  takeSnapshotReport,
} from './snapshot-calls.ts';
import { statusReport } from './status.ts';
import {
  handleCopy,
  handleList,
  handleMakeDirectory,
  handleMove,
  handleRemove,
  handleStat,
} from './tree-calls.ts';
import { handleWatch } from './watch.ts';
import { handleWhy } from './why-calls.ts';
import { sendReport } from './send-report.ts';

type Handler = (context: ControlContext, call: Call) => Promise<void>;

const handlers: Readonly<Record<ControlMethod, Handler>> = {
  status: report(async (context) => {
    await glanceAtConflicts(context);
    return statusReport(context);
  }),
  list: handleList,
  stat: handleStat,
  put: handlePut,
  get: handleGet,
  makeDirectory: handleMakeDirectory,
  remove: handleRemove,
  move: handleMove,
  copy: handleCopy,
  log: handleLog,
  restore: handleRestore,
  undelete: handleUndelete,
  trash: handleTrash,
  conflicts: handleConflicts,
  resolve: handleResolve,
  diskFree: report((context) => diskFreeReport(context)),
  invite: report((context, request) =>
    context.desk.invitations.invite(inviteRequest.fromWire(request)),
  ),
  members: report((context) => membersReport(context)),
  peers: report((context) => peersReport(context)),
  peerAdd: report((context, request) => addPeer(context, peerAddRequest.fromWire(request))),
  peerRemove: report((context, request) =>
    removePeer(context, peerRemoveRequest.fromWire(request)),
  ),
  transfers: report((context) => transfersReport(context)),
  journals: report(({ journals }) => journals.rows()),
  journalChoose: report(({ journals }, request) =>
    journals.choose(journalChooseRequest.fromWire(request)),
  ),
  revoke: report(revoke),
  role: report(setRole),
  keys: report(keysReport),
  keysRotate: report(rotateKeys),
  approvals: report(approvalRows),
  approve: report(approve),
  recoverCheck: report(recoverCheck),
  recoverRestore: report(recoverRestore),
  events: handleEvents,
  doctor: report((context) => doctorReport(context)),
  config: report((context, request) => configReport(context, configRequest.fromWire(request))),
  configSet: report((context, request) => setConfig(context, configSetRequest.fromWire(request))),
  shutdown: async (context, call) => {
    const asked = shutdownRequest.fromWire(call.request);
    // The answer first: what is asked for ends this connection.
    await call.stream.sendMessage(empty.toWire(undefined));
    context.requestShutdown(asked);
  },
  moment: handleMoment,
  snapshots: report((context) => snapshotRows(context)),
  snapshotTake: report((context, request) => takeSnapshotReport(context, request)),
  snapshotDrop: report((context, request) => dropSnapshotReport(context, request)),
  compare: handleCompare,
  restoreAt: handleRestoreAt,
  diskUsage: handleUsage,
  why: handleWhy,
  say: handleSay,
  notes: handleNotes,
  retention: report((context, request, signal) => retentionReport(context, request, signal)),
  retentionSet: report((context, request) => setRetentionReport(context, request)),
  forget: report((context, request, signal) => forgetReportOf(context, request, signal)),
  collect: report((context, request) => collectReportOf(context, request)),
  fold: report((context, request, signal) => foldReportOf(context, request, signal)),
  watch: handleWatch,
  transferSteer: report((context, request) => steerTransfer(context, request)),
  transferFirst: report((context, request, signal) => moveToFront(context, request, signal)),
  pieces: report((context, request, signal) => piecesReport(context, request, signal)),
  limit: report((context, request) => limitReport(context, request)),
  mount: report((context, request) => {
    const { directory, allowOther, driver = 'kernel' } = mountRequest.fromWire(request);
    return context.mounts.mount({ directory, allowOther, driver });
  }),
  unmount: report((context, request) => {
    const { directory, force } = unmountRequest.fromWire(request);
    return context.mounts.unmount(directory, { force });
  }),
  trace: report((context) => context.mounts.trace()),
  unlock: report((context, request) => unlockReport(context, request)),
  lock: handleLock,
  passphrase: report((context, request) => passphraseReport(context, request)),
  keysBackup: report((context, request) => keysBackupReport(context, request)),
  audit: handleAudit,
  auditVerify: report((context) => auditVerdict(context)),
};

const methodsByNumber = new Map<number, ControlMethod>(
  (Object.keys(controlMethods) as ControlMethod[]).map((name) => [controlMethods[name], name]),
);

/** Calls that may last for ever and take nothing of the vault, and those that wait for all others. */
const endless: ReadonlySet<ControlMethod> = new Set<ControlMethod>([
  'events',
  'notes',
  'watch',
  'forget',
  'collect',
  'shutdown',
]);

export function createControlHandler(context: ControlContext): CallHandler {
  return async (call) => {
    const method = methodsByNumber.get(call.method);
    if (method === undefined) {
      throw new VaultError('not-supported', {
        op: 'control.call',
        subject: `method ${String(call.method)}`,
        next: 'the agent may be older than the client: restart it after an update',
      });
    }
    const { members, desk, facts } = context;
    const speaks = desk.issuing.keyOrNone() !== undefined;
    checkRight(members, { device: facts.device, method, speaks });
    const handle = async (): Promise<void> => {
      try {
        await handlers[method](context, context.running.follow(method, call));
      } finally {
        context.running.end(call);
      }
    };
    // What a client is at may count on what is there now.
    await (endless.has(method) ? handle() : context.retention.activities.during(handle));
  };
}

/** A call whose answer is one report. */
function report(
  make: (context: ControlContext, request: Buffer, signal: AbortSignal) => object | Promise<object>,
): Handler {
  return async (context, call) => {
    const answer = await make(context, call.request, call.stream.signal);
    await sendReport(call.stream, answer);
  };
}
