/**
 * CRC-32C (Castagnoli), for headers of 44 bytes and index values of 16. A table in plain code: for
 * inputs this short a call into WebAssembly costs more than the sum itself, and node:zlib has only
 * the other polynomial. Bodies are checked with BLAKE3 instead.
 */

/** RFC 3720, appendix B.4, reflected. */
const polynomial = 0x82f63b78;

const table = makeTable();

/** CRC-32C of `bytes[start, end)` as an unsigned number; 0xe3069283 for "123456789". */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  for (let at = start; at < end; at++) {
    crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function makeTable(): Int32Array {
  const entries = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    entries[byte] = crc;
  }
  return entries;
}
