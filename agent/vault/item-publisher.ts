/**
 * Puts the items of one `put` into the journal. A child may be published in the same batch as its
 * parent: it asks for the parent's node only when its own turn to be built has come, and what was
 * made by then is remembered here.
 */
import assert from 'node:assert/strict';
import { VaultError } from '../../protocol/errors.ts';
import type { EntryId, NodeId } from '../../protocol/ids.ts';
import type {
  Attributes,
  Content,
  FileTime,
  NodeKind,
  Op,
  OpId,
} from '../../protocol/messages/op.ts';
import { concernsOneItem } from '../../protocol/reach.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { makeNodeOp, putFileOver, sameAttributes, setAttributesOp } from '../namespace/author.ts';
import type { EntryView, NodeView, Tree } from '../namespace/tree.types.ts';
import type { Clock, Random } from '../ports.ts';
import { fileTimeOf } from './format-time.ts';
import { formatPath, type VaultPath } from './path.ts';
import type { Contribution, Publisher, Waiting } from './publisher.ts';
import type { SourcePrints } from './source-prints.ts';

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

/** A file whose content is stored. */
export interface FileToPublish {
  /** In the order of the offers. */
  readonly number: number;
  readonly item: OfferedItem;
  readonly bytes: number;
  readonly content: Content;
  readonly contribution: Omit<Contribution, 'ops'>;
}

/** Hears of each file once. */
export interface HearsOfFiles {
  /** Durable, shown, and its print kept. */
  published(file: FileToPublish, version: OpId): void;
  refused(file: FileToPublish, error: unknown): void;
}

interface Published {
  readonly file: FileToPublish;
  readonly version: OpId;
  readonly hears: HearsOfFiles;
}

/** Where an item goes, on the way to it. */
interface Place {
  readonly tree: Tree;
  readonly item: VaultPath;
  /** Operations that make the directories above it. */
  readonly missing: Op[];
}

export interface ItemPublisherParts {
  readonly publisher: Publisher;
  readonly prints: SourcePrints;
  readonly random: Random;
  readonly clock: Clock;
}

const nothingToSay: Contribution = { ops: [] };

export class ItemPublisher {
  readonly #parts: ItemPublisherParts;
  /** Make missing directories above an item. */
  readonly #parents: boolean;
  /** More may follow that shares a sync. */
  #mayWait = true;
  readonly #directories = new Map<string, NodeId>();
  #published: Published[] = [];
  #telling: Promise<void> | undefined;
  /** Directories that are not stored: what is below them cannot be either. */
  readonly #refused = new Map<string, VaultError>();

  constructor(parts: ItemPublisherParts, { parents }: { readonly parents: boolean }) {
    this.#parts = parts;
    this.#parents = parents;
  }

  /**
   * A new version of each file, or a new file. Those of one flush are told together, once their prints
   * are kept.
   */
  publishFiles(files: readonly FileToPublish[], hears: HearsOfFiles): void {
    this.#parts.publisher.publishAll(files.map((file) => this.#waiting(file, hears)));
  }

  /** Nothing follows any more: whatever still waits for more, or comes now, need not. */
  hurry(): void {
    this.#mayWait = false;
    this.#parts.publisher.hurry();
  }

  #waiting(file: FileToPublish, hears: HearsOfFiles): Waiting {
    const key = keyOf(file.item.path);
    let shown: OpId | undefined;
    return {
      publication: {
        keys: [key],
        patient: this.#mayWait,
        build: (tree) => {
          const { missing, ...place } = this.#placeOf(tree, file.item.path, key);
          const view = missing.length > 0 ? undefined : tree.child(place.parent, place.name);
          refuseDirectory(view, file.item.path);
          shown = sameVersion(view, file);
          if (shown !== undefined) return nothingToSay;
          const { content } = file;
          const op = putFileOver(tree, view, { ...place, content, ...this.#fresh(file.item) });
          return { ...file.contribution, ops: missing.length === 0 ? [op] : [...missing, op] };
        },
      },
      resolve: (ids) => {
        const version = shown ?? ids.at(-1);
        assert(version !== undefined, 'a file is at least one operation');
        this.#published.push({ file, version, hears });
        this.#telling ??= this.#tellAll();
      },
      reject: (error) => {
        hears.refused(file, error);
      },
    };
  }

  async #tellAll(): Promise<void> {
    // One turn later: all that one sync made durable has been answered then.
    await Promise.resolve();
    while (this.#published.length > 0) {
      const now = this.#published;
      this.#published = [];
      const prints = now.map(({ file, version }) => ({
        version,
        fingerprint: file.item.fingerprint,
      }));
      // Without its print, a source is read once more.
      await this.#parts.prints.remember(prints).catch(() => undefined);
      for (const { file, version, hears } of now) hears.published(file, version);
    }
    this.#telling = undefined;
  }

  /** A directory; of one that is there the attributes. */
  async publishDirectory(item: OfferedItem): Promise<void> {
    await this.#parts.publisher.publish({
      keys: [keyOf(item.path)],
      patient: this.#mayWait,
      build: (tree) => {
        try {
          return { ops: this.#directoryOps(tree, item) };
        } catch (error) {
          // Now, and not when the caller hears of it: what is below may be built in this very turn.
          if (concernsOneItem(error)) this.#refused.set(keyOf(item.path), error);
          throw error;
        }
      },
    });
  }

  /** Why an item cannot be stored, when a directory above it was refused. */
  refusedAbove(path: VaultPath): VaultError | undefined {
    if (this.#refused.size === 0) return undefined;
    for (let length = path.length - 1; length >= 0; length--) {
      const above = this.#refused.get(keyOf(path.slice(0, length)));
      if (above !== undefined) return belowRefused(path, above);
    }
    return undefined;
  }

  #directoryOps(tree: Tree, item: OfferedItem): readonly Op[] {
    const shown = this.#shown(tree, item.path);
    if (shown !== undefined) {
      if (shown.node.kind !== 'directory') throw notDirectory(item.path, item.path);
      this.#directories.set(keyOf(item.path), shown.node.id);
      const same = item.path.length === 0 || sameAttributes(shown.node, attributesOf(item));
      return same ? [] : [setAttributesOp(tree, shown.node.id, attributesOf(item))];
    }
    const { missing, ...place } = this.#placeOf(tree, item.path);
    const fresh = this.#fresh(item);
    this.#directories.set(keyOf(item.path), fresh.newNode);
    return [...missing, makeNodeOp(tree, { ...place, kind: 'directory', ...fresh })];
  }

  /** A symlink, unless the very same one is there. */
  async publishSymlink(item: OfferedItem): Promise<void> {
    await this.#parts.publisher.publish({
      keys: [keyOf(item.path)],
      patient: this.#mayWait,
      build: (tree) => {
        const shown = this.#shown(tree, item.path);
        if (
          shown?.node.kind === 'symlink' &&
          item.target !== undefined &&
          shown.node.target?.equals(item.target) === true
        ) {
          if (sameAttributes(shown.node, { mtime: item.mtime })) return { ops: [] };
        }
        refuseDirectory(shown, item.path);
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
  #placeOf(
    tree: Tree,
    path: VaultPath,
    key = keyOf(path),
  ): { parent: NodeId; name: Buffer; missing: readonly Op[] } {
    const name = path.at(-1);
    if (name === undefined) {
      throw new VaultError('is-directory', {
        op: 'put',
        subject: '/',
        next: 'give the name that the file shall have',
      });
    }
    const known = this.#directories.get(parentKeyOf(key));
    if (known !== undefined) return { parent: known, name, missing: [] };
    const missing: Op[] = [];
    const parent = this.#directoryOf(path.slice(0, -1), { tree, item: path, missing });
    return { parent, name, missing };
  }

  #directoryOf(path: VaultPath, place: Place): NodeId {
    const { tree, item } = place;
    const known = this.#directories.get(keyOf(path));
    if (known !== undefined) return known;
    const shown = path.length === 0 ? undefined : tree.resolve(path);
    const node = path.length === 0 ? tree.root() : shown?.node;
    if (node === undefined) {
      const refused = this.refusedAbove(item);
      if (refused !== undefined) throw refused;
      if (this.#parents) return this.#makeParent(path, place);
      throw noParent(item, path);
    }
    if (node.kind !== 'directory') throw notDirectory(item, path);
    this.#directories.set(keyOf(path), node.id);
    return node.id;
  }

  #makeParent(path: VaultPath, place: Place): NodeId {
    const { tree, missing } = place;
    const parent = this.#directoryOf(path.slice(0, -1), place);
    const name = path.at(-1) ?? Buffer.alloc(0);
    const newNode = this.#newNode();
    missing.push(
      makeNodeOp(tree, {
        parent,
        name,
        kind: 'directory',
        attributes: { mode: 0o755, mtime: fileTimeOf(this.#parts.clock.nowMs()) },
        newNode,
        newEntry: this.#newEntry(),
      }),
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
}

/** The version that is shown, when storing the file would only say the same again. */
function sameVersion(
  view: EntryView | undefined,
  { item, content }: FileToPublish,
): OpId | undefined {
  if (view?.version === undefined || view.conflict) return undefined;
  const { op, content: shown } = view.version;
  const same = isSameContent(shown, content) && sameAttributes(view.version, attributesOf(item));
  return same ? op : undefined;
}

/** Equal content under one epoch has equal chunks; small records are salted, and never equal. */
function isSameContent(one: Content, other: Content): boolean {
  if (one.type === 'empty') return other.type === 'empty';
  if (one.type === 'chunk') return other.type === 'chunk' && one.chunk.cid === other.chunk.cid;
  return (
    one.type === 'manifest' && other.type === 'manifest' && one.manifest.cid === other.manifest.cid
  );
}

/** A file or symlink never takes the name of a directory. */
function refuseDirectory(
  shown: { readonly node: Pick<NodeView, 'kind'> } | undefined,
  path: VaultPath,
): void {
  if (shown?.node.kind !== 'directory') return;
  throw new VaultError('is-directory', {
    op: 'put',
    subject: formatPath(path),
    detail: 'a file cannot take its place',
    next: 'give the file another name, or move the directory away with vault mv',
  });
}

function attributesOf(item: OfferedItem): Attributes {
  return { mode: item.mode, mtime: item.mtime };
}

/** Names, each behind a slash: no name has one. */
function keyOf(path: VaultPath): string {
  let key = '';
  for (const name of path) key += `/${name.toString('latin1')}`;
  return key;
}

function parentKeyOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

/** @param path what stands where a directory has to be: the item itself, or something above it */
function notDirectory(item: VaultPath, path: VaultPath): VaultError {
  const shown = formatPath(path);
  return new VaultError('not-directory', {
    op: 'put',
    subject: formatPath(item),
    detail: path.length < item.length ? `${shown} is a file` : 'a file has this name',
    next: `store it elsewhere, or move the file away: vault mv ${shellWord(shown)} NEW-NAME`,
  });
}

function noParent(item: VaultPath, parent: VaultPath): VaultError {
  const shown = formatPath(parent);
  return new VaultError('not-found', {
    op: 'put',
    subject: formatPath(item),
    detail: `there is no directory ${shown}`,
    next: `make it first: vault mkdir -p ${shellWord(shown)}, or give --parents`,
  });
}

function belowRefused(item: VaultPath, { code, subject, next }: VaultError): VaultError {
  const detail = `${subject ?? 'the directory above it'} is not stored`;
  return new VaultError(code, { op: 'put', subject: formatPath(item), detail, next });
}
