/**
 * The control socket as functions: one method a call, typed. It owns the order of messages inside a
 * call; the connection and what a person sees are the business of its callers (cli/, tui/).
 */
import { VaultError } from '../errors.ts';
import type { Codec } from '../messages/codec.ts';
import { entry, listPage } from '../messages/control-entry.ts';
import type { Entry } from '../messages/control-entry.ts';
import { getDown, getRequest } from '../messages/control-get.ts';
import type { GetDown, GetRequest } from '../messages/control-get.ts';
import type { PutRequest } from '../messages/control-put.ts';
import { event, reportFromPieces, reportPiece } from '../messages/control-report.ts';
import {
  changed,
  configRequest,
  copyRequest,
  empty,
  eventsRequest,
  inviteRequest,
  listRequest,
  makeDirectoryRequest,
  moveRequest,
  pathRequest,
  peerAddRequest,
  peerRemoveRequest,
  removeRequest,
  shutdownRequest,
} from '../messages/control.ts';
import type {
  Changed,
  ConfigRequest,
  CopyRequest,
  EventsRequest,
  InviteRequest,
  ListRequest,
  MakeDirectoryRequest,
  MoveRequest,
  PathRequest,
  PeerAddRequest,
  PeerRemoveRequest,
  RemoveRequest,
  ShutdownRequest,
} from '../messages/control.ts';
import { controlMethods } from '../methods.ts';
import type { ControlMethod } from '../methods.ts';
import type { CallOptions, CallStream, RpcConnection } from '../rpc/rpc.ts';
import { callUnary } from '../rpc/unary.ts';
import { openPut } from './put-session.ts';
import type { PutSession } from './put-session.ts';
import type {
  ConfigReport,
  DiskFreeReport,
  DoctorReport,
  EventRecord,
  InviteReport,
  MemberRow,
  PeerChangeReport,
  PeerRow,
  StatusReport,
  TransferRow,
} from './reports.ts';

/** What comes down in a get: its messages, and the bytes between them. */
export type GetItem = GetDown | { readonly type: 'data'; readonly bytes: Buffer };

/** Every method throws what the agent answers with, or `closed`, `cancelled`, `malformed`. */
export interface ControlClient {
  status(): Promise<StatusReport>;
  /** Entries below a directory, sorted by path; of a file, itself. */
  list(request: ListRequest): AsyncGenerator<readonly Entry[]>;
  stat(request: PathRequest): Promise<Entry>;
  put(request: PutRequest): PutSession;
  get(request: GetRequest): AsyncGenerator<GetItem>;
  makeDirectory(request: MakeDirectoryRequest): Promise<Changed>;
  remove(request: RemoveRequest): Promise<Changed>;
  move(request: MoveRequest): Promise<Changed>;
  copy(request: CopyRequest): Promise<Changed>;
  diskFree(): Promise<DiskFreeReport>;
  invite(request: InviteRequest): Promise<InviteReport>;
  members(): Promise<readonly MemberRow[]>;
  peers(): Promise<readonly PeerRow[]>;
  peerAdd(request: PeerAddRequest): Promise<PeerChangeReport>;
  peerRemove(request: PeerRemoveRequest): Promise<PeerChangeReport>;
  transfers(): Promise<readonly TransferRow[]>;
  events(request: EventsRequest): AsyncGenerator<EventRecord>;
  doctor(): Promise<DoctorReport>;
  config(request: ConfigRequest): Promise<ConfigReport>;
  shutdown(request: ShutdownRequest): Promise<void>;
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
    stat: (request) => unary('stat', [pathRequest, entry], request),
    put: (request) => openPut(rpc, request, options),
    get: (request) => readGet(open('get', getRequest, request)),
    makeDirectory: (request) => unary('makeDirectory', [makeDirectoryRequest, changed], request),
    remove: (request) => unary('remove', [removeRequest, changed], request),
    move: (request) => unary('move', [moveRequest, changed], request),
    copy: (request) => unary('copy', [copyRequest, changed], request),
    diskFree: () => report('diskFree', empty, undefined),
    invite: (request) => report('invite', inviteRequest, request),
    members: () => report('members', empty, undefined),
    peers: () => report('peers', empty, undefined),
    peerAdd: (request) => report('peerAdd', peerAddRequest, request),
    peerRemove: (request) => report('peerRemove', peerRemoveRequest, request),
    transfers: () => report('transfers', empty, undefined),
    events: (request) => readMany(open('events', eventsRequest, request), event, 'events'),
    doctor: () => report('doctor', empty, undefined),
    config: (request) => report('config', configRequest, request),
    shutdown: (request) => unary('shutdown', [shutdownRequest, empty], request),
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

async function* readGet(stream: CallStream): AsyncGenerator<GetItem> {
  stream.end();
  let finished = false;
  try {
    for (;;) {
      const item = await stream.receive();
      if (item === undefined) break;
      yield item.type === 'data' ? item : getDown.fromWire(item.bytes);
    }
    finished = true;
  } finally {
    if (!finished) giveUp(stream, 'get');
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
