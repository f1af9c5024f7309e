/** Lists of chunks as headers of batches and checkpoints hold them: packed, so that one costs 36 bytes. */
import { VaultError } from '../errors.ts';
import { idFromBytes } from '../ids.ts';
import type { WireBytes } from './exact-bytes.ts';
import type { NamedChunk } from './op.ts';

const namedChunkBytes = 36;

/** id (32) and sealed length (u32 BE), again and again. */
export function packChunks(chunks: readonly NamedChunk[]): Buffer {
  const packed = Buffer.alloc(chunks.length * namedChunkBytes);
  for (const [index, { id, length }] of chunks.entries()) {
    const at = index * namedChunkBytes;
    packed.write(id, at, 'hex');
    packed.writeUInt32BE(length, at + 32);
  }
  return packed;
}

/** @throws VaultError `malformed` */
export function unpackChunks(value: WireBytes, lengthMax: number): readonly NamedChunk[] {
  const op = 'messages.unpackChunks';
  const packed = viewOf(value ?? new Uint8Array());
  if (packed.length % namedChunkBytes !== 0) {
    throw new VaultError('malformed', { op, detail: 'a list of chunks is cut off' });
  }
  const chunks: NamedChunk[] = [];
  for (let at = 0; at < packed.length; at += namedChunkBytes) {
    const length = packed.readUInt32BE(at + 32);
    if (length === 0 || length > lengthMax) {
      throw new VaultError('malformed', { op, detail: `a chunk of ${String(length)} bytes` });
    }
    chunks.push({ id: idFromBytes('chunk', packed.subarray(at, at + 32)), length });
  }
  return chunks;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
