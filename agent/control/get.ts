/**
 * The `get` call: the plan, then each entry, a file's bytes behind it. The tree is taken as it is when
 * the call begins to walk; an open file keeps the version it was opened with. In a tree, a file whose
 * content cannot be had is named, and the others follow.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { getDown, getRequest, type GetRequest } from '../../protocol/messages/control-get.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { concernsOneContent } from '../../protocol/reach.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { ReadAccount } from '../store/read-budget.ts';
import { entryOf, sizeOf, walk, type Found } from '../vault/browse.ts';
import type { PastParts } from '../vault/occupants.ts';
import { checkKept } from '../vault/forgotten.ts';
import { findVersion } from '../vault/past-versions.ts';
import { formatPath, parsePath, type VaultPath } from '../vault/path.ts';
import { readContent, readGroups } from '../vault/read-content.ts';
import type { Vault } from '../vault/vault.ts';
import type { Call, ControlContext } from './context.ts';
import { entriesAhead, type AheadOptions, type Ready } from './get-ahead.ts';
import { LocalTargets, TargetError } from './get-local.ts';
import { treeAt } from './tree-at.ts';

export async function handleGet(context: ControlContext, call: Call): Promise<void> {
  const { vault } = context;
  const request = getRequest.fromWire(call.request);
  const tree = await treeAt(context, call, request.at);
  const entries = await collect({ tree, history: vault.parts.history }, request);
  const account = context.reads.open();
  try {
    const plan = planOf(entries);
    context.running.expect(call.stream, bytesOf(plan.bytes, request));
    await call.stream.sendMessage(getDown.toWire(plan));
    const targets = new LocalTargets(context, request, call.stream);
    const to = { request, stream: call.stream, account, targets };
    for await (const ready of entriesAhead(entries, aheadOptions(vault, to))) {
      await sendEntry(vault, ready, to);
    }
  } finally {
    account.close();
  }
}

async function collect(parts: PastParts, request: GetRequest): Promise<readonly Found[]> {
  const path = parsePath(request.path);
  const top = await findVersion(parts, path, request.version);
  if (top.node.kind !== 'directory') return [{ ...top, path: [] }];
  if (!request.recursive) {
    throw new VaultError('is-directory', {
      op: 'control.get',
      subject: formatPath(path),
      next: 'give --recursive to get a directory with what is in it',
    });
  }
  return [{ ...top, path: [] }, ...walk(parts.tree, path, { recursive: true })];
}

function planOf(entries: readonly Found[]): { type: 'plan'; files: number; bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const { node, view } of entries) {
    if (node.kind !== 'file') continue;
    files++;
    bytes += sizeOf(view?.version?.content);
  }
  return { type: 'plan', files, bytes };
}

/** Of a file that is asked for in part, that part. */
function bytesOf(bytes: number, { offset, length = Infinity }: GetRequest): number {
  return Math.max(0, Math.min(bytes - offset, length));
}

/** Who gets it, and what may be read ahead for them. */
interface Receiver {
  readonly request: GetRequest;
  readonly stream: CallStream;
  readonly account: ReadAccount;
  readonly targets: LocalTargets;
}

/** A part of a file is asked for alone; only whole ones are read ahead. */
function aheadOptions(vault: Vault, { request, stream, account }: Receiver): AheadOptions {
  const whole = request.offset === 0 && request.length === undefined;
  return {
    account,
    sizeOf: ({ node, view }) => {
      if (node.kind !== 'file' || !whole) return undefined;
      return sizeOf(view?.version?.content);
    },
    read: async (found) => {
      const content = contentOf(found);
      checkKept(vault.parts, content);
      const pieces: Buffer[] = [];
      const range = { offset: 0, signal: stream.signal };
      // Copied: a piece is valid until the next one is asked for.
      for await (const piece of readContent(vault.parts, content, range)) {
        pieces.push(Buffer.from(piece));
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    },
  };
}

function contentOf({ view }: Found): Content {
  return view?.version?.content ?? { type: 'empty' };
}

async function sendEntry(vault: Vault, { found, body }: Ready, to: Receiver): Promise<void> {
  const { request, stream } = to;
  const entry = await entryOf(vault.parts, found, { precise: false });
  await stream.sendMessage(getDown.toWire({ type: 'entry', entry }));
  if (found.node.kind !== 'file') return;
  let writtenBytes: number | undefined;
  try {
    if (body === undefined) writtenBytes = await sendContent(vault, contentOf(found), to);
    else if ('bytes' in body) await stream.sendData(body.bytes);
    else throw body.error;
  } catch (error) {
    if (error instanceof TargetError) {
      const failed = { type: 'failed', error: error.failure, target: true } as const;
      await stream.sendMessage(getDown.toWire(failed));
      return;
    }
    // A list of chunks that another device wrote wrongly is that file's trouble as well.
    // What retention let go is the trouble of the versions that had it.
    const isItsOwn = concernsOneContent(error) || isVaultError(error, 'malformed', 'not-found');
    if (!isItsOwn) throw error;
    const failure = about([...parsePath(request.path), ...found.path], error);
    if (!request.recursive) throw failure;
    // A call that failed itself, because the client went for example, fails once more here.
    await stream.sendMessage(getDown.toWire({ type: 'failed', error: failure }));
    return;
  }
  await stream.sendMessage(getDown.toWire({ type: 'body-end', writtenBytes }));
}

/** @returns how much of it was written and not sent; undefined: nothing */
async function sendContent(
  vault: Vault,
  content: Content,
  { request: { offset, length }, stream, account, targets }: Receiver,
): Promise<number | undefined> {
  checkKept(vault.parts, content);
  const range = { offset, length, signal: stream.signal, account };
  const target = await targets.open(sizeOf(content));
  if (target === undefined) {
    for await (const bytes of readContent(vault.parts, content, range)) {
      await stream.sendData(bytes);
    }
    return undefined;
  }
  try {
    return await targets.write(target, readGroups(vault.parts, content, range));
  } finally {
    await target.close();
  }
}

/** Named by the file: whoever reads one knows no chunks. */
function about(path: VaultPath, error: VaultError): VaultError {
  const { code, op, subject, detail, next } = error;
  const why = [subject, detail].filter((part) => part !== undefined).join(': ');
  return new VaultError(code, { op, subject: formatPath(path), detail: why, next, cause: error });
}
