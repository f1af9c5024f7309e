/**
 * One file while its chunks are made: gathers the references, and says what the file became. Nearly all
 * files are one chunk or one small record: those cost no manifest and no promise.
 */
import type { ChunkRef, Content, NamedChunk } from '../../protocol/messages/op.ts';
import type { ManifestWriter } from '../chunks/manifest-writer.ts';
import type { SmallRecord } from '../store/store.ts';

export interface IngestedChunks {
  readonly added: readonly NamedChunk[];
  readonly reused: readonly NamedChunk[];
}

export interface IngestedFile extends IngestedChunks {
  readonly content: Content;
  /** What a small file became in place of chunks. */
  readonly small?: SmallRecord | undefined;
}

/** Hears of a file: exactly one of the two, once. */
export interface FileSettler {
  resolve(file: IngestedFile): void;
  reject(error: unknown): void;
}

export interface FileBuildOptions {
  readonly settle: FileSettler;
  /** It is written from its first byte to its last: a small one becomes a small record. */
  readonly whole: boolean;
  /** Makes a manifest that says which chunks its pages became. */
  readonly createManifest: (file: FileBuild) => ManifestWriter;
}

export class FileBuild {
  readonly whole: boolean;
  /** Written so far. */
  bytes = 0;
  /** Since they were last announced. */
  added: NamedChunk[] = [];
  reused: NamedChunk[] = [];
  /** Until it has heard. */
  #settle: FileSettler | undefined;
  readonly #createManifest: FileBuildOptions['createManifest'];
  #manifest: ManifestWriter | undefined;
  /** The one reference of a file without a manifest. */
  #only: ChunkRef | undefined;
  #small: { readonly content: Content; readonly record: SmallRecord } | undefined;

  constructor({ settle, whole, createManifest }: FileBuildOptions) {
    this.#settle = settle;
    this.whole = whole;
    this.#createManifest = createManifest;
  }

  /** Takes all references from now on. @param manifest in place of one of its own */
  useManifest(manifest = this.#createManifest(this)): ManifestWriter {
    this.#manifest = manifest;
    return manifest;
  }

  /** The next chunk. Gives a promise only when there are several. */
  add(ref: ChunkRef): Promise<void> | undefined {
    if (this.#manifest !== undefined) return this.#manifest.add(ref);
    const first = this.#only;
    if (first === undefined) {
      this.#only = ref;
      return undefined;
    }
    const manifest = this.useManifest();
    return manifest.add(first).then(() => manifest.add(ref));
  }

  becomeSmall(content: Content, record: SmallRecord): void {
    this.#small = { content, record };
  }

  /** Tells who waits for it. Gives a promise only when there is a manifest. */
  complete(): Promise<void> | undefined {
    if (this.#manifest === undefined) {
      this.#tell(this.#simpleContent(), this.#small?.record);
      return undefined;
    }
    return this.#manifest.finish().then((content) => {
      this.#tell(content);
    });
  }

  /** Nobody hears of it any more. @returns false when somebody has */
  abandon(): boolean {
    const isOpen = this.#settle !== undefined;
    this.#settle = undefined;
    return isOpen;
  }

  /** One of its slabs could not be stored. */
  fail(error: unknown): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.reject(error);
  }

  #simpleContent(): Content {
    const only = this.#only;
    if (only !== undefined) return { type: 'chunk', size: only.plainLength, chunk: only };
    return this.#small?.content ?? { type: 'empty' };
  }

  #tell(content: Content, small?: SmallRecord): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve({ content, added: this.added, reused: this.reused, small });
  }
}
