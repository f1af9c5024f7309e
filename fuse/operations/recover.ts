/**
 * After a killed agent: what it had answered and not published is taken up from the scratch files. The
 * log of names is replayed against the tree as it is now; a step that is in the tree already, or makes no
 * sense any more, is skipped. Bytes become a version of their file, unless they are one already.
 */
import type { FileSystem } from './file-system.ts';
import { newInode } from './changes.ts';
import { sizeOf, type FileData } from './file-data.ts';
import type { Inode } from './inode.ts';
import { isSameOp } from './inodes.ts';
import { bySerial, serialOf, type Numbered } from './names-log.ts';
import type { NodeId, Place, ScratchFile } from './port.ts';
import { parseRecord, type ScratchHead } from './scratch-records.ts';

const compareBytes = 1024 * 1024;
/** Written zeros that are compared, of one file. */
const comparedZerosMax = 1024 ** 3;

/** Takes up what an agent before this one had answered and not published. Before the first request. */
export function recover(fs: FileSystem): Promise<void> {
  // A file must not set out before its bytes were taken up: without them it is another version.
  return fs.outbox.hold(() => takeAllUp(fs));
}

async function takeAllUp(fs: FileSystem): Promise<void> {
  const { scratch } = fs.port;
  const all = await scratch.list();
  const names = all.filter((name) => name.startsWith('data-')).sort(bySerial);
  for (const name of names) fs.inodes.startScratchAfter(serialOf(name));
  const { records, begun, forget } = await fs.log.recover();
  const left = withoutArrived(fs, records, begun);
  for (const record of left) replay(fs, record);
  // What is still to be done stands in a log of its own before the old one goes.
  await fs.log.carry(left);
  await fs.log.sync();
  for (const name of names) await takeUp(fs, name);
  await forget();
  for (const inode of fs.inodes.all()) fs.publishing.content(inode);
}

/**
 * What was on its way when the end came, and did arrive, is not done again: nothing else of the same names
 * was under way, so that the tree shows either what was before it or what came of it.
 */
function withoutArrived(
  fs: FileSystem,
  records: readonly Numbered[],
  begun: readonly (readonly number[])[],
): readonly Numbered[] {
  const arrived = new Set<number>();
  for (const serials of begun) {
    const group = records.filter(({ serial }) => serials.includes(serial));
    const last = group.at(-1);
    const created = group.find(({ op, node }) => op === 'create' && node === last?.node);
    if (last === undefined || !hasArrived(fs, created ?? last)) continue;
    for (const record of group) if (!isNameLeft(fs, record, records)) arrived.add(record.serial);
  }
  return records.filter(({ serial }) => !arrived.has(serial));
}

/** Further names of a new file go into the vault after it: the end may have come in between. */
function isNameLeft(fs: FileSystem, record: Numbered, all: readonly Numbered[]): boolean {
  if (record.op !== 'link' || hasArrived(fs, record)) return false;
  const { place, serial } = record;
  return !all.some((later) => later.serial > serial && leaves(later, place));
}

function leaves(record: Numbered, { parent, name }: Place): boolean {
  const left =
    record.op === 'remove' ? record.place : record.op === 'rename' ? record.from : undefined;
  return left?.parent === parent && left.name.equals(name);
}

function hasArrived({ port }: FileSystem, record: Numbered): boolean {
  const idAt = ({ parent, name }: Place): NodeId | undefined => port.child(parent, name)?.node.id;
  switch (record.op) {
    case 'create':
      return port.node(record.node) !== undefined;
    case 'link':
      return idAt(record.place) === record.node;
    case 'remove':
      return idAt(record.place) === undefined;
    case 'rename':
      return idAt(record.to) === record.node && idAt(record.from) !== record.node;
    case 'attributes':
      return false;
  }
}

function replay(fs: FileSystem, record: Numbered): void {
  switch (record.op) {
    case 'create':
      if (fs.inodes.ofNode(record.node) !== undefined) return;
      fs.changes.create(newInode(record), record.place, record.serial);
      return;
    case 'attributes': {
      const inode = fs.inodes.ofNode(record.node);
      if (inode !== undefined) fs.changes.attributes(inode, record.attributes, record.serial);
      return;
    }
    case 'link': {
      const inode = fs.inodes.ofNode(record.node);
      if (inode !== undefined && at(fs, record.place) === undefined) {
        fs.changes.link(inode, record.place, record.serial);
      }
      return;
    }
    case 'remove': {
      const inode = at(fs, record.place);
      if (inode?.id === record.node) fs.changes.remove(inode, record.place, record.serial);
      return;
    }
    case 'rename': {
      const inode = at(fs, record.from);
      const there = at(fs, record.to);
      // Something else may have come there after it, and reached the vault before.
      const other = there?.id === record.over ? there : undefined;
      if (inode?.id === record.node) fs.changes.rename(inode, other, record);
    }
  }
}

function at(fs: FileSystem, { parent, name }: Place): Inode | undefined {
  const directory = fs.inodes.ofNode(parent);
  return directory === undefined ? undefined : fs.lookup(directory, name);
}

async function takeUp(fs: FileSystem, name: string): Promise<void> {
  const { scratch } = fs.port;
  const file = scratch.existing(name);
  const head = await readHead(fs, name);
  const inode = head === undefined ? undefined : fs.inodes.ofNode(head.node);
  if (head === undefined || inode?.data === undefined || !isWanted(fs, inode)) {
    await file.remove();
    return;
  }
  const { data } = inode;
  // Without it, the one before this was published, and this one stands on what that became.
  const goesOn = data.scratchNames.includes(head.after ?? '');
  if (head.shared === true) {
    data.takeOver(head.content);
  } else if (!goesOn && head.after === undefined && inode.creation === undefined) {
    data.base = head.content;
    data.size = head.size;
    inode.version = head.base;
  }
  const before = fs.port.version(inode.id);
  for await (const { place, plain } of scratch.records(name)) apply(data, { file, place, plain });
  data.adoptFile(file);
  const isThere =
    before !== undefined &&
    !isSameOp(before.op, head.base) &&
    // A copy of another content has nothing written that could be compared.
    head.shared !== true &&
    (await isSameAs(fs, data, before.content));
  if (!isThere) return;
  await data.discard();
  data.base = before.content;
  data.size = sizeOf(before.content);
  inode.version = before.op;
}

function apply(
  data: FileData,
  {
    file,
    place,
    plain,
  }: { file: ScratchFile; place: Parameters<ScratchFile['read']>[0]; plain: Buffer },
): void {
  const record = parseRecord(plain);
  if (record?.type === 'data') data.applyData(record.offset, { file, place });
  else if (record?.type === 'truncate') data.applyTruncate(record.size);
  else if (record?.type === 'zero') data.applyZero(record.start, record.end);
}

async function readHead(fs: FileSystem, name: string): Promise<ScratchHead | undefined> {
  for await (const { plain } of fs.port.scratch.records(name)) {
    const record = parseRecord(plain);
    return record?.type === 'head' ? record : undefined;
  }
  return undefined;
}

/** A file that lost its last name has no use for bytes. */
function isWanted(fs: FileSystem, inode: Inode): boolean {
  if (inode.isRemoved) return false;
  return inode.creation !== undefined || fs.port.places(inode.id).length > 0;
}

/**
 * Whether a content has everything that was written. Only what was written is compared: a file may be
 * terabytes of holes. When too many zeros were written to compare them, the answer is no: then they are
 * published again, and nothing is lost.
 */
async function isSameAs(
  fs: FileSystem,
  data: FileData,
  content: Parameters<FileSystem['port']['read']>[0],
): Promise<boolean> {
  if (data.size !== sizeOf(content)) return false;
  const { dirty } = await data.snapshot();
  const zeros = dirty.filter(({ isZero }) => isZero);
  if (zeros.reduce((sum, { start, end }) => sum + end - start, 0) > comparedZerosMax) return false;
  for (const { start, end } of dirty) {
    for (let at = start; at < end; at += compareBytes) {
      const length = Math.min(compareBytes, end - at);
      const [ours, theirs] = await Promise.all([
        data.read(at, length),
        fs.port.read(content, at, length, {}),
      ]);
      if (!Buffer.concat(ours).equals(Buffer.concat(theirs))) return false;
    }
  }
  return true;
}
