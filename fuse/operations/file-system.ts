/**
 * A vault as a folder: what lookup, mkdir, rename and their like mean. It knows no FUSE; whoever drives
 * it (session/) turns requests into these calls, and tests call them directly. What changes names is
 * written down first (`names-log.ts`), then shown, and published behind the answer.
 */
import { refusal } from '../errno.ts';
import { nameBytesMax } from '../protocol/constants.ts';
import { Changes, newInode } from './changes.ts';
import type { Inode, Owner } from './inode.ts';
import { Inodes } from './inodes.ts';
import { NamesLog, type NamesRecord } from './names-log.ts';
import { PendingNames } from './names.ts';
import { Outbox } from './outbox.ts';
import type {
  Attributes,
  Content,
  FileTime,
  NodeId,
  NodeKind,
  Place,
  VaultChange,
  VaultPort,
} from './port.ts';
import { Publishing } from './publishing.ts';
import { ownerName, ownerOf, ownerValue } from './owner.ts';
import { EntryRow, rowOf, type Row } from './rows.ts';
import { isVirtual, Virtual } from './virtual.ts';
import { Watch, type WatchEvents } from './watch.ts';

export interface FileSystemOptions {
  /** Whose everything is that says nothing else. */
  readonly owner: Owner;
  /** Numeric owners count, as they do where root mounts; else everything is the mounting user's. */
  readonly keepsOwners: boolean;
  readonly events: WatchEvents;
}

export interface NewNode {
  readonly kind: NodeKind;
  /** Without the bits of the kind. */
  readonly mode: number;
  readonly owner: Owner;
  readonly target?: Buffer | undefined;
}

export interface RenameFlags {
  readonly noReplace: boolean;
  readonly exchange: boolean;
}

export interface AttributeChange {
  readonly mode?: number | undefined;
  readonly mtime?: FileTime | undefined;
  readonly atime?: FileTime | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const quietMs = 200;

export class FileSystem {
  readonly port: VaultPort;
  readonly inodes: Inodes;
  readonly names = new PendingNames();
  readonly log: NamesLog;
  readonly outbox: Outbox;
  readonly publishing: Publishing;
  readonly changes: Changes;
  readonly virtual: Virtual;
  readonly #owner: Owner;
  readonly #keepsOwners: boolean;
  readonly #watch: Watch;
  #quiet: { cancel(): void } | undefined;

  constructor(port: VaultPort, { owner, keepsOwners, events }: FileSystemOptions) {
    this.port = port;
    this.#owner = owner;
    this.#keepsOwners = keepsOwners;
    this.inodes = new Inodes(port);
    this.log = new NamesLog(port.scratch);
    this.outbox = new Outbox(port, () => {
      this.#tidyLater();
    });
    this.#watch = new Watch(this, events);
    this.publishing = new Publishing({
      port,
      outbox: this.outbox,
      names: this.names,
      inodes: this.inodes,
      log: this.log,
      onPublished: (inode, places) => {
        this.#watch.published(inode, places);
      },
    });
    this.changes = new Changes({
      names: this.names,
      inodes: this.inodes,
      log: this.log,
      publishing: this.publishing,
      now: () => this.now(),
      released: (inode) => {
        this.released(inode);
      },
    });
    this.virtual = new Virtual(port);
  }

  /** The tree has changed, whoever changed it. */
  changed(change: VaultChange): void {
    this.#watch.changed(change);
  }

  /** What open files read from, and what changes on their way are made of. */
  *contentsInUse(): Generator<Content> {
    for (const inode of this.inodes.all()) {
      if (inode.handles === 0 && inode.pending === 0) continue;
      if (inode.data !== undefined) yield inode.data.base;
    }
  }

  /** Everything is in the vault when it resolves. */
  async settle(): Promise<void> {
    for (const inode of this.inodes.all()) this.publishing.content(inode);
    await this.outbox.settled();
  }

  /** Publishes what can be published, and lets go. */
  async close(): Promise<void> {
    this.#watch.close();
    for (const inode of this.inodes.all()) this.publishing.content(inode);
    this.outbox.close();
    await this.outbox.settled();
    for (const inode of this.inodes.all()) inode.timer?.cancel();
    this.#quiet?.cancel();
    if (this.#isQuiet()) await this.log.reset();
    await this.port.scratch.close();
  }

  root(): Inode {
    return this.inodes.root();
  }

  lookup(directory: Inode, name: Buffer): Inode | undefined {
    if (name.length > nameBytesMax) throw refusal('ENAMETOOLONG');
    // What is in it takes a while: `virtual.lookup`.
    if (isVirtual(directory)) return undefined;
    // Whatever another device calls so: the name is ours here.
    const top = this.virtual.top(directory.id, name);
    if (top !== undefined) return top;
    const pending = this.names.get(directory.id, name);
    if (pending !== undefined) return pending.inode;
    const entry = this.port.child(directory.id, name);
    return entry === undefined ? undefined : this.inodes.ofEntry(entry);
  }

  list(directory: Inode): readonly Row[] {
    return isVirtual(directory) ? [] : this.listNode(directory.id);
  }

  /** Of a directory that nobody needs an inode of. */
  listNode(directory: NodeId): readonly Row[] {
    const rows: Row[] = [];
    for (const entry of this.port.children(directory) ?? []) {
      if (this.names.has(directory, entry.name)) continue;
      if (this.virtual.top(directory, entry.name) !== undefined) continue;
      rows.push(new EntryRow(this.inodes, entry));
    }
    for (const { inode, name } of this.names.in(directory)) {
      if (inode !== undefined) rows.push(rowOf(inode, name));
    }
    return rows;
  }

  ownerOf(inode: Inode): Owner {
    return (this.#keepsOwners ? ownerOf(inode.xattrs) : undefined) ?? this.#owner;
  }

  /** A file, directory or symlink under a name that is free. */
  async create(directory: Inode, name: Buffer, made: NewNode): Promise<Inode> {
    this.#checkChange(directory, name);
    if (this.lookup(directory, name) !== undefined) throw refusal('EEXIST');
    const place = { parent: directory.id, name: Buffer.from(name) };
    return this.#make(made, place, directory);
  }

  /** A file without a name. */
  createUnnamed(made: NewNode): Promise<Inode> {
    this.checkWritable();
    return this.#make(made, undefined, undefined);
  }

  async link(inode: Inode, directory: Inode, name: Buffer): Promise<void> {
    this.#checkChange(directory, name);
    if (isVirtual(inode) || inode.kind === 'directory') throw refusal('EPERM');
    if (this.lookup(directory, name) !== undefined) throw refusal('EEXIST');
    const place = { parent: directory.id, name: Buffer.from(name) };
    await this.log.append({ op: 'link', node: inode.id, place }, (serial) => {
      this.changes.link(inode, place, serial);
    });
    this.#stir(directory);
  }

  async remove(directory: Inode, name: Buffer, kind: 'directory' | 'other'): Promise<void> {
    this.#checkChange(directory, name);
    const inode = this.#existing(directory, name);
    if (kind === 'directory' && inode.kind !== 'directory') throw refusal('ENOTDIR');
    if (kind === 'other' && inode.kind === 'directory') throw refusal('EISDIR');
    if (kind === 'directory' && this.list(inode).length > 0) throw refusal('ENOTEMPTY');
    const place = { parent: directory.id, name: Buffer.from(name) };
    await this.log.append({ op: 'remove', node: inode.id, place }, (serial) => {
      this.changes.remove(inode, place, serial);
    });
    this.#stir(directory);
  }

  async rename(
    from: { readonly directory: Inode; readonly name: Buffer },
    to: { readonly directory: Inode; readonly name: Buffer },
    flags: RenameFlags,
  ): Promise<void> {
    this.#checkChange(from.directory, from.name);
    this.#checkChange(to.directory, to.name);
    const inode = this.#existing(from.directory, from.name);
    const other = this.lookup(to.directory, to.name);
    if (flags.noReplace && other !== undefined) throw refusal('EEXIST');
    if (flags.exchange && other === undefined) throw refusal('ENOENT');
    if (other === inode) return;
    if (other !== undefined && !flags.exchange) this.#checkReplaceable(inode, other);
    const places = {
      from: { parent: from.directory.id, name: Buffer.from(from.name) },
      to: { parent: to.directory.id, name: Buffer.from(to.name) },
    };
    if (flags.exchange && (inode.creation !== undefined || other?.creation !== undefined)) {
      await this.#publishNow(inode, other);
    }
    const { exchange } = flags;
    await this.log.append(
      { op: 'rename', node: inode.id, ...places, exchange, over: other?.id },
      (serial) => {
        this.changes.rename(inode, other, { ...places, exchange, serial });
      },
    );
    this.#stir(from.directory);
    this.#stir(to.directory);
  }

  async setAttributes(inode: Inode, change: AttributeChange): Promise<void> {
    this.checkWritable();
    if (isVirtual(inode)) throw refusal('EROFS');
    const { mode, mtime, atime, uid, gid } = change;
    const attributes: { mode?: number; mtime?: FileTime; xattrs?: Map<string, Buffer> } = {};
    if (mode !== undefined) attributes.mode = mode & 0o7777;
    if (mtime !== undefined) attributes.mtime = mtime;
    if (uid !== undefined || gid !== undefined) {
      const owner = this.ownerOf(inode);
      const wanted = { uid: uid ?? owner.uid, gid: gid ?? owner.gid };
      const isSame = wanted.uid === owner.uid && wanted.gid === owner.gid;
      if (!isSame && !this.#keepsOwners) throw refusal('EPERM');
      if (!isSame) attributes.xattrs = new Map([[ownerName, ownerValue(wanted)]]);
    }
    if (atime !== undefined) inode.atime = atime;
    inode.ctime = this.now();
    await this.#saveAttributes(inode, attributes);
  }

  async setXattr(inode: Inode, name: string, value: Buffer | undefined): Promise<void> {
    await this.#saveAttributes(inode, { xattrs: new Map([[name, value]]) });
    inode.ctime = this.now();
  }

  /** The kernel does not know it any more. */
  forget(inode: Inode): void {
    inode.isKnown = false;
    inode.told?.clear();
    this.released(inode);
  }

  /** Somebody less needs it: the bytes of a removed file go with the last one. */
  released(inode: Inode): void {
    if (isVirtual(inode)) {
      this.virtual.release(inode);
      return;
    }
    if (inode.handles === 0 && inode.isRemoved && inode.data !== undefined && !inode.isKnown) {
      inode.creation = undefined;
      void inode.data.discard().catch((error: unknown) => {
        this.port.trouble(error, inode.id);
      });
    }
    this.inodes.release(inode);
  }

  /** @throws VaultError `read-only` and what else keeps this device from writing */
  checkWritable(): void {
    const reason = this.port.readOnly();
    if (reason !== undefined) throw reason;
  }

  now(): FileTime {
    const nowMs = this.port.clock.nowMs();
    const seconds = Math.floor(nowMs / 1000);
    return { seconds, nanoseconds: Math.round((nowMs - seconds * 1000) * 1e6) % 1e9 };
  }

  /** Changes attributes in memory, in the log, and in the vault when its turn comes. */
  async #saveAttributes(inode: Inode, attributes: Attributes): Promise<void> {
    this.checkWritable();
    if (isVirtual(inode)) throw refusal('EROFS');
    if (Object.keys(attributes).length === 0) return;
    await this.log.append({ op: 'attributes', node: inode.id, attributes }, (serial) => {
      this.changes.attributes(inode, attributes, serial);
    });
  }

  async #make(made: NewNode, place: Place | undefined, above: Inode | undefined): Promise<Inode> {
    const { kind, mode, target } = made;
    const node = this.port.newNode();
    const mtime = this.now();
    const { uid, gid } = made.owner;
    const isOwn = !this.#keepsOwners || (uid === this.#owner.uid && gid === this.#owner.gid);
    const xattrs = isOwn ? undefined : new Map([[ownerName, ownerValue(made.owner)]]);
    const attributes: Attributes = { mode: mode & 0o7777, mtime, ...(xattrs && { xattrs }) };
    const record: NamesRecord = { op: 'create', kind, node, place, attributes, target };
    const inode = newInode(record);
    await this.log.append(record, (serial) => {
      this.changes.create(inode, place, serial);
    });
    if (above !== undefined) this.#stir(above);
    if (kind === 'file') this.publishing.touched(inode);
    return inode;
  }

  #publishNow(...inodes: (Inode | undefined)[]): Promise<void> {
    return this.outbox.hurry(async () => {
      for (const inode of inodes) {
        if (inode === undefined) continue;
        this.publishing.content(inode);
        await inode.tail;
      }
    });
  }

  #existing(directory: Inode, name: Buffer): Inode {
    const inode = this.lookup(directory, name);
    if (inode === undefined) throw refusal('ENOENT');
    if (isVirtual(inode)) throw refusal('EROFS');
    return inode;
  }

  #checkReplaceable(inode: Inode, other: Inode): void {
    if (isVirtual(other)) throw refusal('EROFS');
    if (inode.kind === 'directory' && other.kind !== 'directory') throw refusal('ENOTDIR');
    if (inode.kind !== 'directory' && other.kind === 'directory') throw refusal('EISDIR');
    if (other.kind === 'directory' && this.list(other).length > 0) throw refusal('ENOTEMPTY');
  }

  #checkChange(directory: Inode, name: Buffer): void {
    if (isVirtual(directory)) throw refusal('EROFS');
    if (name.length > nameBytesMax) throw refusal('ENAMETOOLONG');
    if (directory.isRemoved) throw refusal('ENOENT');
    this.checkWritable();
  }

  /** What is in a directory changed: its time is not in the vault, which merges directories. */
  #stir(directory: Inode): void {
    directory.mtime = this.now();
    directory.ctime = directory.mtime;
  }

  #isQuiet(): boolean {
    if (!this.outbox.isIdle || this.outbox.hasFailed || this.log.isBusy) return false;
    for (const inode of this.inodes.all()) if (inode.isOurs) return false;
    return true;
  }

  #tidyLater(): void {
    this.#quiet?.cancel();
    this.#quiet = this.port.clock.after(quietMs, () => {
      if (!this.#isQuiet()) return;
      this.log.reset().catch((error: unknown) => {
        this.port.trouble(error, 'the log of names');
      });
    });
  }
}
