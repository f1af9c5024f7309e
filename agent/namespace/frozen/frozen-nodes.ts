/**
 * Nodes at rest. Nearly all nodes of a large tree are files that nobody touches: they are packed, some
 * dozens in a page, off the heap. Reading unpacks one into records that nobody keeps; changing thaws
 * it: it leaves its page and is an ordinary record until the tree has settled. A page belongs to the
 * directory that lists its files, in the order of their names, so that a listing reads pages from the
 * first to the last; nodes that no directory lists have pages of their own.
 */
import type { NodeId } from '../../../protocol/ids.ts';
import { valuesOf } from '../one-or-many.ts';
import { newNode, type EntryRecord, type NodeRecord } from '../records.ts';
import { ByteSink } from './byte-sink.ts';
import { ByteSource } from './byte-source.ts';
import { IdTable } from './id-table.ts';
import { packNode, unpackNode } from './node-codec.ts';
import type { PackContext } from './pack-context.ts';
import {
  countOf,
  idAt,
  indexOfId,
  indexOfName,
  nameAt,
  nodeStart,
  rangeAt,
} from './page-format.ts';
import { PageBook, type FreshRecord } from './page-book.ts';
import { pageFor, type Page, type PageList } from './page.ts';

export interface FrozenOptions {
  /** Nodes in one page at most. */
  readonly pageNodesMax: number;
  /** For hash tables: whoever chooses ids should not know it. */
  readonly seed: number;
}

/** Where a node goes to rest: under a name in a directory, or nowhere. */
export interface RestingPlace {
  readonly owner: NodeRecord | undefined;
  readonly name: string;
}

interface Found {
  readonly page: Page;
  readonly index: number;
}

export class FrozenNodes {
  readonly #context: PackContext;
  readonly #table: IdTable;
  readonly #book: PageBook;
  readonly #sink = new ByteSink();

  constructor(context: PackContext, { pageNodesMax, seed }: FrozenOptions) {
    this.#context = context;
    this.#table = new IdTable(seed);
    this.#book = new PageBook(this.#table, pageNodesMax);
  }

  get size(): number {
    return this.#table.size;
  }

  get book(): PageBook {
    return this.#book;
  }

  has(id: NodeId): boolean {
    return this.#find(id) !== undefined;
  }

  /** The node as it rests, in records of its own that nobody may change. */
  peek(id: NodeId): NodeRecord | undefined {
    const found = this.#find(id);
    return found === undefined ? undefined : this.#unpack(found);
  }

  /** Takes the node out of its page: the caller has it from now on. */
  thaw(id: NodeId): NodeRecord | undefined {
    const found = this.#find(id);
    if (found === undefined) return undefined;
    const node = this.#unpack(found);
    this.#table.remove(this.#table.hashOf(id), found.page.number);
    this.#book.wear(found.page, found.index);
    return node;
  }

  /** Puts nodes to rest, and tidies the pages that others have left. */
  freeze(nodes: readonly { readonly node: NodeRecord; readonly place: RestingPlace }[]): void {
    const fresh = new Map<NodeRecord | undefined, FreshRecord[]>();
    for (const { node, place } of nodes) {
      const record = { name: place.name, bytes: this.#pack(node, place) };
      const list = fresh.get(place.owner);
      if (list === undefined) fresh.set(place.owner, [record]);
      else list.push(record);
    }
    this.#book.write(fresh);
  }

  hasName(directory: NodeRecord, name: string): boolean {
    return this.#findName(directory, name) !== undefined;
  }

  /** The node that rests under a name. */
  idAtName(directory: NodeRecord, name: string): NodeId | undefined {
    const found = this.#findName(directory, name);
    return found && idAt(found.page.blob, rangeAt(found.page.blob, found.index));
  }

  /** The entry of a name, like `peek`. */
  entryAtName(directory: NodeRecord, name: string): EntryRecord | undefined {
    const found = this.#findName(directory, name);
    return found && listedEntry(this.#unpack(found));
  }

  /** Names and entries of a directory, in the order of names, like `peek`. */
  *entriesOf(directory: NodeRecord): Generator<readonly [string, EntryRecord]> {
    for (const page of pagesOf(directory)) {
      for (let index = 0; index < countOf(page.blob); index += 1) {
        if (page.gone.has(index)) continue;
        const entry = listedEntry(this.#unpack({ page, index }));
        if (entry !== undefined) yield [nameAt(page.blob, rangeAt(page.blob, index)), entry];
      }
    }
  }

  /** Every node, like `peek`. */
  *all(): Generator<NodeRecord> {
    for (const page of this.#book.pages()) {
      for (let index = 0; index < countOf(page.blob); index += 1) {
        if (!page.gone.has(index)) yield this.#unpack({ page, index });
      }
    }
  }

  /** Of nodes that no directory lists. */
  *unlistedIds(): Generator<NodeId> {
    for (const page of this.#book.pages()) {
      if (page.owner !== undefined) continue;
      for (let index = 0; index < countOf(page.blob); index += 1) {
        if (!page.gone.has(index)) yield idAt(page.blob, rangeAt(page.blob, index));
      }
    }
  }

  #find(id: NodeId): Found | undefined {
    let index = -1;
    const number = this.#table.find(this.#table.hashOf(id), (candidate) => {
      const page = this.#book.page(candidate);
      index = page === undefined ? -1 : indexOfId(page.blob, id);
      return index >= 0 && page?.gone.has(index) === false;
    });
    const page = number === undefined ? undefined : this.#book.page(number);
    return page === undefined ? undefined : { page, index };
  }

  #findName(directory: NodeRecord, name: string): Found | undefined {
    const page = pageFor(pagesOf(directory), name);
    if (page === undefined) return undefined;
    const index = indexOfName(page.blob, name);
    return index < 0 || page.gone.has(index) ? undefined : { page, index };
  }

  #pack(node: NodeRecord, place: RestingPlace): Buffer {
    const sink = this.#sink;
    sink.hex(node.id);
    sink.shortText(place.name);
    packNode(sink, node, place, this.#context);
    return sink.take();
  }

  #unpack({ page, index }: Found): NodeRecord {
    const { blob, owner } = page;
    const range = rangeAt(blob, index);
    const node = newNode(idAt(blob, range));
    const source = new ByteSource(blob, nodeStart(blob, range), range.end);
    unpackNode(source, node, { owner, name: nameAt(blob, range) }, this.#context);
    return node;
  }
}

const noPages: PageList = [];

function pagesOf(directory: NodeRecord): PageList {
  return directory.directory?.pages ?? noPages;
}

/** Of a node that rests in a directory there is exactly one. */
function listedEntry(node: NodeRecord): EntryRecord | undefined {
  return valuesOf(node.entries).find(({ listed }) => listed !== undefined);
}
