/**
 * The `put` call: offers and bodies come in, needs, progress and items that are refused go out, and one
 * result at the end, when everything is durable. A client that goes away leaves nothing half-visible.
 */
import { VaultError } from '../../protocol/errors.ts';
import { freeBytes } from '../../protocol/free-bytes.ts';
import { names } from '../../protocol/limits.ts';
import {
  needBitmap,
  putDown,
  putRequest,
  putUp,
  type PutItem,
  type PutRequest,
} from '../../protocol/messages/control-put.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import { concernsOneItem } from '../../protocol/reach.ts';
import { find } from '../vault/browse.ts';
import { formatPath, parsePath, type VaultPath } from '../vault/path.ts';
import type { OfferedItem } from '../vault/item-publisher.ts';
import type { PutSession } from '../vault/put-session.ts';
import type { Vault } from '../vault/vault.ts';
import type { Call, ControlContext } from './context.ts';
import { LocalBodies } from './put-local.ts';

const progressEveryMs = 200;

export async function handlePut(context: ControlContext, call: Call): Promise<void> {
  const request = putRequest.fromWire(call.request);
  const destination = parsePath(request.destination);
  checkDestination(context.vault, request, destination);
  const session = context.vault.beginPut(request);
  const progress = new PutProgress(context, call.stream, session);
  try {
    const expects = (bytes: number): void => {
      if (request.dryRun !== true) context.running.expect(call.stream, bytes);
    };
    const local = new LocalBodies(context, { request, stream: call.stream, session, progress });
    await receiveItems({ session, stream: call.stream, destination, progress, expects, local });
    const { version, ...totals } = await session.finish();
    await tellFailed(session, call.stream);
    const result = { ...totals, version: version === '' ? undefined : version };
    await call.stream.sendMessage(putDown.toWire({ type: 'done', result }));
  } catch (error) {
    await session.abort();
    throw error;
  } finally {
    progress.stop();
  }
}

function checkDestination(vault: Vault, request: PutRequest, destination: VaultPath): void {
  if (!request.into) return;
  if (find(vault.tree, destination).node.kind !== 'directory') {
    throw new VaultError('not-directory', {
      op: 'control.put',
      subject: request.destination.toString(),
      next: 'give a directory, or store one source only',
    });
  }
}

interface Receiving {
  readonly session: PutSession;
  readonly stream: CallStream;
  readonly destination: VaultPath;
  readonly progress: PutProgress;
  /** Hears of bytes that are going to come. */
  readonly expects: (bytes: number) => void;
  readonly local: LocalBodies;
}

async function receiveItems(receiving: Receiving): Promise<void> {
  const { session, stream, destination, progress } = receiving;
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    progress.tick();
    if (session.hasFailed) await tellFailed(session, stream);
    if (item.type === 'data') {
      await session.data(item.bytes);
      freeBytes(item.bytes);
      continue;
    }
    const message = putUp.fromWire(item.bytes);
    switch (message.type) {
      case 'offer': {
        const needs = await session.offer(
          message.items.map((offered) => toOffered(destination, offered)),
        );
        receiving.expects(neededBytes(message.items, needs));
        const need = { bitmap: needBitmap(needs), bodies: true, localFiles: receiving.local.taken };
        await stream.sendMessage(putDown.toWire({ type: 'need', ...need }));
        break;
      }
      case 'body':
        if (message.localPath === undefined) session.begin(message.item);
        else await receiving.local.take(message.item, message.localPath);
        break;
      case 'bodies':
        await session.beginWhole(message);
        break;
      case 'body-end':
        await session.end(message.aborted);
        break;
    }
  }
}

function neededBytes(items: readonly PutItem[], needs: readonly boolean[]): number {
  return items.reduce((sum, { kind, size }, at) => {
    return kind === 'file' && needs[at] === true ? sum + (size ?? 0) : sum;
  }, 0);
}

/** Sent from where the call reads on: a client that takes none is asked to wait, not queued for. */
async function tellFailed(session: PutSession, stream: CallStream): Promise<void> {
  for (const { item, error } of session.takeFailed()) {
    await stream.sendMessage(putDown.toWire({ type: 'failed', item, error }));
  }
}

/** The item, or why it cannot be one. */
function toOffered(destination: VaultPath, item: PutItem): OfferedItem | VaultError {
  try {
    return offeredItem(destination, item);
  } catch (error) {
    if (concernsOneItem(error)) return error;
    throw error;
  }
}

function offeredItem(destination: VaultPath, item: PutItem): OfferedItem {
  const path = [...destination, ...parsePath(item.path)];
  if (path.length > names.depthMax) {
    throw new VaultError('name-too-long', {
      op: 'control.put',
      subject: formatPath(path.slice(-2)),
      detail: `${String(path.length)} levels, at most ${String(names.depthMax)}`,
      next: 'choose a place nearer to the root of the vault',
    });
  }
  return {
    path,
    kind: item.kind,
    size: item.size,
    mode: item.mode,
    mtime: item.mtime,
    target: item.target,
    fingerprint: item.fingerprint ?? Buffer.alloc(0),
  };
}

/** Tells the client now and then how much is durable, and how much was read for it. */
class PutProgress {
  /** Of the file that is read now because the client has named it. */
  readBytes = 0;
  readonly #context: ControlContext;
  readonly #stream: CallStream;
  readonly #session: PutSession;
  #lastMs: number;
  #stopped = false;

  constructor(context: ControlContext, stream: CallStream, session: PutSession) {
    this.#context = context;
    this.#stream = stream;
    this.#session = session;
    this.#lastMs = context.clock.monotonicMs();
  }

  tick(): void {
    const nowMs = this.#context.clock.monotonicMs();
    if (this.#stopped || nowMs - this.#lastMs < progressEveryMs) return;
    this.#lastMs = nowMs;
    const { items, bytes } = this.#session.durable;
    const durable = { durableItems: items, durableBytes: bytes };
    const { readBytes } = this;
    const message = putDown.toWire({ type: 'progress', ...durable, readBytes });
    // A client that is gone shows in the receiving loop.
    this.#stream.sendMessage(message).catch(() => {
      this.stop();
    });
  }

  stop(): void {
    this.#stopped = true;
  }
}
