/**
 * What is answered to each kind of request: a total table from requests to calls of the file system. An
 * answer is the parts of one message; a promise of it only where there is something to wait for.
 */
import { refusal } from '../errno.ts';
import { errnos, openAnswers } from '../protocol/constants.ts';
import { DirectoryReply } from '../protocol/directory.ts';
import {
  attributesReply,
  countReply,
  createReply,
  dataHeader,
  entryReply,
  errorReply,
  openReply,
  statfsReply,
} from '../protocol/reply.ts';
import { isResent, type Header } from '../protocol/request.ts';
import type { FileSystem } from '../operations/file-system.ts';
import type { Handle } from '../operations/files.ts';
import type { Inode, Owner } from '../operations/inode.ts';
import type { NodeKind } from '../operations/port.ts';
import { isVirtual } from '../operations/virtual.ts';
import { getXattr, listXattrs, removeXattr, setXattr } from '../operations/xattrs.ts';
import { none, type Answer, type Asked, type Of } from './asked.ts';
import type { Asking } from './asking.ts';
import { copyRange, read, write } from './data.ts';
import { attributesOf, entryOf, kindBits, tell, validMs, validOf } from './entries.ts';
import type { Session } from './session.ts';
import { setattr } from './set-attributes.ts';

const kindMask = 0o170000;
const groupIdBit = 0o2000;
const renameFlags = { noReplace: 1, exchange: 2 } as const;

export function answer(session: Session, asked: Asked): Answer | Promise<Answer> {
  const { header, request, inode } = asked;
  const { fs } = session;
  switch (request.op) {
    case 'lookup':
      return lookup(session, asked as Of<'lookup'>);
    case 'getattr':
      return [attributesReply(header, attributesOf(fs, inode), validOf(inode))];
    case 'setattr':
      return setattr(session, asked as Of<'setattr'>);
    case 'readlink':
      return readlink(asked);
    case 'symlink': {
      const target = Buffer.from(request.target);
      return made(session, asked, { kind: 'symlink', mode: 0o777, target }, request.name);
    }
    case 'mknod':
      if ((request.mode & kindMask) !== kindBits.file) throw refusal('EPERM');
      return made(session, asked, { kind: 'file', mode: request.mode }, request.name);
    case 'mkdir':
      return made(session, asked, { kind: 'directory', mode: request.mode }, request.name);
    case 'unlink':
    case 'rmdir':
      return remove(session, asked as Of<'unlink' | 'rmdir'>);
    case 'rename':
      return rename(session, asked as Of<'rename'>);
    case 'link':
      return link(session, asked as Of<'link'>);
    case 'open':
      return open(session, asked as Of<'open'>);
    case 'create':
      return create(session, asked as Of<'create'>);
    case 'tmpfile':
      return tmpfile(session, asked as Of<'tmpfile'>);
    case 'opendir':
      return opendir(session, asked);
    case 'read':
      return read(session, asked as Of<'read'>);
    case 'readdir':
    case 'readdirplus':
      return readdir(session, asked as Of<'readdir'>);
    case 'write':
      return write(session, asked as Of<'write'>);
    // Everything was written before, and there is nothing else to do: it never asks again.
    case 'flush':
      return [errorReply(header, errnos.ENOSYS)];
    case 'release':
    case 'releasedir':
      session.files.release(request.handle);
      return none(header);
    case 'fsync':
    case 'fsyncdir':
      return session.files.sync(inode).then(() => none(header));
    case 'statfs':
      return [statfsReply(header, fs.port.space())];
    case 'setxattr': {
      const { name, value, flags } = request;
      const copied = { name: Buffer.from(name), value: Buffer.from(value), flags };
      return setXattr(fs, inode, copied).then(() => none(header));
    }
    case 'getxattr':
      return sized(getXattr(fs, inode, request.name), header, request.size);
    case 'listxattr':
      return sized(listXattrs(inode), header, request.size);
    case 'removexattr':
      return removeXattr(fs, inode, Buffer.from(request.name)).then(() => none(header));
    case 'fallocate': {
      const { offset, length, mode } = request;
      return session.files.allocate(inode, { offset, length }, mode).then(() => none(header));
    }
    case 'copyFileRange':
      return copyRange(session, asked as Of<'copyFileRange'>);
    case 'destroy':
      return none(header);
    // With the kernel's own cache of written bytes our size lags behind: it answers better by itself.
    case 'lseek':
    case 'unknown':
      return [errorReply(header, errnos.ENOSYS)];
    case 'forget':
    case 'batchForget':
    case 'interrupt':
    case 'init':
      return [errorReply(header, errnos.EINVAL)];
  }
}

function lookup(session: Session, asked: Of<'lookup'>): Answer | Promise<Answer> {
  const { header, request, inode } = asked;
  const { name } = request;
  // For those who export the mount; the kernel itself never asks for these.
  if (name.length === 1 && name[0] === 0x2e) return [entryReply(header, entryOf(session, inode))];
  if (isVirtual(inode)) return lookupHidden(session, asked);
  const found = session.fs.lookup(inode, name);
  if (found === undefined) session.fs.virtual.checkReadable(inode);
  tell(inode, name, found);
  if (found !== undefined) return [entryReply(header, entryOf(session, found))];
  const attributes = attributesOf(session.fs, inode);
  return [entryReply(header, { node: 0, validMs, attributes })];
}

async function lookupHidden(
  session: Session,
  { header, request, inode, asking }: Of<'lookup'>,
): Promise<Answer> {
  const name = Buffer.from(request.name);
  const found = isVirtual(inode)
    ? await session.fs.virtual.lookup(inode, name, asking.signal)
    : undefined;
  if (found === undefined) throw refusal('ENOENT');
  checkInTime(asking);
  return [entryReply(header, entryOf(session, found))];
}

function readlink({ header, inode }: Asked): Answer {
  const { target } = inode;
  if (target === undefined) throw refusal('EINVAL');
  return [dataHeader(header, target.length), target];
}

interface Made {
  readonly kind: NodeKind;
  readonly mode: number;
  readonly target?: Buffer;
}

async function made(session: Session, asked: Asked, node: Made, name: Buffer): Promise<Answer> {
  const { header, inode } = asked;
  const kept = Buffer.from(name);
  const created = await createOnce(session, asked, kept, node);
  retractLate(session, asked, inode, kept);
  checkInTime(asked.asking);
  tell(inode, kept, created);
  return [entryReply(header, entryOf(session, created))];
}

/** One that is asked for again, and was made before the agent was killed, is there already. */
async function createOnce(
  session: Session,
  asked: Asked,
  name: Buffer,
  node: Made,
): Promise<Inode> {
  const { header, inode } = asked;
  const there = isResent(header) ? session.fs.lookup(inode, name) : undefined;
  if (there?.kind === node.kind) return there;
  return session.fs.create(inode, name, withOwner(session.fs, asked, node));
}

async function remove(session: Session, asked: Of<'unlink' | 'rmdir'>): Promise<Answer> {
  const { header, request, inode } = asked;
  const name = Buffer.from(request.name);
  if (isResent(header) && session.fs.lookup(inode, name) === undefined) return none(header);
  await session.fs.remove(inode, name, request.op === 'rmdir' ? 'directory' : 'other');
  retractLate(session, asked, inode, name);
  inode.told?.delete(name.toString('latin1'));
  return none(header);
}

async function rename(session: Session, asked: Of<'rename'>): Promise<Answer> {
  const { header, request, inode } = asked;
  const { flags } = request;
  if ((flags & ~(renameFlags.noReplace | renameFlags.exchange)) !== 0) throw refusal('EINVAL');
  const directory = session.nodes.inode(request.directory);
  if (directory === undefined) throw refusal('ESTALE');
  const from = { directory: inode, name: Buffer.from(request.name) };
  const to = { directory, name: Buffer.from(request.newName) };
  const noReplace = (flags & renameFlags.noReplace) !== 0;
  const exchange = (flags & renameFlags.exchange) !== 0;
  const isDone =
    isResent(header) &&
    session.fs.lookup(from.directory, from.name) === undefined &&
    session.fs.lookup(to.directory, to.name) !== undefined;
  if (!isDone) await session.fs.rename(from, to, { noReplace, exchange });
  retractLate(session, asked, inode, from.name);
  retractLate(session, asked, directory, to.name);
  inode.told?.delete(from.name.toString('latin1'));
  tell(directory, to.name, session.fs.lookup(directory, to.name));
  if (exchange) tell(inode, from.name, session.fs.lookup(inode, from.name));
  return none(header);
}

async function link(session: Session, asked: Of<'link'>): Promise<Answer> {
  const { header, request, inode, asking } = asked;
  const source = session.nodes.inode(request.source);
  if (source === undefined) throw refusal('ESTALE');
  const name = Buffer.from(request.name);
  const isDone = isResent(header) && session.fs.lookup(inode, name) === source;
  if (!isDone) await session.fs.link(source, inode, name);
  retractLate(session, asked, inode, name);
  checkInTime(asking);
  tell(inode, name, source);
  return [entryReply(header, entryOf(session, source))];
}

function open(
  session: Session,
  { header, request, inode, asking }: Of<'open'>,
): Answer | Promise<Answer> {
  const opened = session.files.open(inode, (request.flags & 3) !== 0);
  const done = (handle: Handle): Answer => [openReply(header, openedAs(handle))];
  return opened instanceof Promise
    ? opened.then((handle) => done(inTime(session, asking, handle)))
    : done(opened);
}

async function create(session: Session, asked: Of<'create'>): Promise<Answer> {
  const { header, request, inode } = asked;
  const name = Buffer.from(request.name);
  const node = { kind: 'file', mode: request.mode } as const;
  const created = await createOnce(session, asked, name, node);
  retractLate(session, asked, inode, name);
  const handle = inTime(session, asked.asking, await session.files.open(created, true));
  tell(inode, name, created);
  return [createReply(header, entryOf(session, created), openedAs(handle))];
}

async function tmpfile(session: Session, asked: Of<'tmpfile'>): Promise<Answer> {
  const { header, request } = asked;
  const node = { kind: 'file', mode: request.mode } as const;
  const created = await session.fs.createUnnamed(withOwner(session.fs, asked, node));
  const handle = inTime(session, asked.asking, await session.files.open(created, true));
  return [createReply(header, entryOf(session, created), openedAs(handle))];
}

async function opendir(session: Session, { header, inode, asking }: Asked): Promise<Answer> {
  if (inode.kind !== 'directory') throw refusal('ENOTDIR');
  const handle = inTime(session, asking, await session.files.open(inode, false, asking.signal));
  // The kernel's cache of listings is left alone: a reader that it sends on to us halfway stands in a listing
  // that we have not made, and names that went meanwhile would take others with them.
  return [openReply(header, { handle: handle.number, answers: 0 })];
}

function readdir(session: Session, { header, request, inode }: Of<'readdir'>): Answer {
  const { fs, files } = session;
  const { offset } = request;
  const plus = request.op === 'readdirplus';
  const handle = files.get(request.handle);
  const rows = handle === undefined ? fs.list(inode) : files.rows(handle, offset === 0);
  const packed = new DirectoryReply(header, { sizeMax: request.size, plus });
  const dots = [Buffer.from('.'), Buffer.from('..')];
  for (let index = offset; index < rows.length + 2; index += 1) {
    const dot = dots[index];
    const row = rows[index - 2];
    const name = dot ?? row?.name;
    if (name === undefined || !packed.fits(name.length)) break;
    if (dot !== undefined || row === undefined) {
      const kind = kindBits.directory;
      packed.add({ inode: inode.number, name, kind, next: index + 1 }, undefined);
      continue;
    }
    const found = plus ? row.inode() : undefined;
    if (found !== undefined) tell(inode, name, found);
    const entry = found && entryOf(session, found);
    const { number } = found ?? row;
    packed.add({ inode: number, name, kind: kindBits[row.kind], next: index + 1 }, entry);
  }
  return [packed.finish()];
}

/** A value, or how long it is when nobody has room for it yet. */
function sized(
  value: Buffer | Promise<Buffer>,
  header: Header,
  size: number,
): Answer | Promise<Answer> {
  const done = (bytes: Buffer): Answer => {
    if (size === 0) return [countReply(header, bytes.length)];
    if (bytes.length > size) return [errorReply(header, errnos.ERANGE)];
    return [dataHeader(header, bytes.length), bytes];
  };
  return value instanceof Promise ? value.then(done) : done(value);
}

/** The kernel counts what it is told: an answer that it does not get MUST count nothing, and open nothing. */
function checkInTime({ isOver }: Asking): void {
  if (isOver) throw refusal('ETIMEDOUT');
}

/** Whoever asked has had an error, and the kernel goes on believing what it was told of the name before. */
function retractLate(session: Session, { asking }: Asked, directory: Inode, name: Buffer): void {
  if (!asking.isOver) return;
  directory.told?.delete(name.toString('latin1'));
  session.nameChanged(directory, name);
}

function inTime(session: Session, asking: Asking, handle: Handle): Handle {
  if (asking.isOver) session.files.release(handle.number);
  checkInTime(asking);
  return handle;
}

function openedAs(handle: Handle): { handle: number; answers: number } {
  // A node number stands for one version: what is cached of it stays right.
  const answers = handle.bytes === undefined ? openAnswers.keepCache : openAnswers.directIo;
  return { handle: handle.number, answers };
}

/** What belongs to a caller; a directory with the group bit hands its group on. */
function withOwner(
  fs: FileSystem,
  { header, inode }: Asked,
  node: Made,
): Made & { readonly owner: Owner } {
  const { uid, gid } = header;
  if ((inode.mode & groupIdBit) === 0) return { ...node, owner: { uid, gid } };
  const mode = node.kind === 'directory' ? node.mode | groupIdBit : node.mode;
  return { ...node, mode, owner: { uid, gid: fs.ownerOf(inode).gid } };
}
