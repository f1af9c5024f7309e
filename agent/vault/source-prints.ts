/**
 * What a client knew the source of a version by (size, times, inode), so that storing the same tree
 * again reads no file. Local and disposable: losing it costs reading, never data. Keys are digests
 * of batches and values digests of fingerprints: neither reveals a name.
 *
 * A batch that stores files stores hundreds, and they are asked for together again: so all prints of a
 * batch are one value, rows of the index in the batch (u16, big endian) and 16 bytes, in order.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { idToBytes } from '../../protocol/ids.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { Index, IndexChange } from '../ports.ts';
import { opDigest } from './version-id.ts';

export interface SourcePrint {
  readonly version: OpId;
  readonly fingerprint: Uint8Array;
}

/** Of one batch, on the way into the index: digests by index. */
interface Pending {
  readonly batch: BatchName;
  readonly prints: Map<number, Buffer>;
}

type BatchName = Pick<OpId, 'journal' | 'sequence'>;

const indexBytes = 2;
const digestBytes = 16;
const rowBytes = indexBytes + digestBytes;
const nothing = Buffer.alloc(0);

export class SourcePrints {
  readonly #index: Index;
  #waiting = new Map<string, Pending>();
  #beingWritten = new Map<string, Pending>();
  /** What was read last: a tree is asked for in the order in which it was stored. */
  #latest: { readonly batch: BatchName; readonly rows: Buffer } | undefined;
  #writing: Promise<void> | undefined;

  constructor(index: Index) {
    this.#index = index;
  }

  /** Whether `version` was stored from a source with this fingerprint. An empty one matches nothing. */
  matches(version: OpId, fingerprint: Uint8Array): boolean {
    if (fingerprint.length === 0) return false;
    const known = this.#pending(version) ?? this.#stored(version) ?? this.#older(version);
    return known?.equals(digestOf(fingerprint)) ?? false;
  }

  /** Prints that come while others are written go together into the next write. */
  remember(prints: readonly SourcePrint[]): Promise<void> {
    let latest: Pending | undefined;
    for (const { version, fingerprint } of prints) {
      if (fingerprint.length === 0) continue;
      if (latest === undefined || !isOf(latest.batch, version)) latest = this.#pendingFor(version);
      latest.prints.set(version.index, digestOf(fingerprint));
    }
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      // One turn later: whoever was told of the same sync adds to the same write.
      await Promise.resolve();
      while (this.#waiting.size > 0) {
        this.#beingWritten = this.#waiting;
        this.#waiting = new Map();
        const changes = [...this.#beingWritten.values()].map((each) => this.#change(each));
        await this.#index.write(changes);
        this.#latest = undefined;
      }
    } finally {
      this.#writing = undefined;
      this.#beingWritten = new Map();
    }
  }

  /** Beside the rows that the batch has already. */
  #change({ batch, prints }: Pending): IndexChange {
    const key = keyOf(batch);
    const before = this.#index.get(key) ?? nothing;
    const rows = new Map([...rowsIn(before), ...prints]);
    const value = Buffer.alloc(rows.size * rowBytes);
    let at = 0;
    for (const index of [...rows.keys()].sort((a, b) => a - b)) {
      value.writeUInt16BE(index, at);
      value.set(rows.get(index) ?? nothing, at + indexBytes);
      at += rowBytes;
    }
    return { key, value };
  }

  #pendingFor({ journal, sequence }: OpId): Pending {
    const name = nameOf({ journal, sequence });
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return waiting;
    const fresh: Pending = {
      batch: { journal, sequence },
      // What is written at the moment may not be in the index when this is merged with it.
      prints: new Map(this.#beingWritten.get(name)?.prints),
    };
    this.#waiting.set(name, fresh);
    return fresh;
  }

  #pending(version: OpId): Buffer | undefined {
    if (this.#waiting.size + this.#beingWritten.size === 0) return undefined;
    const name = nameOf(version);
    return (this.#waiting.get(name) ?? this.#beingWritten.get(name))?.prints.get(version.index);
  }

  #stored(version: OpId): Buffer | undefined {
    if (this.#latest === undefined || !isOf(this.#latest.batch, version)) {
      const { journal, sequence } = version;
      const rows = this.#index.get(keyOf(version)) ?? nothing;
      this.#latest = { batch: { journal, sequence }, rows };
    }
    return rowAt(this.#latest.rows, version.index);
  }

  /** As it was written before prints of a batch stood together: under the digest of the operation. */
  #older(version: OpId): Buffer | undefined {
    const value = this.#index.get(opDigest(version).subarray(0, digestBytes));
    return value?.length === digestBytes ? value : undefined;
  }
}

function isOf(batch: BatchName, version: OpId): boolean {
  return batch.sequence === version.sequence && batch.journal === version.journal;
}

function nameOf({ journal, sequence }: BatchName): string {
  return `${journal}${String(sequence)}`;
}

function* rowsIn(rows: Buffer): Generator<readonly [number, Buffer]> {
  for (let at = 0; at + rowBytes <= rows.length; at += rowBytes) {
    yield [rows.readUInt16BE(at), rows.subarray(at + indexBytes, at + rowBytes)];
  }
}

/** They are in order. */
function rowAt(rows: Buffer, index: number): Buffer | undefined {
  let low = 0;
  let high = Math.floor(rows.length / rowBytes);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows.readUInt16BE(middle * rowBytes) < index) low = middle + 1;
    else high = middle;
  }
  const at = low * rowBytes;
  if (at + rowBytes > rows.length || rows.readUInt16BE(at) !== index) return undefined;
  return rows.subarray(at + indexBytes, at + rowBytes);
}

function keyOf({ journal, sequence }: BatchName): Buffer {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(sequence));
  return blake3Of('peervault source prints', idToBytes(journal), position).subarray(0, digestBytes);
}

function digestOf(fingerprint: Uint8Array): Buffer {
  return blake3Of('peervault source print', fingerprint).subarray(0, digestBytes);
}
