/**
 * One hash for a whole state, and one for each of its pages: whoever fetches pages checks each by itself
 * as it comes, and all of them together against what was signed.
 */
import { blake3Of } from '../../../protocol/hash.ts';

const pageDomain = 'peervault v1 state page';
const rootDomain = 'peervault v1 state root';

/** 32 bytes. */
export function statePageHash(page: Uint8Array): Buffer {
  return blake3Of(pageDomain, page);
}

/**
 * 32 bytes.
 * @param pageHashes of all pages, in their order
 */
export function stateRoot(pageHashes: readonly Uint8Array[]): Buffer {
  return blake3Of(rootDomain, ...pageHashes);
}
