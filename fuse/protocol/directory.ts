/** Packs the rows of a directory into the answer to READDIR or READDIRPLUS. */
import { outHeaderBytes } from './constants.ts';
import { entryBytes, reply, writeEntry, writeU64, type Entry } from './reply.ts';
import type { Header } from './request.ts';

const rowBytes = 24;

export interface DirectoryRow {
  readonly inode: number;
  readonly name: Buffer;
  /** The kind, as in the upper bits of a mode. */
  readonly kind: number;
  /** Where the next answer begins when this row was the last one. */
  readonly next: number;
}

export class DirectoryReply {
  readonly #bytes: Buffer;
  readonly #plus: boolean;
  #at = outHeaderBytes;

  /** @param sizeMax of the body: what the kernel has room for */
  constructor(to: Header, { sizeMax, plus }: { readonly sizeMax: number; readonly plus: boolean }) {
    this.#bytes = reply(to, sizeMax);
    this.#plus = plus;
  }

  /** Whether a row with a name of so many bytes still fits. */
  fits(nameBytes: number): boolean {
    return this.#at + this.#sizeOf(nameBytes) <= this.#bytes.length;
  }

  /** @param entry of READDIRPLUS; undefined: a row that is not looked up, as `.` and `..` */
  add({ inode, name, kind, next }: DirectoryRow, entry: Entry | undefined): void {
    const start = this.#at;
    let at = start;
    if (this.#plus) {
      if (entry !== undefined) writeEntry(this.#bytes, at, entry);
      at += entryBytes;
    }
    writeU64(this.#bytes, at, inode);
    writeU64(this.#bytes, at + 8, next);
    this.#bytes.writeUInt32LE(name.length, at + 16);
    this.#bytes.writeUInt32LE((kind >> 12) & 0xf, at + 20);
    name.copy(this.#bytes, at + rowBytes);
    this.#at = start + this.#sizeOf(name.length);
  }

  /** The answer, as long as its rows. */
  finish(): Buffer {
    this.#bytes.writeUInt32LE(this.#at, 0);
    return this.#bytes.subarray(0, this.#at);
  }

  #sizeOf(nameBytes: number): number {
    const row = Math.ceil((rowBytes + nameBytes) / 8) * 8;
    return this.#plus ? entryBytes + row : row;
  }
}
