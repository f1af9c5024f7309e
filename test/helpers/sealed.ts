import { wire } from '../../protocol/limits.ts';
import type { CipherState } from '../../protocol/noise/cipher-state.ts';

/** The plain bytes as the next message of a sender. */
export function sealed(sender: CipherState, plain: Uint8Array): Buffer {
  const message = Buffer.concat([plain, Buffer.alloc(wire.noiseTagBytes)]);
  sender.seal(message);
  return message;
}
