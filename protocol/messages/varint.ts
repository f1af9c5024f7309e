/** Whole numbers as protobuf writes them: 7 bits a byte, the lowest first, the top bit says that more follow. */

/** @param value from 0 to 2^53 - 1 @returns where it ends */
export function writeVarint(room: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest >= 0x80) {
    // Beyond 31 bits the bit operators would lose the upper part.
    room[end++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  room[end++] = rest;
  return end;
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}
