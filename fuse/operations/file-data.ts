/**
 * The bytes of one file: a version of the vault, and over it what was written here since. Written bytes
 * go to a sealed scratch file before the write is answered; in memory is only where they stand, so that
 * dirty data costs no memory. A publication takes a snapshot; what is written meanwhile stays on top of
 * its result.
 */
import { Extents } from './extents.ts';
import type {
  Content,
  NodeId,
  OpId,
  ReadOptions,
  RecordPlace,
  ScratchFile,
  Stretch,
  VaultPort,
} from './port.ts';
import {
  dataRecord,
  headRecord,
  prefixBytes,
  truncateRecord,
  zeroRecord,
} from './scratch-records.ts';

interface Source {
  readonly file: ScratchFile;
  readonly place: RecordPlace;
}

export interface Snapshot {
  readonly size: number;
  readonly turn: number;
  readonly files: readonly ScratchFile[];
  readonly base: Content;
  readonly dirty: readonly Stretch[];
  read(offset: number, length: number): Promise<Buffer>;
}

export interface FileIdentity {
  readonly node: NodeId;
  readonly base: OpId | undefined;
  readonly content: Content;
}

/** @param shared for a few small records */
type NewFile = (identity: FileIdentity, shared: boolean) => ScratchFile;

/** Whoever writes more than that into a file, or so much at once, gets one for it. */
const sharedBytesMax = 1024 * 1024;
const sharedWriteBytesMax = 64 * 1024;
const zeroPiece = Buffer.alloc(1024 * 1024);

export class FileData {
  size: number;
  base: Content;
  readonly #port: Pick<VaultPort, 'read'>;
  readonly #newFile: NewFile;
  readonly #identity: () => FileIdentity;
  readonly #extents = new Extents<Source>();
  #turn = 0;
  #published = 0;
  #active: ScratchFile | undefined;
  #older: ScratchFile[] = [];
  readonly #writing = new Set<Promise<void>>();
  /** Of truncations since the last snapshot: the smallest size. */
  #cutTo = Infinity;

  constructor(
    port: Pick<VaultPort, 'read'>,
    base: Content,
    files: {
      readonly identity: () => FileIdentity;
      readonly newFile: NewFile;
    },
  ) {
    this.#port = port;
    this.base = base;
    this.size = sizeOf(base);
    this.#identity = files.identity;
    this.#newFile = files.newFile;
  }

  /** Something was written that is in no version. */
  get isDirty(): boolean {
    return this.#turn > this.#published;
  }

  get scratchNames(): readonly string[] {
    return [...this.#older, this.#active].flatMap((file) => file?.name ?? []);
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    if (data.length === 0) return;
    await this.#record(data.length, async (file) => {
      const { place, done } = file.append([dataRecord(offset), data]);
      await done;
      this.applyData(offset, { file, place });
    });
  }

  async truncate(size: number): Promise<void> {
    if (size === this.size) return;
    await this.#record(0, async (file) => {
      await file.append([truncateRecord(size)]).done;
      this.applyTruncate(size);
    });
  }

  /** Zeros in a stretch; beyond the end only where `grow` lets the file grow. */
  async zero(start: number, end: number, grow: boolean): Promise<void> {
    const to = grow ? end : Math.min(end, this.size);
    if (to <= start) return;
    await this.#record(0, async (file) => {
      await file.append([zeroRecord(start, to)]).done;
      this.applyZero(start, to);
    });
  }

  read(offset: number, length: number, options: ReadOptions = {}): Buffer[] | Promise<Buffer[]> {
    // Nothing lies over it: nothing of it can go away while it is read.
    const end = Math.min(this.size, offset + length);
    if (offset >= end) return [];
    if (this.#extents.isEmpty && end <= sizeOf(this.base)) {
      return this.#port.read(this.base, offset, end - offset, options);
    }
    return this.#readOver(offset, length, options);
  }

  async #readOver(offset: number, length: number, options: ReadOptions): Promise<Buffer[]> {
    for (;;) {
      const { base } = this;
      const view = { size: this.size, base, extents: this.#extents };
      try {
        return await readView(this.#port, view, { offset, length, options });
      } catch (error) {
        // A publication may have taken the scratch file away meanwhile: then the base has its bytes.
        if (base === this.base) throw error;
      }
    }
  }

  /** The same bytes as another version: nothing is copied. */
  async adopt(content: Content): Promise<void> {
    this.takeOver(content);
    await this.#begin(true, { shared: true });
  }

  /** Stands on a content that is no version of this file yet. */
  takeOver(content: Content): void {
    this.base = content;
    this.size = sizeOf(content);
    this.#turn += 1;
  }

  async snapshot(): Promise<Snapshot> {
    // What is written from now on goes to another file, so that this one can go as a whole: when nobody
    // is still writing into it.
    if (this.#active !== undefined) this.#older.push(this.#active);
    this.#active = undefined;
    const files = [...this.#older];
    await Promise.allSettled(this.#writing);
    const extents = this.#extents.copy();
    const view = { size: this.size, base: this.base, extents };
    this.#cutTo = Infinity;
    return {
      size: this.size,
      turn: this.#turn,
      base: this.base,
      files,
      dirty: extents.covered(),
      read: async (offset, length) =>
        Buffer.concat(await readView(this.#port, view, { offset, length, options: {} })),
    };
  }

  /** The snapshot is a version now. */
  async rebase(snapshot: Snapshot, content: Content): Promise<void> {
    this.base = content;
    this.#extents.dropUpTo(snapshot.turn);
    this.#published = snapshot.turn;
    // It shrank while it was stored: what the version has beyond is not to be seen again.
    const after = sizeOf(content);
    if (this.#cutTo < after) this.#zeroBeyond(this.#cutTo, after);
    this.#older = this.#older.filter((file) => !snapshot.files.includes(file));
    for (const file of snapshot.files) await file.remove();
  }

  async sync(): Promise<void> {
    await Promise.all([...this.#older, this.#active].map(async (file) => file?.sync()));
  }

  /** Nobody needs what was written. */
  async discard(): Promise<void> {
    const files = [...this.#older, this.#active];
    this.#older = [];
    this.#active = undefined;
    this.#extents.dropUpTo(this.#turn);
    this.#published = this.#turn;
    for (const file of files) await file?.remove();
  }

  /** Takes up what a killed agent left. */
  adoptFile(file: ScratchFile): void {
    this.#older.push(file);
  }

  applyData(start: number, source: Source): void {
    const end = start + source.place.plainBytes - prefixBytes;
    this.#put(start, end, source);
    this.size = Math.max(this.size, end);
  }

  applyZero(start: number, end: number): void {
    this.#put(start, end, undefined);
    this.size = Math.max(this.size, end);
  }

  applyTruncate(size: number): void {
    this.#extents.cut(size);
    this.#cutTo = Math.min(this.#cutTo, size, this.size);
    if (size < sizeOf(this.base)) this.#zeroBeyond(size, sizeOf(this.base));
    this.#turn += 1;
    this.size = size;
  }

  /** What the base has there must not come back when the file grows again. */
  #zeroBeyond(start: number, end: number): void {
    const written = [...this.#extents.within(start, end)];
    this.#put(start, end, undefined);
    for (const extent of written) this.#extents.put(extent);
  }

  #put(start: number, end: number, source: Source | undefined): void {
    this.#turn += 1;
    const skip = source === undefined ? 0 : prefixBytes;
    this.#extents.put({ start, end, source, skip, turn: this.#turn });
  }

  async #record(bytes: number, write: (file: ScratchFile) => Promise<void>): Promise<void> {
    const writing = this.#scratch(bytes).then(write);
    this.#writing.add(writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** Where the next record of so many bytes goes. */
  async #scratch(bytes: number): Promise<ScratchFile> {
    const active = this.#active;
    const shared = active?.isShared === true ? active.bytes : 0;
    const isShared = bytes <= sharedWriteBytesMax && shared + bytes <= sharedBytesMax;
    if (active !== undefined && (isShared || !active.isShared)) return active;
    return this.#begin(isShared);
  }

  /** The next scratch file, which says first what it is of: one that does not would be lost. */
  async #begin(isShared: boolean, more: { readonly shared?: true } = {}): Promise<ScratchFile> {
    if (this.#active !== undefined) this.#older.push(this.#active);
    const identity = this.#identity();
    const after = this.#older.at(-1)?.name;
    const file = this.#newFile(identity, isShared);
    this.#active = file;
    try {
      await file.append([headRecord({ ...identity, size: this.size, after, ...more })]).done;
      return file;
    } catch (error) {
      if (this.#active === file) this.#active = undefined;
      file.remove().catch(() => undefined);
      throw error;
    }
  }
}

interface View {
  readonly size: number;
  readonly base: Content;
  readonly extents: Extents<Source>;
}

async function readView(
  port: Pick<VaultPort, 'read'>,
  { size, base, extents }: View,
  range: { readonly offset: number; readonly length: number; readonly options: ReadOptions },
): Promise<Buffer[]> {
  const end = Math.min(size, range.offset + range.length);
  if (range.offset >= end) return [];
  const parts: (Promise<Buffer[]> | Buffer[])[] = [];
  let at = range.offset;
  const fromBase = (to: number): void => {
    const has = Math.max(at, Math.min(to, sizeOf(base)));
    if (has > at) parts.push(port.read(base, at, has - at, range.options));
    if (to > has) parts.push(zeros(to - has));
    at = to;
  };
  for (const { start, end: to, source, skip } of extents.within(range.offset, end)) {
    if (start > at) fromBase(start);
    parts.push(
      source === undefined
        ? zeros(to - start)
        : source.file.read(source.place).then((plain) => [plain.subarray(skip, skip + to - start)]),
    );
    at = to;
  }
  if (at < end) fromBase(end);
  return (await Promise.all(parts.map((part) => Promise.resolve(part)))).flat();
}

export function sizeOf(content: Content): number {
  return content.type === 'empty' ? 0 : content.size;
}

function zeros(bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let left = bytes; left > 0; left -= zeroPiece.length) {
    pieces.push(zeroPiece.subarray(0, Math.min(left, zeroPiece.length)));
  }
  return pieces;
}
