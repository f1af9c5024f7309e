/**
 * What Node leaves to its caller at a file: short reads and writes, the limit of buffers in one
 * vectored write, and the translation of errno.
 */
import { readSync, writevSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { VaultError, type ErrorCode } from '../../protocol/errors.ts';

/** Linux refuses more than 1024 in one call. */
const partsPerWriteMax = 1000;

/** As many bytes as fit into `buffer`; fewer only at the end of the file. */
export async function readFully(
  handle: FileHandle,
  offset: number,
  buffer: Buffer,
): Promise<Buffer> {
  const { length } = buffer;
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

/** The same at once; undefined when something is wrong, or there are fewer bytes. */
export function readFullyNow(
  descriptor: number,
  offset: number,
  buffer: Buffer,
): Buffer | undefined {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, offset) === buffer.length
      ? buffer
      : undefined;
  } catch {
    return undefined;
  }
}

/** All bytes, or it throws having written some of them. */
export async function writeFully(
  handle: FileHandle,
  offset: number,
  parts: readonly Uint8Array[],
): Promise<void> {
  const all = parts.filter((part) => part.length > 0);
  let position = offset;
  for (let at = 0; at < all.length; at += partsPerWriteMax) {
    let rest = all.slice(at, at + partsPerWriteMax);
    while (rest.length > 0) {
      const { bytesWritten } = await handle.writev(rest, position);
      if (bytesWritten === 0) throw nothingAccepted();
      position += bytesWritten;
      rest = withoutFirst(rest, bytesWritten);
    }
  }
}

/** The same at once, with its failure translated. */
export function writeFullyNow(
  file: { readonly descriptor: number; readonly path: string },
  offset: number,
  parts: readonly Uint8Array[],
): void {
  try {
    let done = 0;
    let rest = parts.filter((part) => part.length > 0);
    while (rest.length > 0) {
      const count = writevSync(file.descriptor, rest, offset + done);
      if (count === 0) throw nothingAccepted();
      done += count;
      rest = withoutFirst(rest, count);
    }
  } catch (error) {
    throw translated(error, 'file.write', file.path);
  }
}

function nothingAccepted(): VaultError {
  return new VaultError('io', { op: 'file.write', detail: 'the disk accepted no bytes' });
}

/** What is left of `parts` when their first `count` bytes are gone. */
export function withoutFirst(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left >= part.length) {
      left -= part.length;
    } else {
      rest.push(part.subarray(left));
      left = 0;
    }
  }
  return rest;
}

const codesOfErrno: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  EEXIST: 'exists',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
};

/** Runs one operation and translates its failure. */
export async function io<T>(op: string, subject: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw translated(error, op, subject);
  }
}

function translated(error: unknown, op: string, subject: string): VaultError {
  if (error instanceof VaultError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const ours = codesOfErrno[code ?? ''] ?? 'io';
  const next = ours === 'disk-full' ? 'free some space; writing goes on by itself' : undefined;
  return new VaultError(ours, { op, subject, detail: message, next, cause: error });
}
