/**
 * One `put`: items are offered, the needed ones are streamed, each becomes visible whole or not at
 * all. The session decides what to do with an item; `Ingest` does the bytes, the `Publisher` the
 * journal. Parents are offered before their children, and a child's operation asks for its parent's
 * node only when its turn has come, so that nothing waits for a sync in between. An item that is
 * refused for a reason of its own is left out and named; what concerns all of them ends the put.
 */
import { VaultError } from '../../protocol/errors.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import type { SmallRef } from '../../protocol/messages/op.ts';
import { concernsOneItem } from '../../protocol/reach.ts';
import { sealSmall } from '../chunks/small.ts';
import type { EpochKeys } from '../members/membership.ts';
import { sameAttributes } from '../namespace/author.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock, Random } from '../ports.ts';
import type { Ingest, IngestedFile } from './ingest.ts';
import { ItemPublisher, type FileToPublish, type OfferedItem } from './item-publisher.ts';
import { formatPath } from './path.ts';
import type { Publisher } from './publisher.ts';
import { publishResolution } from './resolve.ts';
import type { SourcePrints } from './source-prints.ts';

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
  readonly epoch: EpochKeys;
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

/** What helps against a client that does not keep to the protocol. */
const sameVersion = 'use a client of the same version as the agent';

/** The file whose bytes are coming. */
interface OpenBody {
  readonly item: OfferedItem;
  readonly number: number;
  head: Buffer[];
  headBytes: number;
  bytes: number;
  ingesting: boolean;
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
  readonly #outstanding = new Set<Promise<void>>();
  #needed = new Map<number, OfferedItem>();
  #nextItem = 0;
  #body: OpenBody | undefined;
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

  /** The bytes of a needed item follow. */
  begin(item: number): void {
    const offered = this.#needed.get(item);
    if (offered === undefined || this.#body !== undefined) {
      throw new VaultError('malformed', {
        op: 'put.begin',
        subject: `item ${String(item)}`,
        detail: 'its body is not expected now',
        next: sameVersion,
      });
    }
    this.#needed.delete(item);
    this.#body = {
      item: offered,
      number: item,
      head: [],
      headBytes: 0,
      bytes: 0,
      ingesting: false,
    };
  }

  /** The next bytes of the item that has begun. Waits while the pipeline is full. */
  async data(bytes: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    const body = this.#openBody();
    body.bytes += bytes.length;
    if (body.ingesting) {
      await this.#parts.ingest.write(bytes);
      return;
    }
    body.head.push(Buffer.from(bytes));
    body.headBytes += bytes.length;
    if (body.headBytes > chunkLimits.smallContentBytesMax) await this.#startIngest(body);
  }

  /** The item is complete, or the client gives it up. */
  async end(aborted: boolean): Promise<void> {
    this.#throwIfFailed();
    const body = this.#openBody();
    this.#body = undefined;
    if (aborted) {
      if (body.ingesting) this.#parts.ingest.abandon();
      return;
    }
    if (body.ingesting) {
      const { done } = await this.#parts.ingest.finish();
      this.#track(
        done.then((file) => this.#publishFile(fromIngest(body.item, file), body.bytes)),
        body.number,
      );
    } else {
      this.#track(this.#publishFile(this.#smallFile(body), body.bytes), body.number);
    }
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
      throw new VaultError('malformed', {
        op: 'put.finish',
        subject: formatPath(this.#body.item.path),
        detail: 'its body did not end',
        next: sameVersion,
      });
    }
    this.#parts.ingest.flush();
    await Promise.all(this.#outstanding);
    this.#throwIfFailed();
    const { chunksNew, chunksReused, storedBytes } = this.#parts.ingest.totals;
    Object.assign(this.totals, { chunksNew, chunksReused });
    this.totals.storedBytes += storedBytes;
    return this.totals;
  }

  /** The client is gone: what is incomplete never becomes visible. */
  async abort(): Promise<void> {
    if (this.#body?.ingesting === true) this.#parts.ingest.abandon();
    this.#body = undefined;
    this.#parts.ingest.flush();
    await Promise.all(this.#outstanding);
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

  async #startIngest(body: OpenBody): Promise<void> {
    body.ingesting = true;
    this.#parts.ingest.begin();
    for (const bytes of body.head) await this.#parts.ingest.write(bytes);
    body.head = [];
  }

  #smallFile(body: OpenBody): FileToPublish {
    if (body.headBytes === 0)
      return { item: body.item, content: { type: 'empty' }, contribution: {} };
    const { epoch, random } = this.#parts;
    const sealed = sealSmall({
      content: Buffer.concat(body.head, body.headBytes),
      salt: random.bytes(32),
      chunkKey: epoch.chunkKey,
    });
    const small: SmallRef = { ...sealed.ref, epoch: epoch.id };
    return {
      item: body.item,
      content: { type: 'small', size: body.headBytes, small },
      contribution: { small: [sealed.record] },
    };
  }

  async #publishFile(file: FileToPublish, bytes: number): Promise<void> {
    const { resolves } = this.#options;
    this.totals.version =
      resolves === undefined
        ? await this.#items.publishFile(file)
        : await publishResolution(this.#parts, file, resolves);
    this.totals.files++;
    this.totals.bytes += bytes;
    for (const { body } of file.contribution.small ?? []) this.totals.storedBytes += body.length;
    this.durable.bytes += bytes;
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
    const tracked: Promise<void> = work.then(
      () => {
        this.durable.items++;
        this.#outstanding.delete(tracked);
      },
      (error: unknown) => {
        this.#fail(number, error);
        this.#outstanding.delete(tracked);
      },
    );
    this.#outstanding.add(tracked);
  }

  #fail(item: number, error: unknown): void {
    if (concernsOneItem(error)) this.#failed.push({ item, error });
    else this.#failure ??= { error };
  }

  async #limitOutstanding(): Promise<void> {
    if (this.#outstanding.size > outstandingMax) this.#parts.ingest.flush();
    while (this.#outstanding.size > outstandingMax) await Promise.race(this.#outstanding);
  }

  #openBody(): OpenBody {
    if (this.#body === undefined) {
      throw new VaultError('malformed', {
        op: 'put.data',
        subject: 'put',
        detail: 'bytes without an item',
        next: sameVersion,
      });
    }
    return this.#body;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Whether storing the item would change what is shown. */
function wouldChange(tree: Tree, item: OfferedItem, isUnchanged: () => boolean): boolean {
  if (item.kind === 'file') return !isUnchanged();
  const shown = item.path.length === 0 ? { node: tree.root() } : tree.resolve(item.path);
  if (shown?.node.kind !== item.kind) return true;
  if (item.kind === 'directory') return false;
  return item.target === undefined || shown.node.target?.equals(item.target) !== true;
}

function fromIngest(item: OfferedItem, file: IngestedFile): FileToPublish {
  return {
    item,
    content: file.content,
    contribution: { chunksAdded: file.added, chunksReused: file.reused },
  };
}
