/**
 * Which chunk this device has sealed of which plain bytes, so that content from an earlier epoch is named
 * again instead of being stored once more under new keys. Local and disposable: losing it costs room,
 * never data. What the index gives back counts only with its MAC under a key of the vault, since LevelDB
 * returns what it finds, also after a bit flip.
 */
import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { blake3Of } from '../../protocol/hash.ts';
import { idFromBytes, idToBytes, type EpochId, type PlainId } from '../../protocol/ids.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { deriveKey } from '../members/derive.ts';
import type { Index, IndexChange } from '../ports.ts';

const keyTag = 0x70; // 'p'
const digestBytes = 16;
const bodyBytes = 32 + 32 + 3 * 4;
const macBytes = 16;

export interface SealMemory {
  /** What was sealed of the same bytes before, under a key that this device still has. */
  find(pid: PlainId): ChunkRef | undefined;
  /** Never rejects: what is not kept costs room later. */
  remember(refs: readonly ChunkRef[]): Promise<void>;
}

export class EarlierSeals {
  readonly #index: Index;
  readonly #canRead: (epoch: EpochId) => boolean;

  constructor(index: Index, canRead: (epoch: EpochId) => boolean) {
    this.#index = index;
    this.#canRead = canRead;
  }

  /** @param dedupKey 32 bytes; as long as the vault lives it is the same */
  under(dedupKey: Uint8Array): SealMemory {
    // A key object: Node needs longer for a raw key than for the whole sum.
    const macKey = createSecretKey(deriveKey(dedupKey, 'index/earlier-seals'));
    return {
      find: (pid) => {
        const key = keyOf(pid);
        const value = this.#index.get(key);
        const ref = value === undefined ? undefined : read(macKey, { key, value, pid });
        return ref !== undefined && this.#canRead(ref.epoch) ? ref : undefined;
      },
      remember: (refs) => {
        const changes = refs.map((ref): IndexChange => {
          const key = keyOf(ref.pid);
          return { key, value: written(macKey, key, ref) };
        });
        return this.#index.write(changes).catch(() => undefined);
      },
    };
  }
}

/** The private id itself stays out of the index. */
function keyOf(pid: PlainId): Buffer {
  const digest = blake3Of('peervault earlier seal', idToBytes(pid)).subarray(0, digestBytes);
  return Buffer.concat([Buffer.of(keyTag), digest]);
}

function written(macKey: KeyObject, key: Buffer, ref: ChunkRef): Buffer {
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32LE(ref.format, 0);
  numbers.writeUInt32LE(ref.plainLength, 4);
  numbers.writeUInt32LE(ref.sealedLength, 8);
  const body = Buffer.concat([idToBytes(ref.cid), idToBytes(ref.epoch), numbers]);
  return Buffer.concat([body, macOf(macKey, { key, body, pid: ref.pid })]);
}

function read(
  macKey: KeyObject,
  { key, value, pid }: { readonly key: Buffer; readonly value: Buffer; readonly pid: PlainId },
): ChunkRef | undefined {
  if (value.length !== bodyBytes + macBytes) return undefined;
  const body = value.subarray(0, bodyBytes);
  if (!timingSafeEqual(macOf(macKey, { key, body, pid }), value.subarray(bodyBytes))) {
    return undefined;
  }
  return {
    pid,
    cid: idFromBytes('chunk', body.subarray(0, 32)),
    epoch: idFromBytes('epoch', body.subarray(32, 64)),
    format: body.readUInt32LE(64),
    plainLength: body.readUInt32LE(68),
    sealedLength: body.readUInt32LE(72),
  };
}

function macOf(
  macKey: KeyObject,
  { key, body, pid }: { readonly key: Buffer; readonly body: Buffer; readonly pid: PlainId },
): Buffer {
  const mac = createHmac('sha256', macKey).update(key).update(body).update(idToBytes(pid));
  return mac.digest().subarray(0, macBytes);
}
