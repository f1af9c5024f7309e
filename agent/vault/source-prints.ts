/**
 * What a client knew the source of a version by (size, times, inode), so that storing the same tree
 * again reads no file. Local and disposable: losing it costs reading, never data. Keys are digests
 * of operations and values digests of fingerprints: neither reveals a name.
 */
import { blake3Of } from '../../protocol/hash.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { Index, IndexChange } from '../ports.ts';
import { opDigest } from './version-id.ts';

const valueBytes = 16;

export class SourcePrints {
  readonly #index: Index;
  readonly #waiting: IndexChange[] = [];
  #writing: Promise<void> | undefined;

  constructor(index: Index) {
    this.#index = index;
  }

  /** Whether `version` was stored from a source with this fingerprint. An empty one matches nothing. */
  matches(version: OpId, fingerprint: Uint8Array): boolean {
    if (fingerprint.length === 0) return false;
    return this.#index.get(keyOf(version))?.equals(digest(fingerprint)) ?? false;
  }

  /** Prints that come while others are written go together into the next write. */
  remember(prints: readonly { version: OpId; fingerprint: Uint8Array }[]): Promise<void> {
    for (const { version, fingerprint } of prints) {
      if (fingerprint.length === 0) continue;
      this.#waiting.push({ key: keyOf(version), value: digest(fingerprint) });
    }
    this.#writing ??= this.#writeAll();
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      // One turn later: whoever was told of the same sync adds to the same write.
      await Promise.resolve();
      while (this.#waiting.length > 0) await this.#index.write(this.#waiting.splice(0));
    } finally {
      this.#writing = undefined;
    }
  }
}

function keyOf(version: OpId): Buffer {
  return opDigest(version).subarray(0, valueBytes);
}

function digest(fingerprint: Uint8Array): Buffer {
  return blake3Of('peervault source print', fingerprint).subarray(0, valueBytes);
}
