/**
 * The control socket as functions: one method a call, typed. It owns the order of messages inside a
 * call; the connection and what a person sees are the business of its callers (cli/, tui/).
 */
import { VaultError } from '../errors.ts';
import type { Codec } from '../messages/codec.ts';
import { auditRequest } from '../messages/control-audit.ts';
import type { AuditRequest } from '../messages/control-audit.ts';
import { conflict, resolveRequest } from '../messages/control-conflict.ts';
import type { Conflict, ResolveRequest } from '../messages/control-conflict.ts';
import { entry, listPage } from '../messages/control-entry.ts';
import type { Entry } from '../messages/control-entry.ts';
import { namesPage } from '../messages/control-names.ts';
import type { ListedNames } from '../messages/control-names.ts';
import { getRequest } from '../messages/control-get.ts';
import type { GetRequest } from '../messages/control-get.ts';
import { momentDown, momentRequest } from '../messages/control-moment.ts';
import type { MomentDown, MomentRequest } from '../messages/control-moment.ts';
import {
  comparePage,
  compareRequest,
  restoreAtRequest,
  snapshotRequest,
  usagePage,
  usageRequest,
} from '../messages/control-past.ts';
import type {
  CompareRequest,
  Difference,
  RestoreAtRequest,
  SnapshotRequest,
  Usage,
  UsageRequest,
} from '../messages/control-past.ts';
import { logRequest, logRow, restoreRequest, trashRow } from '../messages/control-history.ts';
import type { LogRequest, LogRow, RestoreRequest, TrashRow } from '../messages/control-history.ts';
import { keysBackupRequest, passphraseRequest, unlockRequest } from '../messages/control-keys.ts';
import type { PassphraseBytes, PassphraseRequest } from '../messages/control-keys.ts';
import {
  approveRequest,
  recoverRequest,
  revokeRequest,
  roleRequest,
} from '../messages/control-members.ts';
import type {
  ApproveRequest,
  RecoverRequest,
  RevokeRequest,
  RoleRequest,
} from '../messages/control-members.ts';
import { noteRow, notesRequest, sayRequest } from '../messages/control-notes.ts';
import type { NoteRow, NotesRequest, SayRequest } from '../messages/control-notes.ts';
import type { PutRequest } from '../messages/control-put.ts';
import {
  collectRequest,
  foldRequest,
  forgetRequest,
  retentionSetRequest,
} from '../messages/control-retention.ts';
import type {
  CollectRequest,
  FoldRequest,
  ForgetRequest,
  RetentionSetRequest,
} from '../messages/control-retention.ts';
import { event, reportFromPieces, reportPiece } from '../messages/control-report.ts';
import { limitRequest, piecesRequest, transferRequest } from '../messages/control-transfers.ts';
import type {
  LimitRequest,
  PiecesRequest,
  TransferRequest,
} from '../messages/control-transfers.ts';
import { watched } from '../messages/control-watch.ts';
import type { WatchedReport } from '../messages/control-watch.ts';
import {
  changed,
  configRequest,
  configSetRequest,
  copyRequest,
  empty,
  eventsRequest,
  inviteRequest,
  listRequest,
  makeDirectoryRequest,
  mountRequest,
  moveRequest,
  pathRequest,
  peerAddRequest,
  journalChooseRequest,
  peerRemoveRequest,
  removeRequest,
  shutdownRequest,
  unmountRequest,
} from '../messages/control.ts';
import type {
  Changed,
  ConfigRequest,
  ConfigSetRequest,
  CopyRequest,
  EventsRequest,
  InviteRequest,
  ListRequest,
  MakeDirectoryRequest,
  MountRequest,
  MoveRequest,
  PathRequest,
  PeerAddRequest,
  JournalChooseRequest,
  PeerRemoveRequest,
  RemoveRequest,
  ShutdownRequest,
  UnmountRequest,
} from '../messages/control.ts';
import { controlMethods } from '../methods.ts';
import type { ControlMethod } from '../methods.ts';
import type { CallOptions, CallStream, RpcConnection } from '../rpc/rpc.ts';
import { callUnary } from '../rpc/unary.ts';
import type { AuditReport } from './audit-reports.ts';
import type { KeysBackupReport, LockReport } from './key-reports.ts';
import type {
  ApprovalRow,
  ApprovedReport,
  KeysReport,
  MemberChangeReport,
  RecoverReport,
} from './member-reports.ts';
import { readGet } from './get-items.ts';
import type { GetItem } from './get-items.ts';
import { openPut } from './put-session.ts';
import type { PutSession } from './put-session.ts';
import type {
  CollectReport,
  FoldReport,
  ForgetReport,
  RetentionReport,
} from './retention-reports.ts';
import type {
  ConfigChangeReport,
  ConfigReport,
  DiskFreeReport,
  DoctorReport,
  EventRecord,
  InviteReport,
  JournalRow,
  MemberRow,
  MountRow,
  PeerChangeReport,
  PeerRow,
  SnapshotRow,
  StatusReport,
  TransferRow,
  WhyReport,
} from './reports.ts';
import type { TraceReport } from './mount-reports.ts';
import type { FirstReport, LimitReport, PiecesReport } from './transfer-reports.ts';

/** Every method throws what the agent answers with, or `closed`, `cancelled`, `malformed`. */
export interface ControlClient {
  status(): Promise<StatusReport>;
  /** Entries below a directory, sorted by path; of a file, itself. */
  list(request: ListRequest): AsyncGenerator<readonly Entry[]>;
  /** The same with less of each: a large directory comes in a fraction of the time. */
  listNames(request: ListRequest): AsyncGenerator<ListedNames>;
  stat(request: PathRequest): Promise<Entry>;
  put(request: PutRequest): PutSession;
  get(request: GetRequest): AsyncGenerator<GetItem>;
  makeDirectory(request: MakeDirectoryRequest): Promise<Changed>;
  remove(request: RemoveRequest): Promise<Changed>;
  move(request: MoveRequest): Promise<Changed>;
  copy(request: CopyRequest): Promise<Changed>;
  /** All conflicts at and below a path, by path. */
  conflicts(request: PathRequest): AsyncGenerator<Conflict>;
  resolve(request: ResolveRequest): Promise<Changed>;
  /** What happened to a path, the latest first. */
  log(request: LogRequest): AsyncGenerator<LogRow>;
  /** A new version with the content of an earlier one. */
  restore(request: RestoreRequest): Promise<Changed>;
  /** What was deleted comes back. */
  undelete(request: RestoreRequest): Promise<Changed>;
  /** What was deleted at and below a path, the latest first. */
  trash(request: PathRequest): AsyncGenerator<TrashRow>;
  diskFree(): Promise<DiskFreeReport>;
  invite(request: InviteRequest): Promise<InviteReport>;
  members(): Promise<readonly MemberRow[]>;
  peers(): Promise<readonly PeerRow[]>;
  peerAdd(request: PeerAddRequest): Promise<PeerChangeReport>;
  peerRemove(request: PeerRemoveRequest): Promise<PeerChangeReport>;
  journals(): Promise<readonly JournalRow[]>;
  /** Fails with `denied`, `not-found` or `usage`. */
  journalChoose(request: JournalChooseRequest): Promise<JournalRow>;
  /** Ends what a device may do. Fails with `denied`, `not-found`, `conflict`, `usage`. */
  revoke(request: RevokeRequest): Promise<MemberChangeReport>;
  role(request: RoleRequest): Promise<MemberChangeReport>;
  keys(): Promise<KeysReport>;
  /** Opens an epoch. */
  keysRotate(): Promise<KeysReport>;
  /** Newcomers that wait for somebody to confirm them. */
  approvals(): Promise<readonly ApprovalRow[]>;
  approve(request: ApproveRequest): Promise<ApprovedReport>;
  recoverCheck(request: RecoverRequest): Promise<RecoverReport>;
  recoverRestore(request: RecoverRequest): Promise<RecoverReport>;
  transfers(): Promise<readonly TransferRow[]>;
  events(request: EventsRequest): AsyncGenerator<EventRecord>;
  doctor(): Promise<DoctorReport>;
  config(request: ConfigRequest): Promise<ConfigReport>;
  /** Changes `config.toml`, which counts from the agent's next start. */
  configSet(request: ConfigSetRequest): Promise<ConfigChangeReport>;
  shutdown(request: ShutdownRequest): Promise<void>;
  /** Finds a moment and makes the tree as it was then; `ready` comes last. */
  moment(request: MomentRequest): AsyncGenerator<MomentDown>;
  snapshots(): Promise<readonly SnapshotRow[]>;
  snapshotTake(request: SnapshotRequest): Promise<SnapshotRow>;
  /** Answers with what it was. */
  snapshotDrop(request: SnapshotRequest): Promise<SnapshotRow>;
  /** What is different at and below a path, by path. */
  compare(request: CompareRequest): AsyncGenerator<readonly Difference[]>;
  restoreAt(request: RestoreAtRequest): Promise<Changed>;
  /** Directories come after what is in them. */
  diskUsage(request: UsageRequest): AsyncGenerator<readonly Usage[]>;
  why(request: PathRequest): Promise<WhyReport>;
  /** A message for all readers, for one device, or pinned to a path. */
  say(request: SayRequest): Promise<NoteRow>;
  /** Those that this device may read, the oldest first. */
  notes(request: NotesRequest): AsyncGenerator<NoteRow>;
  /** What is kept of the past of a path, and which rule says so. */
  retention(request: PathRequest): Promise<RetentionReport>;
  retentionSet(request: RetentionSetRequest): Promise<RetentionReport>;
  /** Drops what no rule keeps, or says what would go. */
  forget(request: ForgetRequest): Promise<ForgetReport>;
  /** Frees the space of what was dropped, on this device. */
  collect(request: CollectRequest): Promise<CollectReport>;
  /** Asks all devices to agree on what old history amounts to, or says what could be folded. */
  fold(request: FoldRequest): Promise<FoldReport>;
  /** The transfers that were meant, as they are now. */
  transferSteer(request: TransferRequest): Promise<readonly TransferRow[]>;
  transferFirst(request: PathRequest): Promise<FirstReport>;
  /** Which parts of a file are on this device. */
  pieces(request: PiecesRequest): Promise<PiecesReport>;
  limit(request: LimitRequest): Promise<LimitReport>;
  /** Names of the reports that have changed, until cancelled; the first answer is empty. */
  watch(): AsyncGenerator<readonly WatchedReport[]>;
  mount(request: MountRequest): Promise<MountRow>;
  unmount(request: UnmountRequest): Promise<MountRow>;
  trace(): Promise<TraceReport>;
  /** Resolves when the vault is open. */
  unlock(request: PassphraseBytes): Promise<LockReport>;
  /** A fresh agent without keys takes the place of the one that answers. */
  lock(): Promise<LockReport>;
  passphrase(request: PassphraseRequest): Promise<LockReport>;
  keysBackup(request: PassphraseBytes): Promise<KeysBackupReport>;
  /** Entries of the audit log, the oldest first. */
  audit(request: AuditRequest): AsyncGenerator<EventRecord>;
  auditVerify(): Promise<AuditReport>;
}

/**
 * @param options go with every call: `signal` cancels whatever runs
 */
export function createControlClient(rpc: RpcConnection, options: CallOptions = {}): ControlClient {
  const open = <Request>(method: ControlMethod, codec: Codec<Request>, request: Request) =>
    rpc.call(controlMethods[method], codec.toWire(request), options);
  const report = async <Report extends object, Request>(
    method: ControlMethod,
    codec: Codec<Request>,
    request: Request,
  ) => (await readReport(open(method, codec, request), method)) as Report;
  const unary = async <Request, Reply>(
    method: ControlMethod,
    codecs: readonly [Codec<Request>, Codec<Reply>],
    request: Request,
  ) => {
    const call = { method: controlMethods[method], request: codecs[0].toWire(request) };
    return codecs[1].fromWire(await callUnary(rpc, call, options));
  };

  return {
    status: () => report('status', empty, undefined),
    list: (request) => readMany(open('list', listRequest, request), listPage, 'list'),
    listNames: (request) =>
      readMany(open('list', listRequest, { ...request, namesOnly: true }), namesPage, 'list'),
    stat: (request) => unary('stat', [pathRequest, entry], request),
    put: (request) => openPut(rpc, request, options),
    get: (request) => readGet(open('get', getRequest, request), request),
    makeDirectory: (request) => unary('makeDirectory', [makeDirectoryRequest, changed], request),
    remove: (request) => unary('remove', [removeRequest, changed], request),
    move: (request) => unary('move', [moveRequest, changed], request),
    copy: (request) => unary('copy', [copyRequest, changed], request),
    conflicts: (request) =>
      readMany(open('conflicts', pathRequest, request), conflict, 'conflicts'),
    resolve: (request) => unary('resolve', [resolveRequest, changed], request),
    log: (request) => readMany(open('log', logRequest, request), logRow, 'log'),
    restore: (request) => unary('restore', [restoreRequest, changed], request),
    undelete: (request) => unary('undelete', [restoreRequest, changed], request),
    trash: (request) => readMany(open('trash', pathRequest, request), trashRow, 'trash'),
    diskFree: () => report('diskFree', empty, undefined),
    invite: (request) => report('invite', inviteRequest, request),
    members: () => report('members', empty, undefined),
    peers: () => report('peers', empty, undefined),
    peerAdd: (request) => report('peerAdd', peerAddRequest, request),
    peerRemove: (request) => report('peerRemove', peerRemoveRequest, request),
    journals: () => report('journals', empty, undefined),
    journalChoose: (request) => report('journalChoose', journalChooseRequest, request),
    revoke: (request) => report('revoke', revokeRequest, request),
    role: (request) => report('role', roleRequest, request),
    keys: () => report('keys', empty, undefined),
    keysRotate: () => report('keysRotate', empty, undefined),
    approvals: () => report('approvals', empty, undefined),
    approve: (request) => report('approve', approveRequest, request),
    recoverCheck: (request) => report('recoverCheck', recoverRequest, request),
    recoverRestore: (request) => report('recoverRestore', recoverRequest, request),
    transfers: () => report('transfers', empty, undefined),
    events: (request) => readMany(open('events', eventsRequest, request), event, 'events'),
    doctor: () => report('doctor', empty, undefined),
    config: (request) => report('config', configRequest, request),
    configSet: (request) => report('configSet', configSetRequest, request),
    shutdown: (request) => unary('shutdown', [shutdownRequest, empty], request),
    moment: (request) => readMany(open('moment', momentRequest, request), momentDown, 'moment'),
    snapshots: () => report('snapshots', empty, undefined),
    snapshotTake: (request) => report('snapshotTake', snapshotRequest, request),
    snapshotDrop: (request) => report('snapshotDrop', snapshotRequest, request),
    compare: (request) =>
      readMany(open('compare', compareRequest, request), comparePage, 'compare'),
    restoreAt: (request) => unary('restoreAt', [restoreAtRequest, changed], request),
    diskUsage: (request) =>
      readMany(open('diskUsage', usageRequest, request), usagePage, 'diskUsage'),
    why: (request) => report('why', pathRequest, request),
    say: (request) => unary('say', [sayRequest, noteRow], request),
    notes: (request) => readMany(open('notes', notesRequest, request), noteRow, 'notes'),
    retention: (request) => report('retention', pathRequest, request),
    retentionSet: (request) => report('retentionSet', retentionSetRequest, request),
    forget: (request) => report('forget', forgetRequest, request),
    collect: (request) => report('collect', collectRequest, request),
    fold: (request) => report('fold', foldRequest, request),
    transferSteer: (request) => report('transferSteer', transferRequest, request),
    transferFirst: (request) => report('transferFirst', pathRequest, request),
    pieces: (request) => report('pieces', piecesRequest, request),
    limit: (request) => report('limit', limitRequest, request),
    watch: () => readMany(open('watch', empty, undefined), watched, 'watch'),
    mount: (request) => report('mount', mountRequest, request),
    unmount: (request) => report('unmount', unmountRequest, request),
    trace: () => report('trace', empty, undefined),
    unlock: (request) => report('unlock', unlockRequest, request),
    lock: () => report('lock', empty, undefined),
    passphrase: (request) => report('passphrase', passphraseRequest, request),
    keysBackup: (request) => report('keysBackup', keysBackupRequest, request),
    audit: (request) => readMany(open('audit', auditRequest, request), event, 'audit'),
    auditVerify: () => report('auditVerify', empty, undefined),
  };
}

async function readReport(stream: CallStream, method: ControlMethod): Promise<object> {
  const op = `control.${method}`;
  const pieces: Buffer[] = [];
  for await (const piece of readMany(stream, reportPiece, method)) {
    pieces.push(piece);
    if (pieces.length > reportPiecesMax) throw unexpected(stream, method, 'a report without end');
  }
  return reportFromPieces(pieces, op);
}

/** A report of the largest size in pieces that are not silly. */
const reportPiecesMax = 4096;

async function* readMany<Message>(
  stream: CallStream,
  codec: Codec<Message>,
  method: ControlMethod,
): AsyncGenerator<Message> {
  stream.end();
  let finished = false;
  try {
    for (;;) {
      const item = await stream.receive();
      if (item === undefined) break;
      if (item.type === 'data') throw unexpected(stream, method, 'bytes between the messages');
      yield codec.fromWire(item.bytes);
    }
    finished = true;
  } finally {
    if (!finished) giveUp(stream, method);
  }
}

/** Tells the agent that nobody reads on. Harmless when the call has failed already. */
function giveUp(stream: CallStream, method: ControlMethod): void {
  stream.fail(new VaultError('cancelled', { op: `control.${method}` }));
}

function unexpected(stream: CallStream, method: ControlMethod, detail: string): VaultError {
  const error = new VaultError('malformed', { op: `control.${method}`, detail });
  stream.fail(error);
  return error;
}
