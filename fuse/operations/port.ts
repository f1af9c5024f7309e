/**
 * What the file system needs of a vault. The agent implements it (agent/mount); tests have one in memory.
 * Ids and contents are the vault's own: they are passed on and never looked into.
 */
import type { VaultError } from '../../protocol/errors.ts';
import type { NodeId } from '../../protocol/ids.ts';
import type { Attributes, Content, FileTime, NodeKind, OpId } from '../../protocol/messages/op.ts';

export type { Attributes, Content, FileTime, NodeId, NodeKind, OpId };

export interface VaultNode {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** Of a symlink. */
  readonly target: Buffer | undefined;
  readonly links: number;
}

export interface VaultVersion {
  readonly op: OpId;
  readonly content: Content;
  readonly mtime: FileTime;
  readonly mode: number;
}

/** One name in a directory. */
export interface VaultEntry {
  readonly name: Buffer;
  readonly node: VaultNode;
  /** Of a file. */
  readonly version: VaultVersion | undefined;
  /** A name that stands for a version beside a later one, or for a clash. */
  readonly conflict: boolean;
}

export interface Place {
  readonly parent: NodeId;
  readonly name: Buffer;
}

/** One change of the tree, as it is to be published. */
export type Change =
  | CreateChange
  | {
      readonly type: 'write';
      readonly node: NodeId;
      /** The version that was changed; what else there is stays beside it. */
      readonly base: OpId | undefined;
      readonly content: StoredContent | undefined;
      readonly attributes: Attributes;
    }
  | { readonly type: 'attributes'; readonly node: NodeId; readonly attributes: Attributes }
  | { readonly type: 'link'; readonly node: NodeId; readonly place: Place }
  | {
      readonly type: 'rename';
      readonly node: NodeId;
      readonly from: Place;
      readonly to: Place;
      /** The two change places. */
      readonly exchange: boolean;
    }
  | { readonly type: 'remove'; readonly node: NodeId; readonly place: Place };

export interface CreateChange {
  readonly type: 'create';
  readonly kind: NodeKind;
  readonly node: NodeId;
  readonly place: Place;
  readonly attributes: Attributes;
  readonly content: StoredContent | undefined;
  readonly target: Buffer | undefined;
  /** The node that makes way, if it still has the name. */
  readonly over: NodeId | undefined;
}

/** Bytes that are in the vault's store and wait to be named by a change. */
export interface StoredContent {
  readonly content: Content;
}

/** A file that is to be stored: a content of the vault with some stretches changed. */
export interface StoreSource {
  readonly size: number;
  readonly base: Content;
  /** Where it differs from the base, in order, without overlap; beyond the base everything does. */
  readonly dirty: readonly Stretch[];
  read(offset: number, length: number): Promise<Buffer>;
}

export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Nothing but zeros. */
  readonly isZero: boolean;
}

export interface ReadOptions {
  /** Its signal is asked for when there is something to wait for that may take long. */
  readonly interrupt?: { readonly signal: AbortSignal } | undefined;
  /** The bytes may be used again by their owner when a lease that is held is given back. @default false */
  readonly lent?: boolean | undefined;
  /** So many bytes after these will likely be read next. */
  readonly aheadBytes?: number | undefined;
}

export interface VaultChange {
  readonly directories: ReadonlySet<NodeId>;
  readonly nodes: ReadonlySet<NodeId>;
  /** Nothing but changes that came through this port, which have been shown already. */
  readonly isOwn?: boolean;
}

export interface VaultPort {
  root(): NodeId;
  /** Why nothing may be changed here; undefined when it may. */
  readOnly(): VaultError | undefined;
  /** Lets so many bytes more be written; undefined: at once. @throws VaultError `disk-full` */
  room?(bytes: number): Promise<void> | undefined;
  /** Why no name can be read here; undefined when they can. */
  unreadable?(): VaultError | undefined;
  node(id: NodeId): VaultNode | undefined;
  /** The version of a file that its name shows. */
  version(id: NodeId): VaultVersion | undefined;
  child(directory: NodeId, name: Buffer): VaultEntry | undefined;
  children(directory: NodeId): readonly VaultEntry[] | undefined;
  /** Where a node is listed. */
  places(id: NodeId): readonly Place[];
  /** Bytes of a content; fewer only at its end. @throws VaultError */
  read(
    content: Content,
    offset: number,
    length: number,
    options: ReadOptions,
  ): Buffer[] | Promise<Buffer[]>;
  /** Lent bytes that are read from now on stay as they are until what this returns is called. */
  lease(): () => void;
  newNode(): NodeId;
  store(source: StoreSource): Promise<StoredContent>;
  /** Durable and in the tree when it resolves. @returns the operation that made the version, of a file */
  publish(change: Change): Promise<OpId | undefined>;
  space(): { readonly totalBytes: number; readonly freeBytes: number; readonly files: number };
  /** What `user.vault.NAME` shows of a file; undefined: there is no such thing. */
  about(id: NodeId, what: string): Promise<Buffer | undefined>;
  /** What is to be found below `.vault`. */
  readonly hidden: HiddenDirectory;
  readonly scratch: Scratch;
  readonly clock: ScratchClock;
  /** Something went wrong that nobody waits for. */
  trouble(error: unknown, subject: string): void;
}

/** Something below `.vault`: it is only looked at, and finding it may take a while. */
export type Hidden = HiddenDirectory | HiddenFile | HiddenLink;

interface HiddenBase {
  /** The same for as long as it shows the same. */
  readonly key: string;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly xattrs?: ReadonlyMap<string, Buffer> | undefined;
}

export interface HiddenDirectory extends HiddenBase {
  readonly kind: 'directory';
  /** undefined: there is no such name. @throws VaultError */
  child(name: Buffer, signal?: AbortSignal): Promise<Hidden | undefined>;
  /** Names that can be listed; others may be there too. @throws VaultError */
  children(signal?: AbortSignal): Promise<readonly HiddenEntry[]>;
}

export interface HiddenFile extends HiddenBase {
  readonly kind: 'file';
  /** A content of the vault, or bytes that are made when somebody opens it. */
  readonly bytes: Content | (() => Promise<Buffer>);
  /** Of a content: the name of the version. */
  readonly version?: string | undefined;
}

export interface HiddenLink extends HiddenBase {
  readonly kind: 'symlink';
  readonly target: Buffer;
}

export interface HiddenEntry {
  readonly name: Buffer;
  readonly node: Hidden;
}

export interface ScratchClock {
  /** The time of day, since 1970. */
  nowMs(): number;
  /** For durations and deadlines: it never goes back, and has parts of a millisecond. */
  monotonicMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}

/** Sealed files beside the vault for what is not published yet. They survive a killed process. */
export interface Scratch {
  list(): Promise<readonly string[]>;
  /** @param options.shared for a few small records: it costs no file of its own */
  create(name: string, options: { readonly shared: boolean }): ScratchFile;
  /** Records of a file in order, up to the first one that is not whole. */
  records(name: string): AsyncIterable<{ readonly place: RecordPlace; readonly plain: Buffer }>;
  /** An existing file, to read records of. */
  existing(name: string): ScratchFile;
  /** Lets go of files that are open; what is in them stays. */
  close(): Promise<void>;
}

export interface RecordPlace {
  readonly offset: number;
  readonly plainBytes: number;
}

export interface ScratchFile {
  readonly name: string;
  readonly isShared: boolean;
  readonly bytes: number;
  /**
   * Adds a record. `done` resolves when the operating system has it. The place is good at once, and is
   * read only after `done`.
   */
  append(parts: readonly Uint8Array[]): {
    readonly place: RecordPlace;
    readonly done: Promise<void>;
  };
  read(place: RecordPlace): Promise<Buffer>;
  /** Everything that was added is on the medium when it resolves. */
  sync(): Promise<void>;
  remove(): Promise<void>;
}
