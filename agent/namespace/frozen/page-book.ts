/**
 * The pages of all directories: writes records into them, splits what has become too large, joins what
 * has become too small, and keeps the id table and the list of changed pages true.
 */
import type { NodeRecord } from '../records.ts';
import type { IdTable } from './id-table.ts';
import { buildPage, countOf, nameAt, rangeAt, recordAt } from './page-format.ts';
import { pageFor, type Page, type PageList } from './page.ts';

/** A packed record on its way into a page. */
export interface FreshRecord {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A record of a page that is being written again. */
interface PageRecord extends FreshRecord {
  /** The page that the id table says; undefined for a fresh one. */
  readonly from: Page | undefined;
}

export class PageBook {
  readonly #table: IdTable;
  readonly #recordsMax: number;
  readonly #pages = new Map<number, Page>();
  /** Of nodes that no directory lists. */
  readonly #unlisted: PageList = [];
  readonly #worn = new Set<Page>();
  #next = 0;
  /** Since somebody took them. */
  #changed = new Set<Page>();
  #removed: Pick<Page, 'number' | 'savedIn'>[] = [];

  constructor(table: IdTable, recordsMax: number) {
    this.#table = table;
    this.#recordsMax = recordsMax;
  }

  page(number: number): Page | undefined {
    return this.#pages.get(number);
  }

  pages(): Iterable<Page> {
    return this.#pages.values();
  }

  get count(): number {
    return this.#pages.size;
  }

  /** Pages to save, and numbers of saved pages to remove; they are the caller's business now. */
  takeChanges(): {
    readonly changed: readonly Page[];
    readonly removed: readonly Pick<Page, 'number' | 'savedIn'>[];
  } {
    const changes = { changed: [...this.#changed], removed: this.#removed };
    this.#changed = new Set();
    this.#removed = [];
    return changes;
  }

  /** Nothing of it is saved any more. */
  forgetSaved(): void {
    for (const page of this.#pages.values()) page.savedIn = 0;
    this.#changed = new Set(this.#pages.values());
    this.#removed = [];
  }

  get changedCount(): number {
    return this.#changed.size + this.#removed.length;
  }

  /** A record was taken out; `write` removes it. */
  wear(page: Page, index: number): void {
    page.gone.add(index);
    this.#worn.add(page);
  }

  /** Writes fresh records, by the directory that they belong to, and every page that is worn. */
  write(fresh: ReadonlyMap<NodeRecord | undefined, FreshRecord[]>): void {
    const work = new Map<Page, FreshRecord[]>();
    for (const page of this.#worn) work.set(page, []);
    this.#worn.clear();
    for (const [owner, records] of fresh) this.#assign(work, owner, records.sort(compareNames));
    for (const [page, records] of work) this.#rewrite(page, records);
  }

  /** Puts back a page that was saved; `finishRestore` puts them in order. */
  restore(page: Page): void {
    this.#pages.set(page.number, page);
    this.#next = Math.max(this.#next, page.number + 1);
    this.#listOf(page.owner).push(page);
    for (let index = 0; index < countOf(page.blob); index += 1) {
      const { start } = rangeAt(page.blob, index);
      this.#table.add(this.#table.hashOfBytes(page.blob, start), page.number);
    }
  }

  finishRestore(): void {
    const lists = new Set([...this.#pages.values()].map(({ owner }) => this.#listOf(owner)));
    for (const list of lists) list.sort(comparePages);
  }

  #assign(
    work: Map<Page, FreshRecord[]>,
    owner: NodeRecord | undefined,
    records: readonly FreshRecord[],
  ): void {
    const list = this.#listOf(owner);
    if (list.length === 0) {
      this.#fill(owner, 0, records.map(freshRecord));
      return;
    }
    for (const record of records) {
      const page = pageFor(list, record.name);
      const assigned = page === undefined ? undefined : work.get(page);
      if (assigned !== undefined) assigned.push(record);
      else if (page !== undefined) work.set(page, [record]);
    }
  }

  #rewrite(page: Page, fresh: readonly FreshRecord[]): void {
    const list = this.#listOf(page.owner);
    const at = list.indexOf(page);
    const before = at > 0 ? list[at - 1] : undefined;
    const left = this.#leftIn(page);
    const records = merged(left, fresh);
    if (records.length === 0) {
      this.#remove(page);
    } else if (before !== undefined && this.#joins(before, records.length)) {
      this.#remove(page);
      this.#put(before, [...this.#leftIn(before), ...records]);
    } else if (records.length <= this.#recordsMax) {
      this.#put(page, records);
    } else {
      // Names that only grow fill pages to the brim; others leave room for what comes between.
      const last = left.at(-1)?.name;
      const grows = last !== undefined && fresh.every(({ name }) => name >= last);
      const size = grows ? this.#recordsMax : this.#evenSize(records.length);
      this.#put(page, records.slice(0, size));
      this.#fill(page.owner, at + 1, records.slice(size), size);
    }
  }

  #joins(before: Page, records: number): boolean {
    return (
      records <= this.#recordsMax / 4 && countOf(before.blob) + records <= this.#recordsMax / 2
    );
  }

  #evenSize(records: number): number {
    return Math.ceil(records / Math.ceil((records * 4) / (this.#recordsMax * 3)));
  }

  /** New pages for records in order, from a place in the directory's list on. */
  #fill(
    owner: NodeRecord | undefined,
    at: number,
    records: readonly PageRecord[],
    size = this.#recordsMax,
  ): void {
    const pages: Page[] = [];
    for (let start = 0; start < records.length; start += size) {
      const page: Page = {
        number: this.#next++,
        owner,
        blob: Buffer.alloc(0),
        gone: new Set(),
        savedIn: 0,
      };
      this.#pages.set(page.number, page);
      pages.push(page);
      this.#put(page, records.slice(start, start + size));
    }
    this.#listOf(owner).splice(at, 0, ...pages);
  }

  #put(page: Page, records: readonly PageRecord[]): void {
    page.blob = buildPage(records.map(({ bytes }) => bytes));
    page.gone.clear();
    this.#changed.add(page);
    for (const { bytes, from } of records) {
      if (from === page) continue;
      const hash = this.#table.hashOfBytes(bytes, 0);
      if (from === undefined) this.#table.add(hash, page.number);
      else this.#table.move(hash, from.number, page.number);
    }
  }

  #remove(page: Page): void {
    const list = this.#listOf(page.owner);
    list.splice(list.indexOf(page), 1);
    this.#pages.delete(page.number);
    this.#changed.delete(page);
    if (page.savedIn > 0) this.#removed.push(page);
  }

  #leftIn(page: Page): PageRecord[] {
    const left: PageRecord[] = [];
    for (let index = 0; index < countOf(page.blob); index += 1) {
      if (page.gone.has(index)) continue;
      const name = nameAt(page.blob, rangeAt(page.blob, index));
      left.push({ name, bytes: recordAt(page.blob, index), from: page });
    }
    return left;
  }

  #listOf(owner: NodeRecord | undefined): PageList {
    if (owner?.directory === undefined) return this.#unlisted;
    return (owner.directory.pages ??= []);
  }
}

function freshRecord(record: FreshRecord): PageRecord {
  return { ...record, from: undefined };
}

/** Pages of nodes that have no name stay in the order of their numbers. */
function comparePages(a: Page, b: Page): number {
  const [first, second] = [firstNameOf(a), firstNameOf(b)];
  if (first === second) return a.number - b.number;
  return first < second ? -1 : 1;
}

function firstNameOf({ blob }: Page): string {
  return nameAt(blob, rangeAt(blob, 0));
}

function compareNames(a: FreshRecord, b: FreshRecord): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** Both are in order; of equal names what is there comes first. */
function merged(left: readonly PageRecord[], fresh: readonly FreshRecord[]): PageRecord[] {
  const records: PageRecord[] = [];
  let at = 0;
  for (const record of fresh) {
    for (let next = left[at]; next !== undefined && next.name <= record.name; next = left[at]) {
      records.push(next);
      at += 1;
    }
    records.push(freshRecord(record));
  }
  for (const record of left.slice(at)) records.push(record);
  return records;
}
