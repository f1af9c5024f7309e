/**
 * Reads the content of one source and sends it. A file that changed while it was read is given up:
 * half of one version and half of another is nothing that ever was there.
 */
import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { localError } from '../local/local-error.ts';
import { hasFingerprint } from '../../protocol/control/fingerprint.ts';
import type { SourceItem } from './source-item.ts';

export type SendBytes = (bytes: Uint8Array) => Promise<void>;

const op = 'cli.put';
/** Up to here a file is read in one go. */
const smallBytesMax = 256 * 1024;
const pieceBytes = 1024 * 1024;

/**
 * A source of bodies with buffers of its own, which are used again for every file.
 */
export interface BodyReader {
  /**
   * Sends all bytes of the item's file.
   * @throws VaultError `source-changed`, or what the system says about the file
   */
  send(item: SourceItem, send: SendBytes): Promise<void>;
  /**
   * Reads all bytes of the item's file into the start of `room`, which has one byte more. Without it
   * bodies are sent one at a time.
   * @throws like `send`
   */
  read?(item: SourceItem, room: Buffer): void;
}

/** @param signal ends the wait for standard input */
export function createBodyReader(signal?: AbortSignal): BodyReader {
  const small = Buffer.allocUnsafeSlow(smallBytesMax + 1);
  // One is filled while the other is on its way.
  let pieces: readonly [Buffer, Buffer] | undefined;
  return {
    async send(item, send) {
      if (item.file === undefined) {
        await sendStandardInput(send, signal);
        return;
      }
      const size = item.size ?? 0;
      if (size <= smallBytesMax) {
        readSmall(item.file, item, small);
        if (size > 0) await send(small.subarray(0, size));
        return;
      }
      const fd = openUnchanged(item.file, item);
      try {
        pieces ??= [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
        await sendLarge(fd, item, { buffers: pieces, send });
      } finally {
        closeSync(fd);
      }
    },
    read(item, room) {
      if (item.file !== undefined) readSmall(item.file, item, room);
    },
  };
}

/**
 * Opens the item's file, when it is still the one that was found. The caller closes it.
 * @throws VaultError `source-changed`, or what the system says about the file
 */
export function openUnchanged(file: Buffer, item: SourceItem): number {
  const fd = openFile(file);
  try {
    checkUnchanged(item, fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A pipe that has taken the file's place must not make us wait, a link not lead us elsewhere. */
function openFile(file: Buffer): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw localError(op, file, error);
  }
}

/** A file that is read in one go is looked at once, afterwards: it was the same all the time. */
function readSmall(file: Buffer, item: SourceItem, room: Buffer): void {
  const size = item.size ?? 0;
  const fd = openFile(file);
  try {
    let bytes = 0;
    // One byte more than there should be: a file that grew is noticed, and one that did not has ended.
    for (let got = -1; got !== 0 && bytes < size;) {
      got = readSync(fd, room, bytes, size + 1 - bytes, null);
      bytes += got;
    }
    if (bytes !== size) throw changed(item);
    checkUnchanged(item, fd);
  } finally {
    closeSync(fd);
  }
}

async function sendLarge(
  fd: number,
  item: SourceItem,
  io: { readonly buffers: readonly [Buffer, Buffer]; readonly send: SendBytes },
): Promise<void> {
  let [filling, sending] = io.buffers;
  let total = 0;
  let sent: Promise<void> = Promise.resolve();
  try {
    for (;;) {
      const got = await readPiece(fd, filling, item);
      await sent;
      total += got;
      if (got === 0 || total > (item.size ?? 0)) break;
      sent = io.send(filling.subarray(0, got));
      // Awaited in the next round; a failure in between is not unhandled.
      sent.catch(() => undefined);
      [filling, sending] = [sending, filling];
    }
  } finally {
    await sent;
  }
  if (total !== item.size) throw changed(item);
  checkUnchanged(item, fd);
}

function readPiece(fd: number, buffer: Buffer, item: SourceItem): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, got) => {
      if (error === null) resolve(got);
      else reject(localError(op, item.file ?? '-', error));
    });
  });
}

async function sendStandardInput(send: SendBytes, signal: AbortSignal | undefined): Promise<void> {
  const stop = (): void => {
    process.stdin.destroy();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const bytes of process.stdin as AsyncIterable<Buffer>) await send(bytes);
  } catch (error) {
    if (signal?.aborted === true) throw new VaultError('cancelled', { op, cause: error });
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  // Where the stream ends quietly when it is destroyed, its end is not the end of the content.
  if (signal?.aborted === true) throw new VaultError('cancelled', { op });
}

function checkUnchanged(item: SourceItem, fd: number): void {
  const stats = fstatSync(fd, { bigint: true });
  if (item.fingerprint === undefined || !hasFingerprint(stats, item.fingerprint)) {
    throw changed(item);
  }
}

function changed(item: SourceItem): VaultError {
  return new VaultError('source-changed', {
    op,
    subject: item.file?.toString(),
    detail: 'it is left out',
    next: 'run the command again',
  });
}
