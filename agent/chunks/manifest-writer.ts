/**
 * Builds the manifest of one version while its chunks are made. Each level keeps the entries of one
 * unfinished page; a page ends where the pid of its last entry says so, so that an edit changes the
 * page it falls into and the few above it, and all other pages of the two versions are the same.
 *
 * An edit in place needs no more than this class: it feeds the unchanged entries before and behind
 * the edit again, and pages that come out the same are duplicates that the store has already.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { EpochId } from '../../protocol/ids.ts';
import type { ChunkRef, Content } from '../../protocol/messages/op.ts';
import { encodePage, epochsPerPageMax, fileBytesMax, levelMax } from './manifest.ts';
import type { PageEntry } from './manifest.ts';

/** Entries of a page; chosen so that a page of chunks stands for about 150 MiB. */
export const pageEntries = { min: 64, max: 2048, boundaryMask: 0x1ff } as const;

/** Seals and stores the bytes of a page as a chunk of kind `manifest`. */
export type SealPage = (bytes: Buffer) => Promise<ChunkRef>;

export interface ManifestWriter {
  /** The next chunk of the file. One call at a time: await each. */
  add(ref: ChunkRef): Promise<void>;
  /** The file goes on with so many zeros, for which there is no chunk. */
  addHole(bytes: number): Promise<void>;
  /** Plain bytes so far. */
  readonly size: number;
  /** Ends the file. The writer is of no use afterwards. */
  finish(): Promise<ManifestContent>;
}

/** Content that is chunks; small content has a form of its own. */
export type ManifestContent = Exclude<Content, { readonly type: 'small' }>;

export function createManifestWriter(sealPage: SealPage): ManifestWriter {
  return new Writer(sealPage);
}

interface Level {
  entries: PageEntry[];
  readonly epochs: Set<EpochId>;
  /** Pages of this level that are finished. */
  pages: number;
}

class Writer implements ManifestWriter {
  readonly #sealPage: SealPage;
  readonly #levels: Level[] = [];
  #hole = 0;
  #size = 0;

  constructor(sealPage: SealPage) {
    this.#sealPage = sealPage;
  }

  get size(): number {
    return this.#size;
  }

  async add(ref: ChunkRef): Promise<void> {
    this.#grow(ref.plainLength);
    await this.#flushHole();
    await this.#push(0, { type: 'ref', ref, bytes: ref.plainLength });
  }

  addHole(bytes: number): Promise<void> {
    this.#grow(bytes);
    this.#hole += bytes;
    return Promise.resolve();
  }

  async finish(): Promise<ManifestContent> {
    await this.#flushHole();
    const size = this.#size;
    const [only] = this.#levels[0]?.entries ?? [];
    if (only === undefined && size === 0) return { type: 'empty' };
    if (only?.type === 'ref' && only.bytes === size) {
      return { type: 'chunk', size, chunk: only.ref };
    }
    return { type: 'manifest', size, manifest: await this.#root() };
  }

  #grow(bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || this.#size + bytes > fileBytesMax) {
      throw tooLarge();
    }
    this.#size += bytes;
  }

  /** Holes that touch are one entry. */
  async #flushHole(): Promise<void> {
    if (this.#hole === 0) return;
    const bytes = this.#hole;
    this.#hole = 0;
    await this.#push(0, { type: 'hole', bytes });
  }

  async #push(height: number, entry: PageEntry): Promise<void> {
    const level = this.#level(height);
    if (entry.type === 'ref') {
      if (level.epochs.size === epochsPerPageMax && !level.epochs.has(entry.ref.epoch)) {
        await this.#close(height, level);
      }
      level.epochs.add(entry.ref.epoch);
    }
    level.entries.push(entry);
    if (endsPage(level.entries)) await this.#close(height, level);
  }

  /** Seals the unfinished page of a level and enters it into the level above. */
  async #close(height: number, level: Level): Promise<void> {
    const { ref, bytes } = await this.#seal(height, level);
    await this.#push(height + 1, { type: 'ref', ref, bytes });
  }

  async #seal(height: number, level: Level): Promise<{ ref: ChunkRef; bytes: number }> {
    const { entries } = level;
    level.entries = [];
    level.epochs.clear();
    level.pages += 1;
    const ref = await this.#sealPage(encodePage(height, entries));
    return { ref, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
  }

  /** Closes level after level; the first one that has a single page in all ends with the root. */
  async #root(): Promise<ChunkRef> {
    for (let height = 0; ; height += 1) {
      const level = this.#level(height);
      const [only] = level.entries;
      if (height > 0 && level.pages === 0 && level.entries.length === 1 && only?.type === 'ref') {
        return only.ref;
      }
      if (level.pages === 0) return (await this.#seal(height, level)).ref;
      if (level.entries.length > 0) await this.#close(height, level);
    }
  }

  #level(height: number): Level {
    if (height > levelMax) throw tooLarge();
    let level = this.#levels[height];
    if (level === undefined) {
      level = { entries: [], epochs: new Set(), pages: 0 };
      this.#levels[height] = level;
    }
    return level;
  }
}

/** Decided by the entries since the page began and nothing else. */
function endsPage(entries: readonly PageEntry[]): boolean {
  if (entries.length < pageEntries.min) return false;
  if (entries.length === pageEntries.max) return true;
  const last = entries.at(-1);
  if (last?.type !== 'ref') return false;
  return (Number.parseInt(last.ref.pid.slice(0, 8), 16) & pageEntries.boundaryMask) === 0;
}

function tooLarge(): VaultError {
  return new VaultError('too-large', {
    op: 'chunks.writeManifest',
    detail: 'a file of more pieces than a manifest can list',
  });
}
