/**
 * Paths of the vault: bytes on the wire, lists of names inside. This is the one door for names that
 * clients send; names that peers send come through the journal's own checks.
 */
import { isUtf8 } from 'node:buffer';
import { VaultError } from '../../protocol/errors.ts';
import { names } from '../../protocol/limits.ts';

export type VaultPath = readonly Buffer[];

const slash = 0x2f;
const dot = 0x2e;
const nearer = 'choose a place nearer to the root of the vault';

/**
 * Splits `bytes` at slashes. A leading slash, a trailing one and doubled ones mean nothing; `.` is
 * left out.
 * @throws VaultError `name-invalid`, `name-too-long`, `too-large`
 */
export function parsePath(bytes: Uint8Array): VaultPath {
  if (bytes.length > names.pathBytesMax) {
    throw new VaultError('too-large', {
      op: 'path.parse',
      subject: 'path',
      detail: `${String(bytes.length)} bytes, at most ${String(names.pathBytesMax)}`,
      next: nearer,
    });
  }
  const buffer = Buffer.from(bytes);
  const path: Buffer[] = [];
  let start = 0;
  for (let index = 0; index <= buffer.length; index++) {
    if (index < buffer.length && buffer[index] !== slash) continue;
    const name = buffer.subarray(start, index);
    start = index + 1;
    if (name.length === 0 || (name.length === 1 && name[0] === dot)) continue;
    checkName(name);
    path.push(name);
  }
  if (path.length > names.depthMax) {
    throw new VaultError('name-too-long', {
      op: 'path.parse',
      subject: formatPath(path.slice(0, 4)),
      detail: `${String(path.length)} levels, at most ${String(names.depthMax)}`,
      next: nearer,
    });
  }
  return path;
}

/**
 * Refuses what is no name of a file: see INTERFACE, "Names in the vault".
 * @throws VaultError `name-invalid`, `name-too-long`
 */
export function checkName(name: Buffer): void {
  if (name.length > names.nameBytesMax) {
    throw new VaultError('name-too-long', {
      op: 'path.checkName',
      subject: startOf(name),
      detail: `${String(name.length)} bytes, at most ${String(names.nameBytesMax)}`,
      next: 'choose a shorter name',
    });
  }
  if (!isOfFile(name)) {
    throw new VaultError('name-invalid', {
      op: 'path.checkName',
      subject: startOf(name),
      detail: 'empty, ".", "..", or with a NUL or a slash',
      next: 'choose another name',
    });
  }
}

/** A loop: the names of thousands of files are looked at, and each call of a Buffer costs more than this. */
function isOfFile(name: Buffer): boolean {
  let dots = 0;
  for (let index = 0; index < name.length; index++) {
    const byte = name[index];
    if (byte === 0 || byte === slash) return false;
    if (byte === dot) dots += 1;
  }
  return name.length > 2 || dots < name.length;
}

function startOf(name: Buffer): string {
  return name.subarray(0, 80).toString();
}

/** For messages: joined with slashes, from the root. */
export function formatPath(path: VaultPath): string {
  return `/${path.map((name) => name.toString()).join('/')}`;
}

/** The bytes that `parsePath` reads back. */
export function joinPath(path: VaultPath): Buffer {
  const [first] = path;
  // Most often it is one name of a large directory.
  if (first !== undefined && path.length === 1) return first;
  return Buffer.from(path.map((name) => name.toString('latin1')).join('/'), 'latin1');
}

/** A path as reports show it. */
export function reportPath(path: VaultPath): { path: string; pathBytes?: string } {
  const bytes = joinPath(path);
  const text = formatPath(path);
  return isUtf8(bytes) ? { path: text } : { path: text, pathBytes: bytes.toString('base64') };
}
