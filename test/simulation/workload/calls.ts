/** Calls of the control socket as a user's program makes them: whole puts, whole gets, whole listings. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import { toVaultError, VaultError } from '../../../protocol/errors.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { isNeeded, type PutItem, type PutResult } from '../../../protocol/messages/control-put.ts';
import type { PutSession } from '../../../protocol/control/put-session.ts';

export interface FileToPut {
  readonly path: string;
  readonly content: Buffer;
}

export interface PutOptions {
  readonly nowMs: number;
  /** Bytes that go up at once. */
  readonly pieceBytes: number;
}

/** Stores files in one put; resolves when the agent says that they are durable. */
export async function putFiles(
  client: ControlClient,
  files: readonly FileToPut[],
  { nowMs, pieceBytes }: PutOptions,
): Promise<PutResult> {
  const request = { destination: Buffer.alloc(0), parents: true, into: false, checksum: true };
  const session = client.put(request);
  const refused: VaultError[] = [];
  try {
    await session.offer(files.map(({ path, content }) => itemOf(path, content.length, nowMs)));
    const need = await nextOf(session, 'need', refused);
    const unwanted = files.findIndex((_, index) => !isNeeded(need.bitmap, index));
    for (const [index, { content }] of files.entries()) {
      if (!isNeeded(need.bitmap, index)) continue;
      await session.beginBody(index);
      for (let at = 0; at < content.length; at += pieceBytes) {
        await session.data(content.subarray(at, at + pieceBytes));
      }
      await session.endBody(index, false);
    }
    session.end();
    const { result } = await nextOf(session, 'done', refused);
    if ((await session.receive()) !== undefined) throw new Error('more after the result');
    // Of a put that is not whole the workload expects nothing: some of its files may be there.
    if (refused[0] !== undefined) throw refused[0];
    if (unwanted >= 0) throw new Error(`item ${String(unwanted)} was not wanted`);
    return result;
  } catch (error) {
    session.fail(toVaultError(error, 'sim.put'));
    throw error;
  }
}

function itemOf(path: string, size: number, nowMs: number): PutItem {
  const mtime = { seconds: Math.floor(nowMs / 1000), nanoseconds: 0 };
  return { path: Buffer.from(path, 'latin1'), kind: 'file', size, mode: 0o644, mtime };
}

type Down = NonNullable<Awaited<ReturnType<PutSession['receive']>>>;

async function nextOf<Type extends Down['type']>(
  session: PutSession,
  type: Type,
  refused: VaultError[],
): Promise<Extract<Down, { type: Type }>> {
  for (;;) {
    const down = await session.receive();
    if (down === undefined) throw new VaultError('closed', { op: 'sim.put', detail: `no ${type}` });
    if (down.type === type) return down as Extract<Down, { type: Type }>;
    if (down.type === 'failed') refused.push(down.error);
    else if (down.type !== 'progress') throw new Error(`${down.type} came instead of ${type}`);
  }
}

export interface GotFile {
  readonly entry: Entry;
  readonly bytes: Buffer;
}

/** Reads a file, or a part of it. */
export async function getFile(
  client: ControlClient,
  path: string,
  range: { readonly offset: number; readonly length?: number | undefined } = { offset: 0 },
): Promise<GotFile> {
  let entry: Entry | undefined;
  let ended = false;
  const pieces: Buffer[] = [];
  const request = { path: Buffer.from(path, 'latin1'), recursive: false, ...range };
  for await (const item of client.get(request)) {
    if (item.type === 'entry') entry = item.entry;
    else if (item.type === 'data') pieces.push(Buffer.from(item.bytes));
    else if (item.type === 'body-end') ended = true;
  }
  if (entry === undefined || !ended) {
    throw new VaultError('closed', {
      op: 'sim.get',
      subject: path,
      detail: 'the answer is not whole',
    });
  }
  return { entry, bytes: Buffer.concat(pieces) };
}

/** Everything in the tree. */
export async function listAll(client: ControlClient): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const page of client.list({ path: Buffer.alloc(0), recursive: true })) {
    entries.push(...page);
  }
  return entries;
}
