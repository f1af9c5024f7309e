/**
 * Opens whole chunks of this disk in groups of about a MiB, in workers: what is asked for in one turn of the
 * loop goes together, so that the loop has one message for several chunks, and time for answers meanwhile.
 * The plain bytes stand in memory that goes round.
 */
import { MiB } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { knownFormat } from '../chunks/format.ts';
import { ChunkOpener, type OpenParts } from '../vault/chunk-opener.ts';
import { readAllSealed } from '../vault/read-content.ts';

const groupPlainBytes = 1 * MiB;

export interface OpenedChunk {
  readonly bytes: Buffer;
  /** Nobody looks at the bytes any more. */
  release(): void;
}

type Opening = OpenedChunk | Promise<OpenedChunk>;

interface Wish {
  readonly ref: ChunkRef;
  resolve(opened: Opening): void;
  reject(error: unknown): void;
}

export class GroupOpener {
  readonly #parts: OpenParts;
  readonly #opener: ChunkOpener;
  #wishes: Wish[] = [];
  #wishedBytes = 0;

  constructor(parts: OpenParts) {
    this.#parts = parts;
    this.#opener = new ChunkOpener(parts);
  }

  /** @throws VaultError `damaged` when no device has a good copy; `no-key`, `chunk-missing`, `timeout` */
  open(ref: ChunkRef): Promise<OpenedChunk> {
    const { promise, resolve, reject } = Promise.withResolvers<OpenedChunk>();
    this.#wishes.push({ ref, resolve, reject });
    this.#wishedBytes += ref.plainLength;
    if (this.#wishedBytes >= groupPlainBytes) this.#begin();
    else if (this.#wishes.length === 1)
      queueMicrotask(() => {
        this.#begin();
      });
    return promise;
  }

  #begin(): void {
    const wishes = this.#wishes;
    this.#wishes = [];
    this.#wishedBytes = 0;
    if (wishes.length > 0) void this.#fulfil(wishes);
  }

  async #fulfil(wishes: readonly Wish[]): Promise<void> {
    try {
      const opened = await this.#openAll(wishes.map(({ ref }) => ref));
      for (const [index, { resolve }] of wishes.entries()) resolve(opened[index] as Opening);
    } catch (error) {
      const [only] = wishes;
      if (wishes.length === 1) only?.reject(error);
      // One that cannot be read is no reason for the others.
      else for (const wish of wishes) void this.#fulfil([wish]);
    }
  }

  async #openAll(refs: readonly ChunkRef[]): Promise<readonly Opening[]> {
    const bodies = await readAllSealed(this.#parts, refs);
    const { plain, release } = await this.#opener.openEach(
      bodies.map((body) => ({ ...body, byTags: hasSegments(body.ref) })),
      'content',
    );
    let left = plain.length;
    const releaseOne = (): void => {
      left -= 1;
      if (left === 0) release();
    };
    return plain.map((bytes) =>
      bytes instanceof Promise
        ? bytes.then((fetched) => ({ bytes: fetched, release: releaseOne }))
        : { bytes, release: releaseOne },
    );
  }
}

/** Its segments hold its plain bytes: their tags say what its id would. */
function hasSegments({ format }: ChunkRef): boolean {
  return knownFormat(format)?.compression === 'none';
}
