/**
 * What a client knew the source of a version by (size, times, inode), so that storing the same tree
 * again reads no file. Local and disposable: losing it costs reading, never data. Keys are digests
 * of operations and values digests of fingerprints: neither reveals a name.
 */
import { blake3Of } from '../../protocol/hash.ts';
import type { OpId } from '../../protocol/messages/op.ts';
import type { Index } from '../ports.ts';
import { opDigest } from './version-id.ts';

const valueBytes = 16;

export class SourcePrints {
  readonly #index: Index;

  constructor(index: Index) {
    this.#index = index;
  }

  /** Whether `version` was stored from a source with this fingerprint. An empty one matches nothing. */
  matches(version: OpId, fingerprint: Uint8Array): boolean {
    if (fingerprint.length === 0) return false;
    return this.#index.get(keyOf(version))?.equals(digest(fingerprint)) ?? false;
  }

  async remember(prints: readonly { version: OpId; fingerprint: Uint8Array }[]): Promise<void> {
    const changes = prints
      .filter(({ fingerprint }) => fingerprint.length > 0)
      .map(({ version, fingerprint }) => ({ key: keyOf(version), value: digest(fingerprint) }));
    if (changes.length > 0) await this.#index.write(changes);
  }
}

function keyOf(version: OpId): Buffer {
  return opDigest(version).subarray(0, valueBytes);
}

function digest(fingerprint: Uint8Array): Buffer {
  return blake3Of('peervault source print', fingerprint).subarray(0, valueBytes);
}
