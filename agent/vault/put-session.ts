/**
 * One `put`: items are offered, the needed ones are streamed, each becomes visible whole or not at
 * all. The session decides what to do with an item; `Ingest` does the bytes, the `Publisher` the
 * journal. Parents are offered before their children, and a child's operation asks for its parent's
 * node only when its turn has come, so that nothing waits for a sync in between.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import { chunk as chunkLimits } from '../../protocol/limits.ts';
import type { Attributes, Content, FileTime, NodeKind, Op, SmallRef } from '../../protocol/messages/op.ts';
import { sealSmall } from '../chunks/small.ts';
import type { EpochKeys } from '../members/membership.ts';
import { makeNodeOp, putFileOp, setAttributesOp, sameAttributes } from '../namespace/author.ts';
import type { EntryView, Tree } from '../namespace/tree.types.ts';
import type { Random } from '../ports.ts';
import type { SmallRecord } from '../store/store.ts';
import type { Ingest, IngestedFile } from './ingest.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import type { Contribution, Publisher } from './publisher.ts';
import type { SourcePrints } from './source-prints.ts';
import { formatVersion } from './version-id.ts';

/** Something that a client offers to store. */
export interface OfferedItem {
  /** From the root of the vault. */
  readonly path: VaultPath;
  readonly kind: NodeKind;
  readonly size: number | undefined;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly target: Buffer | undefined;
  readonly fingerprint: Uint8Array;
}

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

interface FileToPublish {
  readonly item: OfferedItem;
  readonly content: Content;
  readonly contribution: Omit<Contribution, 'ops'>;
}

export class PutSession {
  readonly totals: PutTotals = {
    files: 0, directories: 0, symlinks: 0, skipped: 0, bytes: 0,
    storedBytes: 0, chunksNew: 0, chunksReused: 0, version: '',
  };
  /** Items that are durable, and their bytes; for progress. */
  readonly durable = { items: 0, bytes: 0 };
  readonly #parts: PutSessionParts;
  readonly #options: PutSessionOptions;
  readonly #directories = new Map<string, NodeId>();
  readonly #outstanding = new Set<Promise<void>>();
  #items = new Map<number, OfferedItem>();
  #nextItem = 0;
  #body: OpenBody | undefined;
  #failure: { error: unknown } | undefined;

  constructor(parts: PutSessionParts, options: PutSessionOptions) {
    this.#parts = parts;
    this.#options = options;
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
    const offered = this.#items.get(item);
    if (offered === undefined || this.#body !== undefined) {
      throw new VaultError('malformed', { op: 'put.begin', subject: `item ${String(item)}`, detail: 'its body is not expected now' });
    }
    this.#items.delete(item);
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
      this.#track(done.then((file) => this.#publishFile(fromIngest(body.item, file))), body.bytes);
    } else {
      this.#track(this.#publishFile(this.#smallFile(body)), body.bytes);
    }
    await this.#limitOutstanding();
  }

  /** Waits until everything is durable. @throws the first failure */
  async finish(): Promise<PutTotals> {
    if (this.#body !== undefined) {
      throw new VaultError('malformed', { op: 'put.finish', subject: formatPath(this.#body.item.path), detail: 'its body did not end' });
    }
    this.#parts.ingest.flush();
    await Promise.all(this.#outstanding);
    this.#throwIfFailed();
    Object.assign(this.totals, this.#parts.ingest.totals);
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
        this.#track(this.#publishDirectory(item), 0);
        return false;
      case 'symlink':
        this.totals.symlinks++;
        this.#track(this.#publishSymlink(item), 0);
        return false;
      case 'file':
        if (this.#isUnchanged(item)) {
          this.totals.skipped++;
          return false;
        }
        this.#items.set(number, item);
        return true;
    }
  }

  #isUnchanged(item: OfferedItem): boolean {
    if (this.#options.checksum) return false;
    const shown = this.#parts.tree.resolve(item.path);
    if (shown?.version === undefined) return false;
    if (shown.version.content.type !== 'empty' && shown.version.content.size !== item.size) return false;
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
    if (body.headBytes === 0) return { item: body.item, content: { type: 'empty' }, contribution: {} };
    const { epoch, random } = this.#parts;
    const sealed = sealSmall({
      content: Buffer.concat(body.head, body.headBytes),
      salt: random.bytes(32),
      chunkKey: epoch.chunkKey,
    });
    const small: SmallRef = { ...sealed.ref, epoch: epoch.id };
    const record: SmallRecord = sealed.record;
    return {
      item: body.item,
      content: { type: 'small', size: body.headBytes, small },
      contribution: { small: [record] },
    };
  }

  async #publishFile(file: FileToPublish): Promise<void> {
    const { publisher, prints } = this.#parts;
    const { item } = file;
    const ids = await publisher.publish({
      keys: [keyOf(item.path)],
      build: (tree) => {
        const { missing, ...place } = this.#placeOf(tree, item.path);
        const { content } = file;
        const op = putFileOp(tree, { ...place, content, ...this.#fresh(item) });
        return { ...file.contribution, ops: [...missing, op] };
      },
    });
    const version = ids.at(-1);
    if (version === undefined) return;
    this.totals.version = formatVersion(version);
    await prints.remember([{ version, fingerprint: item.fingerprint }]);
  }

  async #publishDirectory(item: OfferedItem): Promise<void> {
    await this.#parts.publisher.publish({
      keys: [keyOf(item.path)],
      build: (tree) => {
        const shown = this.#shown(tree, item.path);
        if (shown !== undefined) {
          if (shown.node.kind !== 'directory') throw notDirectory(item.path);
          this.#directories.set(keyOf(item.path), shown.node.id);
          const same = item.path.length === 0 || sameAttributes(shown.node, attributesOf(item));
          return { ops: same ? [] : [setAttributesOp(tree, shown.node.id, attributesOf(item))] };
        }
        const { missing, ...place } = this.#placeOf(tree, item.path);
        const fresh = this.#fresh(item);
        this.#directories.set(keyOf(item.path), fresh.newNode);
        return { ops: [...missing, makeNodeOp(tree, { ...place, kind: 'directory', ...fresh })] };
      },
    });
  }

  async #publishSymlink(item: OfferedItem): Promise<void> {
    await this.#parts.publisher.publish({
      keys: [keyOf(item.path)],
      build: (tree) => {
        const shown = this.#shown(tree, item.path);
        if (shown?.node.kind === 'symlink' && item.target !== undefined && shown.node.target?.equals(item.target) === true) {
          if (sameAttributes(shown.node, { mtime: item.mtime })) return { ops: [] };
        }
        const { missing, ...place } = this.#placeOf(tree, item.path);
        const { target } = item;
        const op = makeNodeOp(tree, { ...place, kind: 'symlink', target, ...this.#fresh(item) });
        return { ops: [...missing, op] };
      },
    });
  }

  /**
   * Parent node and name of a path; `missing` makes the directories above it, when that is asked for.
   * @throws VaultError `not-found`, `not-directory`, `is-directory`
   */
  #placeOf(tree: Tree, path: VaultPath): { parent: NodeId; name: Buffer; missing: readonly Op[] } {
    const name = path.at(-1);
    if (name === undefined) {
      throw new VaultError('is-directory', { op: 'put', subject: '/', next: 'give the name that the file shall have' });
    }
    const missing: Op[] = [];
    const parent = this.#directoryOf(tree, path.slice(0, -1), missing);
    return { parent, name, missing };
  }

  #directoryOf(tree: Tree, path: VaultPath, missing: Op[]): NodeId {
    const known = this.#directories.get(keyOf(path));
    if (known !== undefined) return known;
    const shown = path.length === 0 ? undefined : tree.resolve(path);
    const node = path.length === 0 ? tree.root() : shown?.node;
    if (node === undefined && this.#options.parents) return this.#makeParent(tree, path, missing);
    if (node === undefined) {
      throw new VaultError('not-found', {
        op: 'put',
        subject: formatPath(path),
        next: 'make it first with vault mkdir, or give --parents',
      });
    }
    if (node.kind !== 'directory') throw notDirectory(path);
    this.#directories.set(keyOf(path), node.id);
    return node.id;
  }

  #makeParent(tree: Tree, path: VaultPath, missing: Op[]): NodeId {
    const parent = this.#directoryOf(tree, path.slice(0, -1), missing);
    const name = path.at(-1) ?? Buffer.alloc(0);
    const newNode = this.#newNode();
    missing.push(
      makeNodeOp(tree, { parent, name, kind: 'directory', attributes: { mode: 0o755 }, newNode, newEntry: this.#newEntry() }),
    );
    this.#directories.set(keyOf(path), newNode);
    return newNode;
  }

  #shown(tree: Tree, path: VaultPath): EntryView | { node: ReturnType<Tree['root']> } | undefined {
    return path.length === 0 ? { node: tree.root() } : tree.resolve(path);
  }

  #fresh(item: OfferedItem): { attributes: Attributes; newNode: NodeId; newEntry: EntryId } {
    return { attributes: attributesOf(item), newNode: this.#newNode(), newEntry: this.#newEntry() };
  }

  #newNode(): NodeId {
    return this.#parts.random.bytes(16).toString('hex') as NodeId;
  }

  #newEntry(): EntryId {
    return this.#parts.random.bytes(16).toString('hex') as EntryId;
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
      throw new VaultError('malformed', { op: 'put.data', subject: 'put', detail: 'bytes without an item' });
    }
    return this.#body;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function fromIngest(item: OfferedItem, file: IngestedFile): FileToPublish {
  return { item, content: file.content, contribution: { chunksAdded: file.added, chunksReused: file.reused } };
}

function attributesOf(item: OfferedItem): Attributes {
  return { mode: item.mode, mtime: item.mtime };
}

function keyOf(path: VaultPath): string {
  return joinPath(path).toString('latin1');
}

function notDirectory(path: VaultPath): VaultError {
  return new VaultError('not-directory', { op: 'put', subject: formatPath(path) });
}
