/**
 * One `put`: items are offered, the needed ones are streamed, each becomes visible whole or not at
 * all. The session decides what to do with an item; `Ingest` does the bytes, the `Publisher` the
 * journal. Parents are offered before their children, and a child's operation asks for its parent's
 * node only when its turn has come, so that nothing waits for a sync in between. An item that is
 * refused for a reason of its own is left out and named; what concerns all of them ends the put.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { PutBodies } from '../../protocol/messages/control-put.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import { concernsOneItem } from '../../protocol/reach.ts';
import { sameAttributes } from '../namespace/author.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock, Random } from '../ports.ts';
import type { Ingest } from './ingest.ts';
import {
  ItemPublisher,
  type FileToPublish,
  type HearsOfFiles,
  type OfferedItem,
} from './item-publisher.ts';
import { Outstanding } from './outstanding.ts';
import { fromIngest, wouldChange } from './put-item.ts';
import { formatPath } from './path.ts';
import type { Publisher } from './publisher.ts';
import { publishResolution } from './resolve.ts';
import type { SourcePrints } from './source-prints.ts';
import { formatVersion } from './version-id.ts';

export interface PutTotals {
  files: number;
  directories: number;
  symlinks: number;
  skipped: number;
  bytes: number;
  storedBytes: number;
  chunksNew: number;
  chunksReused: number;
  version: string;
}

export interface PutSessionParts {
  readonly tree: Tree;
  readonly publisher: Publisher;
  readonly ingest: Ingest;
  readonly prints: SourcePrints;
  readonly random: Random;
  readonly clock: Clock;
}

export interface PutSessionOptions {
  /** Make missing directories above an item. */
  readonly parents: boolean;
  /** Read files even if size and times are unchanged. */
  readonly checksum: boolean;
  /** Versions in conflict that the one file of this put takes the place of, hex of their ids. */
  readonly resolves?: readonly string[] | undefined;
  /** Store nothing, and say of every item whether it would be stored. */
  readonly dryRun?: boolean | undefined;
}

/** An item that is not stored, by its number in the order of the offers. */
export interface FailedItem {
  readonly item: number;
  readonly error: VaultError;
}

/** So many operations may wait for their sync before the session asks the client to wait. */
const outstandingMax = 4096;

/** A file whose bytes are coming. */
interface OpenBody {
  readonly item: OfferedItem;
  readonly number: number;
  /** Still to come; undefined: until it ends. */
  leftBytes: number | undefined;
}

export class PutSession {
  readonly totals: PutTotals = {
    files: 0,
    directories: 0,
    symlinks: 0,
    skipped: 0,
    bytes: 0,
    storedBytes: 0,
    chunksNew: 0,
    chunksReused: 0,
    version: '',
  };
  /** Items that are durable, and their bytes; for progress. */
  readonly durable = { items: 0, bytes: 0 };
  readonly #parts: PutSessionParts;
  readonly #options: PutSessionOptions;
  readonly #items: ItemPublisher;
  /** Items on their way into the journal. */
  readonly #outstanding = new Outstanding();
  #needed = new Map<number, OfferedItem>();
  #nextItem = 0;
  #body: OpenBody | undefined;
  /** Whole bodies that come right behind `#body`, the next one last. */
  #following: OpenBody[] = [];
  /** Files whose content is stored; they are published together. */
  #stored: FileToPublish[] = [];
  /** Of the last file. */
  #latest: OpId | undefined;
  #failed: FailedItem[] = [];
  #failure: { error: unknown } | undefined;

  constructor(parts: PutSessionParts, options: PutSessionOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#items = new ItemPublisher(parts, options);
  }

  /**
   * Takes an offer. Directories and symlinks are stored at once.
   * @param items an error stands for an item that could not be understood
   * @returns per item whether its body is needed
   */
  async offer(items: readonly (OfferedItem | VaultError)[]): Promise<readonly boolean[]> {
    this.#throwIfFailed();
    const needs = items.map((item) => this.#take(item, this.#nextItem++));
    await this.#limitOutstanding();
    return needs;
  }

  /** The bytes of a needed item follow, until `end`. */
  begin(item: number): void {
    this.#open(this.#takeNeeded(item, undefined));
  }

  /** Whole bodies of needed items follow, one right behind the other. They end by themselves. */
  async beginWhole({ items, lengths }: PutBodies): Promise<void> {
    this.#throwIfFailed();
    const bodies = items.map((item, index) => this.#takeNeeded(item, lengths[index] ?? 0));
    this.#following = bodies.reverse();
    await this.#openNext();
  }

  /** The next bytes of what has begun. Waits while the pipeline is full. */
  async data(bytes: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    for (let rest = bytes; rest.length > 0;) {
      const body = this.#openBody();
      const part = body.leftBytes === undefined ? rest : rest.subarray(0, body.leftBytes);
      rest = rest.subarray(part.length);
      // Most files are small and find room: they go on in the same turn.
      const full = this.#parts.ingest.write(part);
      if (full !== undefined) await full;
      if (body.leftBytes === undefined) continue;
      body.leftBytes -= part.length;
      if (body.leftBytes > 0) continue;
      await this.#close();
      await this.#openNext();
    }
  }

  /** A needed item whose body has not begun. */
  needed(item: number): OfferedItem | undefined {
    return this.#needed.get(item);
  }

  /**
   * Like `data`, for bytes that `read` puts at the start of the room that it is given.
   * @returns how many, as `read` says
   */
  async fill(read: (room: Uint8Array) => Promise<number>): Promise<number> {
    this.#throwIfFailed();
    this.#openBody();
    return this.#parts.ingest.fill(read);
  }

  /** The item is complete, or the client gives it up. */
  async end(aborted: boolean): Promise<void> {
    this.#throwIfFailed();
    if (this.#openBody().leftBytes !== undefined) throw unexpected('put.end', 'bytes are missing');
    if (aborted) this.#abandon();
    else await this.#close();
    await this.#limitOutstanding();
  }

  /** Whether items turned out not to be stored that nobody has taken yet. */
  get hasFailed(): boolean {
    return this.#failed.length > 0;
  }

  /** Those items. */
  takeFailed(): readonly FailedItem[] {
    return this.#failed.splice(0);
  }

  /** Waits until everything is durable that can be. @throws the first failure that concerns all items */
  async finish(): Promise<PutTotals> {
    if (this.#body !== undefined) {
      throw unexpected('put.finish', 'its body did not end', formatPath(this.#body.item.path));
    }
    this.#parts.ingest.flush();
    this.#items.hurry();
    await this.#outstanding.atMost(0);
    this.#throwIfFailed();
    const { chunksNew, chunksReused, storedBytes } = this.#parts.ingest.totals;
    Object.assign(this.totals, { chunksNew, chunksReused });
    this.totals.storedBytes += storedBytes;
    if (this.#latest !== undefined) this.totals.version = formatVersion(this.#latest);
    return this.totals;
  }

  /** The client is gone: what is incomplete never becomes visible. */
  async abort(): Promise<void> {
    this.#following = [];
    if (this.#body !== undefined) this.#abandon();
    this.#parts.ingest.flush();
    await this.#outstanding.atMost(0);
  }

  #take(item: OfferedItem | VaultError, number: number): boolean {
    const refused = item instanceof VaultError ? item : this.#items.refusedAbove(item.path);
    if (item instanceof VaultError || refused !== undefined) {
      this.#fail(number, refused);
      return false;
    }
    if (this.#options.dryRun === true)
      return wouldChange(this.#parts.tree, item, () => this.#isUnchanged(item));
    switch (item.kind) {
      case 'directory':
        this.#track(this.#publishDirectory(item), number);
        return false;
      case 'symlink':
        this.#track(this.#publishSymlink(item), number);
        return false;
      case 'file':
        if (this.#isUnchanged(item)) {
          this.totals.skipped++;
          return false;
        }
        this.#needed.set(number, item);
        return true;
    }
  }

  #isUnchanged(item: OfferedItem): boolean {
    if (this.#options.checksum) return false;
    const shown = this.#parts.tree.resolve(item.path);
    if (shown?.version === undefined) return false;
    if (shown.version.content.type !== 'empty' && shown.version.content.size !== item.size)
      return false;
    if (!sameAttributes(shown.node, { mode: item.mode, mtime: item.mtime })) return false;
    return this.#parts.prints.matches(shown.version.op, item.fingerprint);
  }

  #takeNeeded(item: number, length: number | undefined): OpenBody {
    const offered = this.#needed.get(item);
    if (offered === undefined || this.#body !== undefined) {
      throw unexpected('put.begin', 'its body is not expected now', `item ${String(item)}`);
    }
    this.#needed.delete(item);
    return { item: offered, number: item, leftBytes: length };
  }

  #open(body: OpenBody): void {
    this.#body = body;
    this.#outstanding.begin();
    this.#parts.ingest.beginWhole({
      resolve: (file) => void this.#publishLater(fromIngest(body, file)),
      reject: (error) => void this.#ended(body.number, { error }),
    });
  }

  /** Goes on with the next of several whole bodies; empty ones are over at once. */
  async #openNext(): Promise<void> {
    for (let next = this.#following.pop(); next !== undefined; next = this.#following.pop()) {
      this.#open(next);
      if (next.leftBytes !== 0) return;
      await this.#close();
    }
    await this.#limitOutstanding();
  }

  /** The body is complete. */
  async #close(): Promise<void> {
    this.#body = undefined;
    const full = this.#parts.ingest.finish();
    if (full !== undefined) await full;
  }

  #abandon(): void {
    this.#body = undefined;
    // Unless a part of it has failed already.
    if (this.#parts.ingest.abandon()) this.#outstanding.end();
  }

  /** One turn later: what was stored together is published together. */
  #publishLater(file: FileToPublish): void {
    this.#stored.push(file);
    if (this.#stored.length > 1) return;
    queueMicrotask(() => {
      const files = this.#stored;
      this.#stored = [];
      const { resolves } = this.#options;
      if (resolves === undefined) this.#items.publishFiles(files, this.#hears);
      else for (const each of files) this.#publishResolution(each, resolves);
    });
  }

  readonly #hears: HearsOfFiles = {
    published: (file, version) => {
      this.#count(file);
      this.#latest = version;
      this.#ended(file.number);
    },
    refused: (file, error) => {
      this.#ended(file.number, { error });
    },
  };

  #publishResolution(file: FileToPublish, resolves: readonly string[]): void {
    publishResolution(this.#parts, file, resolves).then(
      (version) => {
        this.#count(file);
        this.totals.version = version;
        this.#ended(file.number);
      },
      (error: unknown) => {
        this.#ended(file.number, { error });
      },
    );
  }

  #count(file: FileToPublish): void {
    this.totals.files++;
    this.totals.bytes += file.bytes;
    for (const { body } of file.contribution.small ?? []) this.totals.storedBytes += body.length;
    this.durable.bytes += file.bytes;
  }

  async #publishDirectory(item: OfferedItem): Promise<void> {
    await this.#items.publishDirectory(item);
    this.totals.directories++;
  }

  async #publishSymlink(item: OfferedItem): Promise<void> {
    await this.#items.publishSymlink(item);
    this.totals.symlinks++;
  }

  #track(work: Promise<void>, number: number): void {
    this.#outstanding.begin();
    work.then(
      () => {
        this.#ended(number);
      },
      (error: unknown) => {
        this.#ended(number, { error });
      },
    );
  }

  /** An item is durable, or why it is not. */
  #ended(number: number, failed?: { readonly error: unknown }): void {
    if (failed === undefined) this.durable.items++;
    else this.#fail(number, failed.error);
    this.#outstanding.end();
  }

  #fail(item: number, error: unknown): void {
    if (concernsOneItem(error)) this.#failed.push({ item, error });
    else this.#failure ??= { error };
  }

  async #limitOutstanding(): Promise<void> {
    if (this.#outstanding.count <= outstandingMax) return;
    this.#parts.ingest.flush();
    await this.#outstanding.atMost(outstandingMax);
  }

  #openBody(): OpenBody {
    if (this.#body !== undefined) return this.#body;
    throw unexpected('put.data', 'bytes without an item');
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Of a client that does not keep to the protocol. */
function unexpected(op: string, detail: string, subject = 'put'): VaultError {
  const next = 'use a client of the same version as the agent';
  return new VaultError('malformed', { op, subject, detail, next });
}
