/**
 * The agent's side of the control protocol over a real socket, with a tree that is a map in memory.
 * It keeps to SPEC.md, "Control protocol", so that what the client sends is judged and not recorded.
 */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { createSocketStream } from '../../protocol/control/socket-stream.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import {
  entriesOfPage,
  entry as entryCodec,
  listPage,
} from '../../protocol/messages/control-entry.ts';
import { getDown, getRequest } from '../../protocol/messages/control-get.ts';
import { needBitmap, putDown, putRequest, putUp } from '../../protocol/messages/control-put.ts';
import type { PutItem, PutRequest } from '../../protocol/messages/control-put.ts';
import { event, reportToWire } from '../../protocol/messages/control-report.ts';
import {
  changed,
  eventsRequest,
  listRequest,
  makeDirectoryRequest,
  pathRequest,
  removeRequest,
} from '../../protocol/messages/control.ts';
import { controlMethods } from '../../protocol/methods.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';

export interface Kept {
  readonly item: PutItem;
  readonly content: Buffer;
}

export interface MemoryAgent {
  readonly socketPath: string;
  /** By path from the root, latin1 of its bytes. */
  readonly tree: Map<string, Kept>;
  /** How many bodies were asked for. */
  readonly asked: { bodies: number };
  /** Refuses these paths of a put, and cannot read these paths in a get. */
  readonly refused: Map<string, ErrorCode>;
  /** Whether it understands several bodies together. @default true */
  takesGroups: boolean;
  /** Sends these instead of what a get of a tree would be. */
  hostileEntries: readonly Entry[] | undefined;
  close(): Promise<void>;
}

export async function startMemoryAgent(socketPath: string): Promise<MemoryAgent> {
  const agent = {
    socketPath,
    tree: new Map<string, Kept>(),
    asked: { bodies: 0 },
    refused: new Map<string, ErrorCode>(),
    takesGroups: true,
    hostileEntries: undefined as readonly Entry[] | undefined,
    close: () => closeServer(server, streams),
  };
  const streams = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    const stream = createSocketStream(socket);
    streams.add(stream);
    createRpcConnection(createPlainLink(stream), {
      role: 'responder',
      clock: {
        monotonicMs: () => performance.now(),
        after(delayMs, action) {
          const timer = setTimeout(action, delayMs).unref();
          return { cancel: () => clearTimeout(timer) };
        },
      },
      onCall: (call) => answer(agent, call),
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return agent;
}

function closeServer(server: Server, streams: ReadonlySet<{ destroy(): void }>): Promise<void> {
  for (const stream of streams) stream.destroy();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function answer(
  agent: MemoryAgent,
  call: { readonly method: number; readonly request: Buffer; readonly stream: CallStream },
): Promise<void> {
  const { request, stream } = call;
  switch (call.method) {
    case controlMethods.stat: {
      const path = pathRequest.fromWire(request).path;
      await stream.sendMessage(entryCodec.toWire(entryAt(agent, path, path)));
      return;
    }
    case controlMethods.list: {
      const { path, recursive } = listRequest.fromWire(request);
      const entries = below(agent, path, recursive);
      for (let at = 0; at < entries.length;) {
        const count = entriesOfPage(entries, at);
        await stream.sendMessage(listPage.toWire(entries.slice(at, at + count)));
        at += count;
      }
      return;
    }
    case controlMethods.put:
      await receivePut(agent, putRequest.fromWire(request), stream);
      return;
    case controlMethods.get:
      await sendGet(agent, request, stream);
      return;
    case controlMethods.remove: {
      const { path } = removeRequest.fromWire(request);
      if (!agent.tree.delete(path.toString('latin1'))) throw missing(path);
      await stream.sendMessage(changed.toWire({ entries: 1 }));
      return;
    }
    case controlMethods.makeDirectory: {
      const { path, mode } = makeDirectoryRequest.fromWire(request);
      agent.tree.set(path.toString('latin1'), directory(path, mode));
      await stream.sendMessage(changed.toWire({ entries: 1 }));
      return;
    }
    case controlMethods.members: {
      // Larger than one message.
      const rows = Array.from({ length: 900 }, (_, index) => ({
        deviceId: String(index).padStart(32, '0'),
        name: 'name '.repeat(20),
        role: 'writer',
        state: 'active',
        self: index === 0,
        owner: false,
        online: false,
        lastSeen: null,
      }));
      for (const message of reportToWire(rows)) await stream.sendMessage(message);
      return;
    }
    case controlMethods.events: {
      const { recent } = eventsRequest.fromWire(request);
      for (let index = 0; index < recent; index += 1) {
        const message = `\u001b[31mevent ${String(index)}`;
        const record = { time: '2026-11-21T06:44:28.000Z', type: 'test', message };
        await stream.sendMessage(event.toWire(record));
      }
      return;
    }
    default:
      throw new VaultError('not-supported', { op: 'memoryAgent', subject: String(call.method) });
  }
}

function directory(path: Buffer, mode: number): Kept {
  const mtime = { seconds: 0, nanoseconds: 0 };
  return { item: { path, kind: 'directory', size: 0, mode, mtime }, content: Buffer.alloc(0) };
}

function entryAt(agent: MemoryAgent, path: Buffer, shown: Buffer): Entry {
  const kept = agent.tree.get(path.toString('latin1'));
  if (kept === undefined) throw missing(path);
  const { kind, mode, mtime, target } = kept.item;
  return {
    path: shown,
    kind,
    mode,
    mtime,
    target,
    size: kept.content.length,
    state: 'here',
    inode: 7,
    links: 1,
    chunks: 0,
    chunksHere: 0,
  };
}

function missing(path: Buffer): VaultError {
  return new VaultError('not-found', { op: 'vault.find', subject: `/${path.toString()}` });
}

/** Entries below a path, sorted; of a file, itself. */
function below(agent: MemoryAgent, path: Buffer, recursive: boolean): Entry[] {
  const start = path.toString('latin1');
  const self = agent.tree.get(start);
  if (self !== undefined && self.item.kind !== 'directory') {
    return [entryAt(agent, path, Buffer.alloc(0))];
  }
  if (self === undefined && start !== '') throw missing(path);
  const prefix = start === '' ? '' : `${start}/`;
  return [...agent.tree.keys()]
    .filter((key) => key.startsWith(prefix) && key !== start)
    .map((key) => key.slice(prefix.length))
    .filter((rest) => recursive || !rest.includes('/'))
    .sort()
    .map((rest) =>
      entryAt(agent, Buffer.from(prefix + rest, 'latin1'), Buffer.from(rest, 'latin1')),
    );
}

async function receivePut(
  agent: MemoryAgent,
  request: PutRequest,
  stream: CallStream,
): Promise<void> {
  const items: PutItem[] = [];
  const result = { files: 0, directories: 0, symlinks: 0, skipped: 0, bytes: 0 };
  const staged = new Map<string, Kept>();
  let body: { item: number; pieces: Buffer[] } | undefined;
  let group: { items: readonly number[]; lengths: readonly number[]; bytes: Buffer } | undefined;
  const store = (number: number, content: Buffer): void => {
    const item = items[number]!;
    if (item.size !== undefined && item.size !== content.length) {
      throw new VaultError('malformed', { op: 'memoryAgent', detail: 'another size was offered' });
    }
    staged.set(pathOf(item), { item, content });
    result.files += 1;
    result.bytes += content.length;
  };
  const storeGroup = (): void => {
    const { items: numbers, lengths, bytes } = group!;
    if (bytes.length < lengths.reduce((sum, length) => sum + length, 0)) return;
    let at = 0;
    for (const [index, number] of numbers.entries()) {
      store(number, bytes.subarray(at, (at += lengths[index]!)));
    }
    group = undefined;
  };
  const pathOf = (item: PutItem): string =>
    [request.destination, item.path]
      .map((part) => part.toString('latin1'))
      .filter((part) => part !== '')
      .join('/');
  for (let got = await stream.receive(); got !== undefined; got = await stream.receive()) {
    if (got.type === 'data') {
      if (group === undefined) body!.pieces.push(Buffer.from(got.bytes));
      else {
        group.bytes = Buffer.concat([group.bytes, got.bytes]);
        storeGroup();
      }
      continue;
    }
    const up = putUp.fromWire(got.bytes);
    if (up.type === 'offer') {
      const first = items.length;
      items.push(...up.items);
      for (const [index, item] of up.items.entries()) {
        const error = refusalOf(agent, pathOf(item));
        if (error === undefined) continue;
        const down = { type: 'failed', item: first + index, error } as const;
        await stream.sendMessage(putDown.toWire(down));
      }
      const wanted = up.items.map((item) => {
        if (agent.refused.has(pathOf(item))) return false;
        if (item.kind !== 'file') {
          staged.set(pathOf(item), { item, content: Buffer.alloc(0) });
          result[item.kind === 'directory' ? 'directories' : 'symlinks'] += 1;
          return false;
        }
        const known = agent.tree.get(pathOf(item))?.item.fingerprint;
        const same = known !== undefined && item.fingerprint?.equals(known) === true;
        if (same && !request.checksum) result.skipped += 1;
        return !same || request.checksum;
      });
      agent.asked.bodies += wanted.filter(Boolean).length;
      const { takesGroups: bodies } = agent;
      const need = { type: 'need', bitmap: needBitmap(wanted), bodies } as const;
      await stream.sendMessage(putDown.toWire(need));
    } else if (up.type === 'body') {
      body = { item: up.item, pieces: [] };
    } else if (up.type === 'bodies') {
      group = { items: up.items, lengths: up.lengths, bytes: Buffer.alloc(0) };
      storeGroup();
    } else if (!up.aborted) {
      store(up.item, Buffer.concat(body!.pieces));
    }
  }
  for (const [path, kept] of staged) agent.tree.set(path, kept);
  const sizes = { storedBytes: result.bytes, chunksNew: 0, chunksReused: 0 };
  await stream.sendMessage(putDown.toWire({ type: 'done', result: { ...result, ...sizes } }));
}

function refusalOf(agent: MemoryAgent, path: string): VaultError | undefined {
  const code = agent.refused.get(path);
  if (code === undefined) return undefined;
  return new VaultError(code, { op: 'memoryAgent', subject: `/${path}`, next: 'try another' });
}

async function sendGet(agent: MemoryAgent, bytes: Buffer, stream: CallStream): Promise<void> {
  const request = getRequest.fromWire(bytes);
  const send = (down: Parameters<typeof getDown.toWire>[0]) =>
    stream.sendMessage(getDown.toWire(down));
  const isRoot = request.path.length === 0;
  const own = isRoot ? [] : [entryAt(agent, request.path, Buffer.alloc(0))];
  if (own[0]?.kind === 'directory' && !request.recursive) {
    throw new VaultError('is-directory', { op: 'memoryAgent', subject: request.path.toString() });
  }
  const isTree = isRoot || own[0]?.kind === 'directory';
  const entries = agent.hostileEntries ?? [
    ...own,
    ...(isTree ? below(agent, request.path, true) : []),
  ];
  const files = entries.filter((entry) => entry.kind === 'file');
  await send({
    type: 'plan',
    files: files.length,
    bytes: files.reduce((sum, entry) => sum + entry.size, 0),
  });
  for (const entry of entries) {
    await send({ type: 'entry', entry });
    if (entry.kind !== 'file') continue;
    const key = [request.path, entry.path].map((part) => part.toString('latin1')).filter(Boolean);
    const error = refusalOf(agent, key.join('/'));
    if (error !== undefined && !isTree) throw error;
    if (error !== undefined) {
      await stream.sendData(Buffer.from('half of it'));
      await send({ type: 'failed', error });
      continue;
    }
    const content = agent.tree.get(key.join('/'))?.content ?? Buffer.alloc(0);
    const end = request.length === undefined ? content.length : request.offset + request.length;
    await stream.sendData(content.subarray(request.offset, end));
    await send({ type: 'body-end' });
  }
}
