/** The calls that look at the tree and change it, except for `put` and `get`. */
import {
  entriesOfPage,
  entry as entryCodec,
  listPage,
  type Entry,
} from '../../protocol/messages/control-entry.ts';
import { namesPage, NamesWriter } from '../../protocol/messages/control-names.ts';
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
import { entriesOf, entryOf, walk, type Found } from '../vault/browse.ts';
import { copy, makeDirectory, move, remove, type ChangeResult } from '../vault/change.ts';
import { findVersion } from '../vault/past-versions.ts';
import { parsePath } from '../vault/path.ts';
import { restoreAt } from '../vault/restore-at.ts';
import { Slices } from '../vault/slices.ts';
import type { Call, ControlContext } from './context.ts';
import { treeAt } from './tree-at.ts';

const pageEntriesMax = 256;
const pagesAheadMax = 8;

export async function handleList(context: ControlContext, call: Call): Promise<void> {
  const { vault } = context;
  const request = listRequest.fromWire(call.request);
  const tree = await treeAt(context, call, request.at);
  const found = walk(tree, parsePath(request.path), request);
  if (request.namesOnly === true) {
    await sendNames(call.stream, found, new Slices(vault.parts.clock));
    return;
  }
  // Some pages are looked up while those before them are sent.
  const ahead: Promise<readonly Entry[]>[] = [];
  for (const page of pagesOf(found)) {
    const entries = entriesOf(vault.parts, page);
    // Whoever sends it hears of a failure; when nobody does any more, nobody has to.
    entries.catch(() => undefined);
    ahead.push(entries);
    if (ahead.length === pagesAheadMax) await sendPages(call.stream, await ahead.shift());
  }
  while (ahead.length > 0) await sendPages(call.stream, await ahead.shift());
}

async function sendNames(
  stream: CallStream,
  found: Iterable<Found>,
  slices: Slices,
): Promise<void> {
  const writer = new NamesWriter();
  for (const { path, node } of found) {
    if (writer.add(path, node.kind)) continue;
    await stream.sendMessage(namesPage.toWire(writer.take()));
    await slices.step();
    writer.add(path, node.kind);
  }
  await stream.sendMessage(namesPage.toWire(writer.take()));
}

function* pagesOf(found: Iterable<Found>): Generator<readonly Found[]> {
  let page: Found[] = [];
  for (const one of found) {
    page.push(one);
    if (page.length < pageEntriesMax) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Long names make a page of 256 entries too large for one message. */
async function sendPages(
  stream: CallStream,
  entries: readonly Entry[] | undefined = [],
): Promise<void> {
  for (let start = 0; start < entries.length;) {
    const count = entriesOfPage(entries, start);
    await stream.sendMessage(listPage.toWire(entries.slice(start, start + count)));
    start += count;
  }
}

export async function handleStat(context: ControlContext, call: Call): Promise<void> {
  const { vault } = context;
  const { path, version, at } = pathRequest.fromWire(call.request);
  const tree = await treeAt(context, call, at);
  const { history } = vault.parts;
  const found = await findVersion({ tree, history }, parsePath(path), version);
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

export async function handleCopy(context: ControlContext, call: Call): Promise<void> {
  const { vault } = context;
  const request = copyRequest.fromWire(call.request);
  const source = parsePath(request.source);
  const destination = parsePath(request.destination);
  const { recursive, at } = request;
  if (at === undefined) {
    await answer(call, await copy(vault.parts, { source, destination, recursive }));
    return;
  }
  const past = await treeAt(context, call, at);
  const options = { past, source, destination, recursive, parents: false };
  await answer(call, await restoreAt(vault.parts, options));
}

async function answer(call: Call, result: ChangeResult): Promise<void> {
  await call.stream.sendMessage(changed.toWire(result));
}
