/** What the two sides of a joining say to each other, and what the joiner signs. */
import { domainHash } from '../../protocol/hash.ts';
import { idToBytes, type VaultId } from '../../protocol/ids.ts';
import type { JoinReply, JoinRequest } from '../../protocol/messages/peer.ts';

const domain = 'peervault/1/join';

/** What the joiner says of itself. */
export type JoinAsk = JoinRequest;

/** One message of the answer, as the issuer makes it. */
export interface JoinAnswer extends JoinReply {
  /** 32 bytes, in every one. */
  readonly proof: Buffer;
}

/** What the joiner's signing key signs: this Noise key, on this connection, for this vault. */
export function joinSigningBytes(
  vault: VaultId,
  {
    noiseKey,
    handshakeHash,
  }: { readonly noiseKey: Uint8Array; readonly handshakeHash: Uint8Array },
): Buffer {
  return Buffer.concat([domainHash(domain), idToBytes(vault), noiseKey, handshakeHash]);
}
