/** The calls that look at the tree and change it, except for `put` and `get`. */
import {
  entriesOfPage,
  entry as entryCodec,
  listPage,
  type Entry,
} from '../../protocol/messages/control-entry.ts';
import {
  changed,
  copyRequest,
  listRequest,
  makeDirectoryRequest,
  moveRequest,
  pathRequest,
  removeRequest,
} from '../../protocol/messages/control.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import { checkVersion, entryOf, find, walk } from '../vault/browse.ts';
import { copy, makeDirectory, move, remove, type ChangeResult } from '../vault/change.ts';
import { parsePath } from '../vault/path.ts';
import type { Call, ControlContext } from './context.ts';

const pageEntriesMax = 256;

export async function handleList({ vault }: ControlContext, call: Call): Promise<void> {
  const request = listRequest.fromWire(call.request);
  let page: Entry[] = [];
  for (const found of walk(vault.tree, parsePath(request.path), request)) {
    page.push(await entryOf(vault.parts, found, { precise: false }));
    if (page.length < pageEntriesMax) continue;
    await sendPages(call.stream, page);
    page = [];
  }
  await sendPages(call.stream, page);
}

/** Long names make a page of 256 entries too large for one message. */
async function sendPages(stream: CallStream, entries: readonly Entry[]): Promise<void> {
  for (let start = 0; start < entries.length;) {
    const count = entriesOfPage(entries, start);
    await stream.sendMessage(listPage.toWire(entries.slice(start, start + count)));
    start += count;
  }
}

export async function handleStat({ vault }: ControlContext, call: Call): Promise<void> {
  const { path, version } = pathRequest.fromWire(call.request);
  const found = find(vault.tree, parsePath(path));
  checkVersion(found, version);
  const entry = await entryOf(vault.parts, found, { precise: true });
  await call.stream.sendMessage(entryCodec.toWire(entry));
}

export async function handleMakeDirectory({ vault }: ControlContext, call: Call): Promise<void> {
  const request = makeDirectoryRequest.fromWire(call.request);
  const result = await makeDirectory(vault.parts, parsePath(request.path), request);
  await answer(call, result);
}

export async function handleRemove({ vault }: ControlContext, call: Call): Promise<void> {
  const request = removeRequest.fromWire(call.request);
  await answer(call, await remove(vault.parts, parsePath(request.path), request));
}

export async function handleMove({ vault }: ControlContext, call: Call): Promise<void> {
  const request = moveRequest.fromWire(call.request);
  const source = parsePath(request.source);
  const destination = parsePath(request.destination);
  await answer(
    call,
    await move(vault.parts, { source, destination, noReplace: request.noReplace }),
  );
}

export async function handleCopy({ vault }: ControlContext, call: Call): Promise<void> {
  const request = copyRequest.fromWire(call.request);
  const source = parsePath(request.source);
  const destination = parsePath(request.destination);
  await answer(
    call,
    await copy(vault.parts, { source, destination, recursive: request.recursive }),
  );
}

async function answer(call: Call, result: ChangeResult): Promise<void> {
  await call.stream.sendMessage(changed.toWire(result));
}
