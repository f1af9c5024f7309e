/**
 * Opens whole chunks of this disk in groups of about a MiB, in workers: what is asked for in one turn of the
 * loop goes together, so that the loop has one message for several chunks, and time for answers meanwhile.
 * The plain bytes stand in memory that goes round.
 */
import { MiB } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { knownFormat } from '../chunks/format.ts';
import type { LentBytes } from '../ports.ts';
import { ChunkOpener, type OpenParts, type SealedBody } from '../vault/chunk-opener.ts';
import { readSealed } from '../vault/chunk-source.ts';

const groupPlainBytes = 1 * MiB;

export interface OpenedChunk {
  readonly bytes: Buffer;
  /** Ids of all whose bytes stand in the same memory; one list for all of them. */
  readonly group: readonly string[];
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

  /** What is not at hand goes alone: it may have to come from another device, and no other waits for that. */
  async #fulfil(wishes: readonly Wish[]): Promise<void> {
    const found = await this.#atHand(wishes);
    const together: { readonly wish: Wish; readonly sealed: LentBytes }[] = [];
    for (const [index, wish] of wishes.entries()) {
      const sealed = found[index];
      if (sealed === undefined) void this.#fulfilAlone(wish);
      else together.push({ wish, sealed });
    }
    if (together.length === 0) return;
    try {
      const bodies = together.map(({ wish: { ref }, sealed }) => ({ ref, sealed }));
      const opened = await this.#openAll(bodies);
      for (const [index, { wish }] of together.entries()) wish.resolve(opened[index] as Opening);
    } catch {
      // One that cannot be opened is no reason for the others.
      for (const { wish } of together) void this.#fulfilAlone(wish);
    }
  }

  async #fulfilAlone({ ref, resolve, reject }: Wish): Promise<void> {
    try {
      const sealed = await readSealed(this.#parts, ref);
      const [opened] = await this.#openAll([{ ref, sealed }]);
      resolve(opened as Opening);
    } catch (error) {
      reject(error);
    }
  }

  async #atHand(wishes: readonly Wish[]): Promise<readonly (LentBytes | undefined)[]> {
    try {
      const ids = wishes.map(({ ref }) => ref.cid);
      return (await this.#parts.store.chunks.readManyLent?.(ids)) ?? [];
    } catch {
      // Whoever reads them alone hears what is wrong.
      return [];
    }
  }

  async #openAll(bodies: readonly SealedBody[]): Promise<readonly Opening[]> {
    const { plain, release } = await this.#opener.openEach(
      bodies.map((body) => ({ ...body, byTags: hasSegments(body.ref) })),
      'content',
    );
    let left = plain.length;
    const releaseOne = (): void => {
      left -= 1;
      if (left === 0) release();
    };
    const group = bodies.map(({ ref }) => ref.cid);
    return plain.map((bytes) =>
      bytes instanceof Promise
        ? bytes.then((fetched) => ({ bytes: fetched, group, release: releaseOne }))
        : { bytes, group, release: releaseOne },
    );
  }
}

/** Its segments hold its plain bytes: their tags say what its id would. */
function hasSegments({ format }: ChunkRef): boolean {
  return knownFormat(format)?.compression === 'none';
}
