/**
 * Finds the chunks of a version through its manifest, page by page as they are needed. Whoever wrote
 * the manifest may be hostile: each page is checked by itself and against the entry that names it, and
 * levels go down by one, so that no page can stand above itself.
 */
import assert from 'node:assert/strict';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { decodePage } from './manifest.ts';
import type { PageEntry } from './manifest.ts';
import type { ManifestContent } from './manifest-writer.ts';
import { malformed } from './page-cursor.ts';
import { SizedCache } from './sized-cache.ts';

/** Fetches and opens a chunk of kind `manifest`. */
export type LoadPage = (ref: ChunkRef) => Promise<Buffer>;

/** A stretch of the file: all bytes of one chunk, or a run of zeros. */
export interface ManifestSpan {
  /** Offset in the file. */
  readonly start: number;
  readonly bytes: number;
  /** undefined: a hole. */
  readonly chunk: ChunkRef | undefined;
}

export interface ManifestReference {
  readonly kind: 'page' | 'chunk';
  readonly ref: ChunkRef;
}

export interface ManifestReader {
  readonly size: number;
  /**
   * The span that holds the byte at `offset`, which lies inside the file, and where in the span.
   * @throws VaultError `malformed`, and what `loadPage` throws
   */
  at(offset: number): Promise<ManifestSpan & { readonly chunkOffset: number }>;
  /** The spans that a range touches, in order; the first and the last may reach beyond it. */
  range(offset: number, length: number): AsyncIterable<ManifestSpan>;
  /** The same at once; undefined when a page has to be loaded for it. @throws VaultError `malformed` */
  rangeNow(offset: number, length: number): readonly ManifestSpan[] | undefined;
  all(): AsyncIterable<ManifestSpan>;
  /**
   * Everything that this version keeps alive: a page comes before what it names.
   * @param skip gives true for a page whose references the caller has already
   */
  references(skip?: (page: ChunkRef) => boolean): AsyncIterable<ManifestReference>;
}

/** Decoded pages, by cid. */
export type KeptPages = SizedCache<string, LoadedPage>;

/** Enough for whoever reads on: a path from the root, and what comes next. */
const entriesKept = 8 * 1024;

/** @param entriesMax so many references are kept, of 300 bytes or so each; the latest page in any case */
export function keptPages(entriesMax: number): KeptPages {
  return new SizedCache(entriesMax);
}

/** @param pages may be shared by readers of many contents @default pages of its own, a few */
export function openManifest(
  content: ManifestContent,
  loadPage: LoadPage,
  pages: KeptPages = keptPages(entriesKept),
): ManifestReader {
  return new Reader(content, loadPage, pages);
}

interface LoadedPage {
  readonly level: number;
  readonly bytes: number;
  readonly entries: readonly PageEntry[];
  /** Where each entry starts, counted from the start of the page. */
  readonly starts: Float64Array;
}

/** What the entry above says about a page; nothing says the level of the root. */
interface Expected {
  readonly ref: ChunkRef;
  readonly bytes: number;
  readonly level: number | undefined;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

class Reader implements ManifestReader {
  readonly size: number;
  readonly #content: ManifestContent;
  readonly #loadPage: LoadPage;
  readonly #pages: KeptPages;

  constructor(content: ManifestContent, loadPage: LoadPage, pages: KeptPages) {
    this.size = content.type === 'empty' ? 0 : content.size;
    this.#content = content;
    this.#loadPage = loadPage;
    this.#pages = pages;
  }

  async at(offset: number): Promise<ManifestSpan & { readonly chunkOffset: number }> {
    assert(offset >= 0 && offset < this.size);
    let page = await this.#root();
    let start = 0;
    for (;;) {
      const index = indexAt(page, offset - start);
      const entry = page.entries[index];
      assert(entry !== undefined);
      start += page.starts[index] ?? 0;
      if (page.level === 0) return { ...spanOf(entry, start), chunkOffset: offset - start };
      page = await this.#child(page.level, entry);
    }
  }

  async *range(offset: number, length: number): AsyncIterable<ManifestSpan> {
    assert(offset >= 0 && length >= 0);
    const range = { from: offset, to: Math.min(offset + length, this.size) };
    if (range.from < range.to) yield* this.#spans(await this.#root(), 0, range);
  }

  rangeNow(offset: number, length: number): readonly ManifestSpan[] | undefined {
    const range = { from: offset, to: Math.min(offset + length, this.size) };
    if (range.from >= range.to) return [];
    const content = this.#content;
    const root =
      content.type === 'manifest' ? this.#kept(expectedRoot(content)) : this.#singlePage();
    const found: ManifestSpan[] = [];
    return root !== undefined && this.#collect(root, { base: 0, range, found }) ? found : undefined;
  }

  all(): AsyncIterable<ManifestSpan> {
    return this.range(0, this.size);
  }

  async *references(
    skip: (page: ChunkRef) => boolean = () => false,
  ): AsyncIterable<ManifestReference> {
    if (this.#content.type === 'chunk') yield { kind: 'chunk', ref: this.#content.chunk };
    if (this.#content.type !== 'manifest') return;
    const ref = this.#content.manifest;
    yield { kind: 'page', ref };
    if (!skip(ref)) yield* this.#below(await this.#root(), skip);
  }

  async *#spans(page: LoadedPage, base: number, range: Range): AsyncIterable<ManifestSpan> {
    for (let i = indexAt(page, Math.max(0, range.from - base)); i < page.entries.length; i += 1) {
      const entry = page.entries[i];
      const start = base + (page.starts[i] ?? 0);
      if (entry === undefined || start >= range.to) return;
      if (page.level === 0) yield spanOf(entry, start);
      else yield* this.#spans(await this.#child(page.level, entry), start, range);
    }
  }

  /** @returns whether all pages were there */
  #collect(
    page: LoadedPage,
    into: { readonly base: number; readonly range: Range; readonly found: ManifestSpan[] },
  ): boolean {
    const { base, range, found } = into;
    for (let i = indexAt(page, Math.max(0, range.from - base)); i < page.entries.length; i += 1) {
      const entry = page.entries[i];
      const start = base + (page.starts[i] ?? 0);
      if (entry === undefined || start >= range.to) return true;
      if (page.level === 0) {
        found.push(spanOf(entry, start));
        continue;
      }
      const child = this.#kept(expectedChild(page.level, entry));
      if (child === undefined || !this.#collect(child, { base: start, range, found })) return false;
    }
    return true;
  }

  async *#below(
    page: LoadedPage,
    skip: (page: ChunkRef) => boolean,
  ): AsyncIterable<ManifestReference> {
    for (const entry of page.entries) {
      if (entry.type === 'hole') continue;
      const { ref } = entry;
      yield { kind: page.level === 0 ? 'chunk' : 'page', ref };
      if (page.level > 0 && !skip(ref)) {
        yield* this.#below(await this.#child(page.level, entry), skip);
      }
    }
  }

  async #root(): Promise<LoadedPage> {
    const content = this.#content;
    return content.type === 'manifest' ? this.#page(expectedRoot(content)) : this.#singlePage();
  }

  #singlePage(): LoadedPage {
    const content = this.#content;
    assert(content.type === 'chunk');
    if (content.chunk.plainLength !== content.size)
      throw malformed('a chunk is not the whole file');
    const entries: PageEntry[] = [{ type: 'ref', ref: content.chunk, bytes: content.size }];
    return { level: 0, bytes: content.size, entries, starts: new Float64Array(1) };
  }

  #child(level: number, entry: PageEntry): Promise<LoadedPage> {
    return this.#page(expectedChild(level, entry));
  }

  async #page(expected: Expected): Promise<LoadedPage> {
    const kept = this.#kept(expected);
    if (kept !== undefined) return kept;
    const page = await this.#load(expected.ref);
    this.#pages.set(expected.ref.cid, page, page.entries.length);
    return asExpected(page, expected);
  }

  #kept(expected: Expected): LoadedPage | undefined {
    const page = this.#pages.get(expected.ref.cid);
    return page && asExpected(page, expected);
  }

  async #load(ref: ChunkRef): Promise<LoadedPage> {
    const bytes = await this.#loadPage(ref);
    if (bytes.length !== ref.plainLength) throw malformed('its length is not the one named');
    const page = decodePage(bytes);
    const starts = new Float64Array(page.entries.length);
    let start = 0;
    for (const [index, entry] of page.entries.entries()) {
      starts[index] = start;
      start += entry.bytes;
    }
    return { ...page, starts };
  }
}

function asExpected(page: LoadedPage, { bytes, level }: Expected): LoadedPage {
  if (page.bytes !== bytes) throw malformed('it stands for another length');
  if (level !== undefined && page.level !== level) throw malformed('it stands at a wrong level');
  return page;
}

function expectedRoot(content: Extract<ManifestContent, { type: 'manifest' }>): Expected {
  return { ref: content.manifest, bytes: content.size, level: undefined };
}

function expectedChild(level: number, entry: PageEntry): Expected {
  assert(entry.type === 'ref');
  return { ref: entry.ref, bytes: entry.bytes, level: level - 1 };
}

function spanOf(entry: PageEntry, start: number): ManifestSpan {
  return { start, bytes: entry.bytes, chunk: entry.type === 'ref' ? entry.ref : undefined };
}

/** The entry that holds the byte at `offset` of the page. */
function indexAt({ starts }: LoadedPage, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
