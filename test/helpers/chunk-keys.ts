/** Keys and a small shelf of sealed pages for the tests of agent/chunks. */
import { sealChunk, sealedLengthMax } from '../../agent/chunks/seal.ts';
import { openChunk } from '../../agent/chunks/open.ts';
import type { ChunkKind } from '../../agent/chunks/format.ts';
import { keyedBlake3 } from '../../protocol/hash.ts';
import { idFromBytes, idToBytes, parseId } from '../../protocol/ids.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import { byteStreamOf } from './byte-stream-of.ts';

export const testKeys = {
  dedupKey: byteStreamOf('dedup key', 32),
  gearKey: byteStreamOf('gear key', 32),
  chunkKey: byteStreamOf('chunk key', 32),
};
export const testKeyedHash = await keyedBlake3(testKeys.dedupKey);
export const testEpoch = parseId('epoch', 'e0'.repeat(32));

/** Seals into a buffer of its own. */
export function sealAlone(
  plain: Uint8Array,
  kind: ChunkKind = 'content',
): { ref: ChunkRef; body: Buffer } {
  const target = Buffer.alloc(sealedLengthMax(plain.length));
  const sealer = { kind, keyedHash: testKeyedHash, chunkKey: testKeys.chunkKey };
  const { pid, cid, format, sealedLength } = sealChunk(sealer, plain, target);
  const ids = { pid: idFromBytes('plain', pid), cid: idFromBytes('chunk', cid) };
  const lengths = { plainLength: plain.length, sealedLength };
  return {
    ref: { ...ids, epoch: testEpoch, format, ...lengths },
    body: target.subarray(0, sealedLength),
  };
}

/** A reference to a chunk that nobody made, for manifests that nobody reads content through. */
export function inventedRef(name: string, epoch = testEpoch): ChunkRef {
  const bytes = byteStreamOf(name, 66);
  const pid = idFromBytes('plain', bytes.subarray(0, 32));
  const cid = idFromBytes('chunk', bytes.subarray(32, 64));
  const plainLength = 65_536 + bytes.readUInt16BE(64) * 8;
  const sealedLength = sealedLengthMax(plainLength);
  return { cid, pid, epoch, format: 0x01011000, plainLength, sealedLength };
}

/** Keeps sealed manifest pages as the vault would, and counts what is asked of it. */
export class PageShelf {
  readonly bodies = new Map<string, Buffer>();
  sealed = 0;

  readonly sealPage = (bytes: Buffer): Promise<ChunkRef> => {
    const { ref, body } = sealAlone(bytes, 'manifest');
    this.bodies.set(ref.cid, body);
    this.sealed += 1;
    return Promise.resolve(ref);
  };

  readonly loadPage = (ref: ChunkRef): Promise<Buffer> => {
    const plain = Buffer.alloc(ref.plainLength);
    const request = {
      kind: 'manifest' as const,
      format: ref.format,
      pid: idToBytes(ref.pid),
      cid: idToBytes(ref.cid),
      chunkKey: testKeys.chunkKey,
      plainLength: ref.plainLength,
      sealed: this.bodies.get(ref.cid) ?? Buffer.alloc(0),
    };
    const failure = openChunk(request, plain, testKeyedHash);
    if (failure !== undefined) return Promise.reject(new Error(failure));
    return Promise.resolve(plain);
  };
}
