/**
 * Writes one file: into a temporary name, with mode and time, then renamed over the old one. Bytes
 * are gathered and go out in large writes, one on its way while the next is gathered.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writev,
  writevSync,
} from 'node:fs';
import { assert } from '../../protocol/assert.ts';
import { fingerprintOf } from '../../protocol/control/fingerprint.ts';
import { VaultError } from '../../protocol/errors.ts';
import { control } from '../../protocol/limits.ts';
import type { GetUp } from '../../protocol/messages/control-get.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { localError } from '../local/local-error.ts';
import { approximateSeconds } from './exact-times.ts';
import { beginTemporary, endTemporary } from './temporary.ts';

const op = 'cli.get';
const gatheredBytesMax = 1024 * 1024;
const createFlags =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const permissionBits = 0o7777;
const withoutSetId = 0o1777;

export interface FileWriter {
  write(bytes: Buffer): Promise<void>;
  /** What the agent has to know to write all of it in our place. */
  name(): GetUp;
  /** The agent has written so many bytes, and writes no more. */
  took(bytes: number): void;
  /** The file is complete: gives it its name. */
  finish(): Promise<void>;
  /** Removes what was written. Does nothing after `finish`. */
  abandon(): Promise<void>;
}

/** Where a file is written and what it becomes: two names in one directory. */
export interface FilePlaces {
  readonly temporary: Buffer;
  readonly final: Buffer;
  /** As the user knows it, for errors. */
  readonly shown: string | Buffer;
}

export function openFileWriter(places: FilePlaces, entry: Entry): FileWriter {
  const descriptor = attempt(places, () => openSync(places.temporary, createFlags, 0o600));
  beginTemporary(places.temporary);
  const gather = openGather(descriptor);
  let isOpen = true;
  let isDone = false;
  let tookBytes = 0;

  function close(): void {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  }

  return {
    write: (bytes) => attemptAsync(places, () => gather.write(bytes)),
    name: () => nameOf(descriptor),
    took(bytes) {
      tookBytes = bytes;
    },
    async finish() {
      await attemptAsync(places, () => gather.flush());
      const bytes = tookBytes > 0 ? fstatSync(descriptor).size : gather.bytes;
      if (bytes !== entry.size) throw wrongSize(places, bytes, entry.size);
      attempt(places, () => {
        const seconds = approximateSeconds(entry.mtime);
        fchmodSync(descriptor, localMode(entry.mode));
        futimesSync(descriptor, seconds, seconds);
        close();
        renameSync(places.temporary, places.final);
      });
      isDone = true;
      endTemporary(places.temporary);
    },
    async abandon() {
      if (isDone) return;
      // A write may be on its way; the descriptor must outlive it.
      await gather.settled();
      close();
      rmSync(places.temporary, { force: true });
      endTemporary(places.temporary);
    },
  };
}

/** By the path that the kernel has for it, without links; without one, where it cannot be said. */
function nameOf(descriptor: number): GetUp {
  const fingerprint = fingerprintOf(fstatSync(descriptor, { bigint: true }));
  try {
    const path = readlinkSync(`/proc/self/fd/${String(descriptor)}`, 'buffer');
    return { localPath: path.length <= control.localPathBytesMax ? path : undefined, fingerprint };
  } catch {
    return { localPath: undefined, fingerprint };
  }
}

/** Makes a symbolic link in place of whatever file has the name. */
export function writeSymlink(places: FilePlaces, entry: Entry): void {
  assert(entry.target !== undefined);
  const target = entry.target;
  attempt(places, () => {
    symlinkSync(target, places.temporary);
  });
  beginTemporary(places.temporary);
  attempt(places, () => {
    renameSync(places.temporary, places.final);
  });
  endTemporary(places.temporary);
}

/**
 * The permission bits that a file gets here. For root, a file that runs as its owner would run as
 * root, whoever stored it: these two bits are left out.
 */
export function localMode(mode: number): number {
  return mode & (process.getuid?.() === 0 ? withoutSetId : permissionBits);
}

export interface Gather {
  readonly bytes: number;
  write(bytes: Buffer): Promise<void>;
  flush(): Promise<void>;
  /** Resolves when no write is on its way, failed or not. */
  settled(): Promise<void>;
}

/** Collects small pieces into large writes to a descriptor. */
export function openGather(descriptor: number): Gather {
  let pieces: Buffer[] = [];
  let gatheredBytes = 0;
  let bytes = 0;
  let running: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    await running;
    const batch = pieces;
    pieces = [];
    gatheredBytes = 0;
    running = writeAll(descriptor, batch);
    // The failure is seen by the next `await running`.
    running.catch(() => undefined);
  }

  return {
    get bytes() {
      return bytes;
    },
    async write(piece) {
      pieces.push(piece);
      bytes += piece.length;
      gatheredBytes += piece.length;
      if (gatheredBytes >= gatheredBytesMax) await start();
    },
    async flush() {
      // Small content that is here as a whole goes faster without a trip to the thread pool.
      if (gatheredBytes === bytes) writeAllNow(descriptor, pieces);
      else if (pieces.length > 0) await start();
      await running;
    },
    settled: () => running.catch(() => undefined),
  };
}

/** Writes everything, however short single writes turn out on a full disk or a pipe. */
async function writeAll(descriptor: number, pieces: readonly Buffer[]): Promise<void> {
  let left = withoutFirst(pieces, 0);
  while (left.length > 0) {
    const written = await writeSome(descriptor, left);
    left = withoutFirst(left, written);
  }
}

function writeAllNow(descriptor: number, pieces: readonly Buffer[]): void {
  let left = withoutFirst(pieces, 0);
  while (left.length > 0) left = withoutFirst(left, writevSync(descriptor, left));
}

function writeSome(descriptor: number, pieces: readonly Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(descriptor, pieces, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

/** What is left of the pieces after the first `count` bytes. */
export function withoutFirst(pieces: readonly Buffer[], count: number): readonly Buffer[] {
  let skip = count;
  for (const [index, piece] of pieces.entries()) {
    if (skip < piece.length) return [piece.subarray(skip), ...pieces.slice(index + 1)];
    skip -= piece.length;
  }
  return [];
}

function wrongSize(places: FilePlaces, got: number, wanted: number): VaultError {
  return new VaultError('damaged', {
    op,
    subject: places.shown.toString(),
    detail: `${String(got)} bytes came instead of ${String(wanted)}`,
    next: 'run the command again; vault doctor says whether something is wrong here',
  });
}

function attempt<T>(places: FilePlaces, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw localError(op, places.shown, error);
  }
}

async function attemptAsync(places: FilePlaces, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw localError(op, places.shown, error);
  }
}
