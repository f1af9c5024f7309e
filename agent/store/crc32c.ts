/**
 * CRC-32C (Castagnoli), for headers of 44 bytes and index values of 16. A table in plain code: for
 * inputs this short a call into WebAssembly costs more than the sum itself, and node:zlib has only
 * the other polynomial. Bodies are checked with BLAKE3 instead.
 */

/** RFC 3720, appendix B.4, reflected. */
const polynomial = 0x82f63b78;

/** Of a byte that 0, 1, 2 and 3 bytes follow, 256 entries each. */
const tables = makeTables();

/** CRC-32C of `bytes[start, end)` as an unsigned number; 0xe3069283 for "123456789". */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let at = start;
  // Four bytes at a time: their four look-ups do not wait for each other.
  for (const last = end - 4; at <= last; at += 4) {
    crc =
      entry(768 + ((crc ^ byte(bytes, at)) & 0xff)) ^
      entry(512 + (((crc >>> 8) ^ byte(bytes, at + 1)) & 0xff)) ^
      entry(256 + (((crc >>> 16) ^ byte(bytes, at + 2)) & 0xff)) ^
      entry((crc >>> 24) ^ byte(bytes, at + 3));
  }
  for (; at < end; at++) crc = entry((crc ^ byte(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function entry(index: number): number {
  return tables[index] ?? 0;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function makeTables(): Int32Array {
  const entries = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    entries[byte] = crc;
  }
  for (let at = 256; at < entries.length; at++) {
    const before = entries[at - 256] ?? 0;
    entries[at] = (before >>> 8) ^ (entries[before & 0xff] ?? 0);
  }
  return entries;
}
