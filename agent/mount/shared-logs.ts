/**
 * Many small scratch files in one: each record says which of them it is of. A log goes when none of its
 * files is needed any more. What says that a file is not needed stands in the newest log, and is said
 * again before a log that says it goes.
 *
 * A record is its kind (1), the number of the file in this log (4) and its content; the first one of a
 * file has the name behind that, and the length of the name (1). A record of the kind `removed` has pairs:
 * the number of a log and of a file in it (4 each).
 */
import type { RecordPlace, ScratchFile } from '../../fuse/operations/port.ts';
import { directory, SealedFile, type SealedFileParts } from './sealed-file.ts';

const prefix = 'log-';
const kinds = { more: 1, first: 2, removed: 3 } as const;
const headBytes = 5;
/** Then the next log begins. */
const logBytesMax = 32 * 1024 * 1024;
/** A log of nothing but what is gone is kept for the next file up to here. */
const emptyBytesMax = 1024 * 1024;
/** Records that were just written are likely to be read once, when they are published. */
const recentBytesMax = 16 * 1024 * 1024;
/** A write of 64 KiB, with what stands before it. */
const recentRecordBytesMax = 64 * 1024 + 64;

interface Log {
  readonly number: number;
  readonly file: SealedFile;
  readonly needed: Set<number>;
  readonly removed: Set<number>;
  files: number;
}

/** Where records of a file are, in one log. */
interface Part {
  readonly log: Log;
  readonly id: number;
  /** A record with the name is known to be written. */
  isNamed: boolean;
  /** Of a log that was found. */
  readonly places: SharedPlace[];
}

interface SharedPlace extends RecordPlace {
  readonly log: Log;
  readonly record: RecordPlace;
}

export function isLogName(name: string): boolean {
  return name.startsWith(prefix);
}

export async function openSharedLogs(parts: SealedFileParts): Promise<SharedLogs> {
  const names = (await parts.disk.list(directory)).filter(isLogName);
  const numbers = names.map((name) => Number(name.slice(prefix.length))).sort((a, b) => a - b);
  const logs = new SharedLogs(parts, numbers.at(-1) ?? 0);
  for (const number of numbers) await logs.scan(number);
  await logs.tidy();
  return logs;
}

export class SharedLogs {
  readonly #parts: SealedFileParts;
  readonly #logs = new Map<number, Log>();
  readonly #files = new Map<string, SharedFile>();
  readonly #recent = new Map<string, Buffer>();
  #recentBytes = 0;
  #last: number;
  #current: Log | undefined;
  #marks: { readonly log: number; readonly id: number }[] = [];
  #marking: Promise<void> | undefined;

  constructor(parts: SealedFileParts, last: number) {
    this.#parts = parts;
    this.#last = last;
  }

  names(): readonly string[] {
    return [...this.#files.keys()];
  }

  existing(name: string): SharedFile | undefined {
    return this.#files.get(name);
  }

  create(name: string): SharedFile {
    const file = new SharedFile(this, name);
    this.#files.set(name, file);
    return file;
  }

  /** Takes a log up that another agent left. */
  async scan(number: number): Promise<void> {
    const log = this.#open(number, false);
    const parts = new Map<number, Part>();
    const found = new SealedFile(this.#parts, log.file.name, { isNew: false });
    for await (const { place: record, plain } of found.records()) {
      if (plain.length < headBytes) continue;
      const kind = plain[0];
      const id = plain.readUInt32LE(1);
      if (kind === kinds.removed) this.#readMarks(plain);
      if (kind !== kinds.first && kind !== kinds.more) continue;
      if (kind === kinds.first && !parts.has(id)) parts.set(id, this.#readFirst(log, id, plain));
      const nameBytes = kind === kinds.first ? (plain.at(-1) ?? 0) + 1 : 0;
      const plainBytes = plain.length - headBytes - nameBytes;
      parts.get(id)?.places.push({ offset: record.offset, plainBytes, log, record });
    }
  }

  /** Lets go of logs that nobody needs. */
  async tidy(): Promise<void> {
    for (const [name, file] of this.#files) if (!file.isNeeded) this.#files.delete(name);
    for (const log of [...this.#logs.values()]) await this.#dropIfEmpty(log);
  }

  append(
    file: SharedFile,
    parts: readonly Uint8Array[],
  ): { place: SharedPlace; done: Promise<void> } {
    const log = this.#logForNext();
    const plainBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const part = file.partIn(log) ?? this.#admit(file, log);
    const { isNamed } = part;
    const head = Buffer.allocUnsafe(headBytes);
    head[0] = isNamed ? kinds.more : kinds.first;
    head.writeUInt32LE(part.id, 1);
    const { place: record, done } = log.file.append(
      isNamed ? [head, ...parts] : [head, ...parts, nameOf(file)],
    );
    const named = (): void => {
      part.isNamed = true;
    };
    const place = { offset: record.offset, plainBytes, log, record };
    this.#remember(place, parts);
    return { place, done: isNamed ? done : done.then(named) };
  }

  async read(place: SharedPlace): Promise<Buffer> {
    const recent = this.#recent.get(keyOf(place));
    if (recent !== undefined) return recent;
    const record = await place.log.file.read(place.record);
    return record.subarray(headBytes, headBytes + place.plainBytes);
  }

  async remove(file: SharedFile): Promise<void> {
    if (this.#files.get(file.name) === file) this.#files.delete(file.name);
    for (const { log, id } of file.parts) {
      log.needed.delete(id);
      log.removed.add(id);
      this.#marks.push({ log: log.number, id });
    }
    await this.#mark();
    // What is in the way of that is so for the next start as well.
    for (const { log } of file.parts) await this.#dropIfEmpty(log).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#marking;
    let isKept = false;
    for (const log of [...this.#logs.values()].sort((a, b) => a.number - b.number)) {
      // A later one may say what of an earlier one is not needed.
      isKept ||= log.needed.size > 0;
      if (isKept) await log.file.close();
      else await log.file.remove();
    }
    this.#logs.clear();
    this.#current = undefined;
  }

  /** Those of one moment in one record. What is not written costs a second look after a crash. */
  #mark(): Promise<void> {
    this.#marking ??= Promise.resolve().then(async () => {
      this.#marking = undefined;
      const marks = this.#marks.filter(({ log }) => this.#logs.has(log));
      this.#marks = [];
      if (marks.length > 0) await this.#writeMarks(marks).catch(() => undefined);
    });
    return this.#marking;
  }

  #writeMarks(marks: readonly { readonly log: number; readonly id: number }[]): Promise<void> {
    const record = Buffer.alloc(headBytes + marks.length * 8);
    record[0] = kinds.removed;
    for (const [index, { log, id }] of marks.entries()) {
      record.writeUInt32LE(log, headBytes + index * 8);
      record.writeUInt32LE(id, headBytes + index * 8 + 4);
    }
    return this.#logForNext().file.append([record]).done;
  }

  #readMarks(plain: Buffer): void {
    for (let at = headBytes; at + 8 <= plain.length; at += 8) {
      const log = this.#logs.get(plain.readUInt32LE(at));
      const id = plain.readUInt32LE(at + 4);
      log?.removed.add(id);
      log?.needed.delete(id);
    }
  }

  #readFirst(log: Log, id: number, plain: Buffer): Part {
    const nameBytes = plain.at(-1) ?? 0;
    const name = plain.toString('latin1', plain.length - 1 - nameBytes, plain.length - 1);
    const file = this.#files.get(name) ?? this.create(name);
    const part = { log, id, isNamed: true, places: [] };
    log.needed.add(id);
    file.parts.push(part);
    return part;
  }

  #admit(file: SharedFile, log: Log): Part {
    log.files += 1;
    log.needed.add(log.files);
    const part = { log, id: log.files, isNamed: false, places: [] };
    file.parts.push(part);
    return part;
  }

  #logForNext(): Log {
    const now = this.#current;
    if (now !== undefined && now.file.bytes < logBytesMax && !now.file.isBroken) return now;
    this.#last += 1;
    this.#current = this.#open(this.#last, true);
    // What is in the way of that is so for its next use as well.
    if (now !== undefined) this.#dropIfEmpty(now).catch(() => undefined);
    return this.#current;
  }

  #open(number: number, isNew: boolean): Log {
    const file = new SealedFile(this.#parts, `${prefix}${String(number)}`, { isNew });
    const log = { number, file, needed: new Set<number>(), removed: new Set<number>(), files: 0 };
    this.#logs.set(number, log);
    return log;
  }

  async #dropIfEmpty(log: Log): Promise<void> {
    if (log.needed.size > 0 || this.#logs.get(log.number) !== log) return;
    if (log === this.#current) {
      if (log.file.bytes < emptyBytesMax) return;
      this.#current = undefined;
    }
    this.#logs.delete(log.number);
    // What it says about others would be gone with it.
    const marks = [...this.#logs.values()].flatMap(({ number, removed }) =>
      number < log.number ? [...removed].map((id) => ({ log: number, id })) : [],
    );
    try {
      if (marks.length > 0) {
        await this.#writeMarks(marks);
        await this.#current?.file.sync();
      }
    } catch (error) {
      this.#logs.set(log.number, log);
      throw error;
    }
    await log.file.remove();
  }

  #remember(place: SharedPlace, parts: readonly Uint8Array[]): void {
    // After a write that failed another record may have stood there.
    const key = keyOf(place);
    this.#recentBytes -= this.#recent.get(key)?.length ?? 0;
    this.#recent.delete(key);
    if (place.plainBytes > recentRecordBytesMax) return;
    this.#recentBytes += place.plainBytes;
    this.#recent.set(key, Buffer.concat(parts));
    for (const [oldest, { length }] of this.#recent) {
      if (this.#recentBytes <= recentBytesMax) break;
      this.#recent.delete(oldest);
      this.#recentBytes -= length;
    }
  }
}

class SharedFile implements ScratchFile {
  readonly isShared = true;
  readonly name: string;
  readonly parts: Part[] = [];
  bytes = 0;
  readonly #logs: SharedLogs;

  constructor(logs: SharedLogs, name: string) {
    this.#logs = logs;
    this.name = name;
  }

  get isNeeded(): boolean {
    return this.parts.some(({ log, id }) => log.needed.has(id));
  }

  partIn(log: Log): Part | undefined {
    return this.parts.find((part) => part.log === log);
  }

  append(parts: readonly Uint8Array[]): { place: RecordPlace; done: Promise<void> } {
    const appended = this.#logs.append(this, parts);
    this.bytes += appended.place.plainBytes;
    return appended;
  }

  read(place: RecordPlace): Promise<Buffer> {
    return this.#logs.read(place as SharedPlace);
  }

  async *records(): AsyncGenerator<{ place: RecordPlace; plain: Buffer }> {
    for (const { places } of this.parts) {
      for (const place of places) yield { place, plain: await this.read(place) };
    }
  }

  async sync(): Promise<void> {
    for (const { log } of this.parts) await log.file.sync();
  }

  remove(): Promise<void> {
    return this.#logs.remove(this);
  }
}

function nameOf({ name }: SharedFile): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  return Buffer.concat([bytes, Buffer.of(bytes.length)]);
}

function keyOf({ log, offset }: SharedPlace): string {
  return `${String(log.number)}:${String(offset)}`;
}
