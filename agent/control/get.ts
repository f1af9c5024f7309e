/**
 * The `get` call: the plan, then each entry, a file's bytes behind it. The tree is taken as it is when
 * the call begins to walk; an open file keeps the version it was opened with.
 */
import { VaultError } from '../../protocol/errors.ts';
import { getDown, getRequest, type GetRequest } from '../../protocol/messages/control-get.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import { checkVersion, entryOf, find, sizeOf, walk, type Found } from '../vault/browse.ts';
import { formatPath, parsePath } from '../vault/path.ts';
import { readContent } from '../vault/read-content.ts';
import type { Vault } from '../vault/vault.ts';
import type { Call, ControlContext } from './context.ts';

export async function handleGet({ vault }: ControlContext, call: Call): Promise<void> {
  const request = getRequest.fromWire(call.request);
  const entries = collect(vault, request);
  await call.stream.sendMessage(getDown.toWire(planOf(entries)));
  for (const found of entries) await sendEntry(vault, found, { request, stream: call.stream });
}

function collect(vault: Vault, request: GetRequest): readonly Found[] {
  const path = parsePath(request.path);
  const top = find(vault.tree, path);
  checkVersion(top, request.version);
  if (top.node.kind !== 'directory') return [{ ...top, path: [] }];
  if (!request.recursive) {
    throw new VaultError('is-directory', {
      op: 'control.get',
      subject: formatPath(path),
      next: 'give --recursive to get a directory with what is in it',
    });
  }
  return [{ ...top, path: [] }, ...walk(vault.tree, path, { recursive: true })];
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

async function sendEntry(
  vault: Vault,
  found: Found,
  { request, stream }: { request: GetRequest; stream: CallStream },
): Promise<void> {
  const entry = await entryOf(vault.parts, found, { precise: false });
  await stream.sendMessage(getDown.toWire({ type: 'entry', entry }));
  if (found.node.kind !== 'file') return;
  const content = found.view?.version?.content ?? { type: 'empty' };
  const range = { offset: request.offset, length: request.length, signal: stream.signal };
  for await (const bytes of readContent(vault.parts, content, range)) await stream.sendData(bytes);
  await stream.sendMessage(getDown.toWire({ type: 'body-end' }));
}
