/**
 * The chunk formats once more, written from protocol/SPEC.md alone: slow, short, and sharing no code
 * with agent/chunks. Where the two differ, one of them or the specification is wrong.
 */
import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { blake3 as wasmBlake3 } from 'hash-wasm';

const KiB = 1024;

/** Ends of all chunks of a whole file. */
export function referenceCuts(gearKey: Uint8Array, file: Uint8Array): number[] {
  const table = Buffer.from(hkdfSync('sha256', gearKey, '', 'peervault gear table v1', 1024));
  const word = (byte: number): number => table.readUInt32BE(byte * 4);
  const hashes = new Uint32Array(file.length + 1);
  for (let i = 0; i < file.length; i += 1) {
    // Doubling drops the byte that is 32 steps old.
    hashes[i + 1] = (hashes[i]! * 2 + word(file[i]!)) % 2 ** 32;
  }
  const cuts: number[] = [];
  for (let start = 0; start < file.length; start = cuts.at(-1)!) {
    let end = Math.min(file.length, start + 1024 * KiB);
    for (let at = start + 64 * KiB; at < end; at += 1) {
      const bits = at - start < 256 * KiB ? 20 : 16;
      if (hashes[at]! < 2 ** (32 - bits)) end = at;
    }
    cuts.push(end);
  }
  return cuts;
}

export function referencePadme(length: number): number {
  if (length === 1) return 1;
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const low = 2 ** (e - s) - 1;
  return Math.floor((length + low) / (low + 1)) * (low + 1);
}

export interface ReferenceChunk {
  readonly dedupKey: Uint8Array;
  readonly chunkKey: Uint8Array;
  readonly kind: number;
  readonly format: number;
  readonly pid: Uint8Array;
  readonly cid: Uint8Array;
  readonly plainLength: number;
  readonly body: Uint8Array;
}

/** Opens a body and checks everything that can be checked. */
export async function referenceOpen(chunk: ReferenceChunk): Promise<Buffer> {
  const { format, kind } = chunk;
  const compression = format & 0xff;
  const header = Buffer.from([format >>> 24, kind, (format >>> 16) & 0xff, 16, compression]);
  const cid = await wasmBlake3(chunk.body);
  if (cid !== Buffer.from(chunk.cid).toString('hex')) throw new Error('cid');
  const message = decryptStream(
    hmac(chunk.chunkKey, 'peervault chunk key v1', chunk.pid),
    header,
    chunk.body,
  );
  const pid = await wasmBlake3(Buffer.concat([header, message]), 256, Buffer.from(chunk.dedupKey));
  if (pid !== Buffer.from(chunk.pid).toString('hex')) throw new Error('pid');
  const head = compression === 0 ? chunk.plainLength : 4 + message.readUInt32BE(0);
  if (message.length !== referencePadme(head)) throw new Error('padded length');
  if (message.subarray(head).some((byte) => byte !== 0)) throw new Error('padding');
  if (compression === 0) return message.subarray(0, head);
  const plain = zstdDecompressSync(message.subarray(4, head));
  if (plain.length !== chunk.plainLength) throw new Error('plain length');
  return plain;
}

export function hmac(key: Uint8Array, label: string, context: Uint8Array): Buffer {
  return createHmac('sha256', key).update(label).update(context).digest();
}

export function decryptStream(key: Uint8Array, header: Uint8Array, body: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  const step = 64 * KiB + 16;
  for (let at = 0, number = 0; at < body.length; at += step, number += 1) {
    const part = body.subarray(at, at + step);
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(number, 7);
    nonce.writeUInt8(at + step >= body.length ? 1 : 0, 11);
    const cipher = createDecipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(header).setAuthTag(part.subarray(part.length - 16));
    parts.push(cipher.update(part.subarray(0, part.length - 16)), cipher.final());
  }
  return Buffer.concat(parts);
}
