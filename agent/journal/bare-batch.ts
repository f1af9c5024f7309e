/**
 * A batch without its body: what is left of one that was folded away. Header, signature and the hash of
 * what was sealed stay, so its hash and everything that others prove by it are what they were.
 */
import { blake3 } from '../../protocol/hash.ts';
import { decodeBatch, encodeBatch } from '../../protocol/messages/batch-wire.ts';

/**
 * An encoded journal.Batch without its body; one that has none stays as it is.
 * @throws VaultError `malformed`
 */
export function bareBatch(bytes: Uint8Array): Buffer {
  const { header, sealed, signature } = decodeBatch(bytes);
  if (sealed.length === 0) return Buffer.from(bytes);
  return encodeBatch({ header, sealed: Buffer.alloc(0), signature, sealedHash: blake3(sealed) });
}

/** How many bytes shorter a batch is without its body. @throws VaultError `malformed` */
export function bodyBytesOf(bytes: Uint8Array): number {
  const { header, sealed, signature } = decodeBatch(bytes);
  if (sealed.length === 0) return 0;
  const nothing = { sealed: Buffer.alloc(0), sealedHash: Buffer.alloc(32) };
  return bytes.length - encodeBatch({ header, signature, ...nothing }).length;
}

/** Whether its body was folded away. @throws VaultError `malformed` */
export function isBareBatch(bytes: Uint8Array): boolean {
  return decodeBatch(bytes).sealedHash !== undefined;
}
