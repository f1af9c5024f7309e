/**
 * Small files of a tree are read ahead of the reader, many at once: read one after the other each
 * would wait for the disk, or for another device, by itself. What is read ahead is on the call's
 * account. Nothing is held when a large file's turn comes: it reads ahead within itself.
 */
import { getAhead } from '../../protocol/limits.ts';
import type { ReadAccount } from '../store/read-budget.ts';
import type { Found } from '../vault/browse.ts';

/** What there is to send for one entry. */
export interface Ready {
  readonly found: Found;
  /** The whole content, or why there is none; undefined: it is to be read now. */
  readonly body: Body | undefined;
}

export type Body = { readonly bytes: Buffer } | { readonly error: unknown };

export interface AheadOptions {
  /** Whole content of a file. @throws why it cannot be had */
  readonly read: (found: Found) => Promise<Buffer>;
  /** Plain bytes of the content; undefined when it is no file or has none. */
  readonly sizeOf: (found: Found) => number | undefined;
  readonly account: Pick<ReadAccount, 'more' | 'giveBack'>;
}

/** The entries in their order; the bytes of one are valid until the next one is asked for. */
export async function* entriesAhead(
  entries: Iterable<Found>,
  { read, sizeOf, account }: AheadOptions,
): AsyncGenerator<Ready> {
  const source = entries[Symbol.iterator]();
  const ahead: Reading[] = [];
  let barrier: Found | undefined;
  let ended = false;
  /** Begins what may be begun; stops at a file that has to wait until all before it are gone. */
  const begin = (): void => {
    while (barrier === undefined && !ended && ahead.length < getAhead.entriesMax) {
      const { done, value: found } = source.next();
      if (done === true) {
        ended = true;
        return;
      }
      const bytes = sizeOf(found) ?? 0;
      if (bytes === 0) ahead.push({ found, body: undefined, bytes });
      else if (bytes > getAhead.fileBytesMax || !account.more(bytes)) barrier = found;
      else ahead.push({ found, body: settled(read(found)), bytes });
    }
  };
  try {
    for (;;) {
      begin();
      const first = ahead.shift();
      if (first !== undefined) {
        try {
          yield { found: first.found, body: await first.body };
        } finally {
          account.giveBack(first.bytes);
        }
      } else if (barrier !== undefined) {
        const found = barrier;
        barrier = undefined;
        yield { found, body: undefined };
      } else return;
    }
  } finally {
    for (const { body, bytes } of ahead) {
      await body;
      account.giveBack(bytes);
    }
  }
}

interface Reading {
  readonly found: Found;
  readonly body: Promise<Body> | undefined;
  readonly bytes: number;
}

/** Failing before its turn is not an unhandled rejection. */
async function settled(reading: Promise<Buffer>): Promise<Body> {
  try {
    return { bytes: await reading };
  } catch (error) {
    return { error };
  }
}
