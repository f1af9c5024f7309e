/**
 * One file, directory or symlink as the mount shows it: a copy of what the vault says about it, changed
 * at once by what is done here. A file whose version was replaced elsewhere keeps its inode for those who
 * have it open; its name leads to a new one (`isStale`).
 */
import type { FileData } from './file-data.ts';
import type { Claim } from './names.ts';
import type { FileTime, NodeId, NodeKind, OpId, Place } from './port.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A file that the vault does not know yet. */
export interface Creation {
  /** Its names; the first one is made with it. */
  places: { readonly place: Place; readonly claim: Claim }[];
  /** What makes way for it at its first place. */
  over: NodeId | undefined;
  /** It is on its way as it is: whatever happens to its names from now on is a change of its own. */
  isFixed: boolean;
}

/** Bytes of a version that nobody has asked for yet. */
export interface StoredBytes {
  readonly size: number;
  make(): FileData;
}

export interface InodeInit {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly mode: number;
  readonly mtime: FileTime;
  readonly xattrs: ReadonlyMap<string, Buffer>;
  readonly links: number;
  readonly target?: Buffer | undefined;
  readonly version?: OpId | undefined;
  /** A version that is shown beside a later one. */
  readonly isConflict?: boolean;
}

export class Inode {
  readonly id: NodeId;
  /** Stays with the node on every device. */
  readonly number: number;
  readonly kind: NodeKind;
  readonly target: Buffer | undefined;
  readonly isConflict: boolean;
  mode: number;
  mtime: FileTime;
  /** Of a directory: what the vault said last. What changes its names moves only the one above. */
  vaultMtime: FileTime;
  /** Set by hand; undefined: the mtime. */
  atime: FileTime | undefined;
  ctime: FileTime;
  xattrs: ReadonlyMap<string, Buffer>;
  links: number;
  /** Of a file: the version that `data` stands on. */
  version: OpId | undefined;
  creation: Creation | undefined;
  /** A version from elsewhere has taken its place. */
  isStale = false;
  /** It has no name any more. */
  isRemoved = false;
  /** Open by so many handles, and of them for writing. */
  handles = 0;
  writers = 0;
  /** The kernel knows it. */
  isKnown = false;
  /** Changes that are on their way into the vault. */
  pending = 0;
  /** Where the kernel was told that a directory has which names. */
  readonly told: Map<string, Inode | undefined> | undefined;
  /** Ends when everything that was queued for it is in the vault. */
  tail: Promise<void> = Promise.resolve();
  /** Runs until its bytes are published. */
  timer: { cancel(): void } | undefined;
  contentQueued = false;
  /** Ends when what it had replaced, and left again, is gone from the vault. */
  owes: Promise<void> | undefined;
  /** Records of the log that the next publication of the inode makes needless. */
  serials: number[] = [];
  /** Attributes that the next publication carries. */
  unsaved:
    { mode?: number; mtime?: FileTime; xattrs?: Map<string, Buffer | undefined> } | undefined;

  #data: FileData | undefined;
  #stored: StoredBytes | undefined;

  constructor(init: InodeInit) {
    this.id = init.id;
    this.number = inodeNumber(init.id);
    this.kind = init.kind;
    this.target = init.target;
    this.isConflict = init.isConflict ?? false;
    this.mode = init.mode;
    this.mtime = init.mtime;
    this.vaultMtime = init.mtime;
    this.ctime = init.mtime;
    this.xattrs = init.xattrs;
    this.links = init.links;
    this.version = init.version;
    this.told = init.kind === 'directory' ? new Map() : undefined;
  }

  /** Of a file: the bytes, made when somebody asks for them, since most files are only looked at. */
  get data(): FileData | undefined {
    if (this.#stored !== undefined) this.#data = this.#stored.make();
    this.#stored = undefined;
    return this.#data;
  }

  set data(data: FileData) {
    this.#stored = undefined;
    this.#data = data;
  }

  /** What `data` is made from at the first question. */
  standOn(stored: StoredBytes): void {
    this.#stored = stored;
  }

  /** Something was written that is in no version. */
  get isDirty(): boolean {
    return this.#data?.isDirty === true;
  }

  /** What stat(2) calls its size. */
  get size(): number {
    return this.#stored?.size ?? this.#data?.size ?? this.target?.length ?? 0;
  }

  /** It is not on its way into the vault yet, so that its names can be changed without a trace. */
  get draft(): Creation | undefined {
    return this.creation?.isFixed === false ? this.creation : undefined;
  }

  /** Nobody will ever ask the vault for it. */
  get isVoid(): boolean {
    return this.isRemoved && this.creation?.isFixed !== true;
  }

  /** Its state is ours and not the vault's at the moment. */
  get isOurs(): boolean {
    if (this.pending > 0 || this.creation !== undefined) return true;
    return this.unsaved !== undefined || this.isDirty;
  }
}

/** 48 bits of the random id. */
export function inodeNumber(id: NodeId): number {
  return Number.parseInt(id.slice(0, 12), 16) + 1;
}
