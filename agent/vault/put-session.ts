/**
 * One `put`: items are offered, the needed ones are streamed, each becomes visible whole or not at
 * all. The session decides what to do with an item; `Ingest` does the bytes, the `Publisher` the
 * journal. Parents are offered before their children, and a child's operation asks for its parent's
 * node only when its turn has come, so that nothing waits for a sync in between.
 */
import { VaultError } from '../../protocol/errors.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import type { SmallRef } from '../../protocol/messages/op.ts';
import { sealSmall } from '../chunks/small.ts';
import type { EpochKeys } from '../members/membership.ts';
import { sameAttributes } from '../namespace/author.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Clock, Random } from '../ports.ts';
import type { Ingest, IngestedFile } from './ingest.ts';
import { ItemPublisher, type FileToPublish, type OfferedItem } from './item-publisher.ts';
import { formatPath } from './path.ts';
import type { Publisher } from './publisher.ts';
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
}

/** So many operations may wait for their sync before the session asks the client to wait. */
const outstandingMax = 4096;

/** The file whose bytes are coming. */
interface OpenBody {
  readonly item: OfferedItem;
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
  #failure: { error: unknown } | undefined;

  constructor(parts: PutSessionParts, options: PutSessionOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#items = new ItemPublisher(parts, options);
  }

  /**
   * Takes an offer. Directories and symlinks are stored at once.
   * @returns per item whether its body is needed
   */
  async offer(items: readonly OfferedItem[]): Promise<readonly boolean[]> {
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
      });
    }
    this.#needed.delete(item);
    this.#body = { item: offered, head: [], headBytes: 0, bytes: 0, ingesting: false };
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
    this.totals.files++;
    this.totals.bytes += body.bytes;
    if (body.ingesting) {
      const { done } = await this.#parts.ingest.finish();
      this.#track(
        done.then((file) => this.#publishFile(fromIngest(body.item, file))),
        body.bytes,
      );
    } else {
      this.#track(this.#publishFile(this.#smallFile(body)), body.bytes);
    }
    await this.#limitOutstanding();
  }

  /** Waits until everything is durable. @throws the first failure */
  async finish(): Promise<PutTotals> {
    if (this.#body !== undefined) {
      throw new VaultError('malformed', {
        op: 'put.finish',
        subject: formatPath(this.#body.item.path),
        detail: 'its body did not end',
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

  #take(item: OfferedItem, number: number): boolean {
    switch (item.kind) {
      case 'directory':
        this.totals.directories++;
        this.#track(this.#items.publishDirectory(item), 0);
        return false;
      case 'symlink':
        this.totals.symlinks++;
        this.#track(this.#items.publishSymlink(item), 0);
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
    this.totals.storedBytes += sealed.record.body.length;
    return {
      item: body.item,
      content: { type: 'small', size: body.headBytes, small },
      contribution: { small: [sealed.record] },
    };
  }

  async #publishFile(file: FileToPublish): Promise<void> {
    this.totals.version = await this.#items.publishFile(file);
  }

  #track(work: Promise<void>, bytes: number): void {
    const tracked: Promise<void> = work.then(
      () => {
        this.durable.items++;
        this.durable.bytes += bytes;
        this.#outstanding.delete(tracked);
      },
      (error: unknown) => {
        this.#failure ??= { error };
        this.#outstanding.delete(tracked);
      },
    );
    this.#outstanding.add(tracked);
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
      });
    }
    return this.#body;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function fromIngest(item: OfferedItem, file: IngestedFile): FileToPublish {
  return {
    item,
    content: file.content,
    contribution: { chunksAdded: file.added, chunksReused: file.reused },
  };
}
