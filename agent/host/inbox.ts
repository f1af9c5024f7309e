/**
 * What a socket has brought and nobody has taken yet. Beyond a few hundred KiB of memory the socket is paused,
 * and the kernel's window slows the sender down.
 */
import type { Socket } from 'node:net';
import { KiB } from '../../protocol/limits.ts';

const heldBytesMax = 512 * KiB;

export type Source = Pick<
  Socket,
  'pause' | 'resume' | 'isPaused' | 'destroyed' | 'readableEnded' | 'once'
>;

export interface Inbox {
  /**
   * A piece came in.
   * @param heldBytes of memory that stays for it @default those of the piece
   */
  put(piece: Buffer, heldBytes?: number): void;
  /** The next piece; undefined at the end. */
  take(): Promise<Buffer | undefined>;
  /** Whom to hold back, and whose end to notice. */
  attach(source: Source): void;
}

export function createInbox(): Inbox {
  const pieces: { readonly piece: Buffer; readonly heldBytes: number }[] = [];
  let heldBytesNow = 0;
  let source: Source | undefined;
  let ended = false;
  let waiting: ((piece: Buffer | undefined) => void) | undefined;
  const give = (piece: Buffer | undefined): boolean => {
    const taker = waiting;
    waiting = undefined;
    taker?.(piece);
    return taker !== undefined;
  };
  const onEnd = (): void => {
    ended = true;
    give(undefined);
  };
  return {
    put(piece, heldBytes = piece.length) {
      if (give(piece)) return;
      pieces.push({ piece, heldBytes });
      heldBytesNow += heldBytes;
      if (heldBytesNow > heldBytesMax) source?.pause();
    },
    attach(socket) {
      source = socket;
      ended = socket.destroyed || socket.readableEnded;
      socket.once('end', onEnd);
      socket.once('close', onEnd);
    },
    take() {
      const first = pieces.shift();
      if (first !== undefined) {
        heldBytesNow -= first.heldBytes;
        if (heldBytesNow <= heldBytesMax / 2 && source?.isPaused() === true) source.resume();
        return Promise.resolve(first.piece);
      }
      if (ended) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
  };
}
