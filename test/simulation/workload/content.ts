/**
 * Content that says which write it belongs to, so that whoever reads it knows whether it is right.
 * Behind a header stands filler that several writes share, so that chunks are found to be here already.
 */
const headerBytes = 32;

export const identifiedBytesMin = headerBytes;

const fillers = 5;

/** The content of write number `id`. */
export function contentOf(id: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  if (size < headerBytes) return bytes;
  bytes.write(
    `write ${String(id)} of ${String(size)} bytes`.padEnd(headerBytes - 1) + '\n',
    'latin1',
  );
  fill(bytes.subarray(headerBytes), id % fillers);
  // A change somewhere in the middle, as an edit makes it.
  if (size > 64)
    bytes.writeUInt32LE(id, Math.floor((id * 7919) % (size - 4 - headerBytes)) + headerBytes);
  return bytes;
}

/** The number of the write that `bytes` are the content of, or why they are of none. */
export function writeOf(bytes: Buffer): { readonly id: number } | { readonly wrong: string } {
  if (bytes.length < headerBytes)
    return { wrong: `${String(bytes.length)} bytes without a header` };
  const header = bytes.subarray(0, headerBytes).toString('latin1');
  const match = /^write (\d+) of (\d+) bytes/.exec(header);
  if (match === null) return { wrong: `the header is ${JSON.stringify(header)}` };
  const id = Number(match[1]);
  if (Number(match[2]) !== bytes.length) return { wrong: `write ${String(id)} has another length` };
  return bytes.equals(contentOf(id, bytes.length))
    ? { id }
    : { wrong: `write ${String(id)} is damaged` };
}

/** Half of it compresses, half does not. */
function fill(bytes: Buffer, seed: number): void {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const compresses = (at >> 17) % 2 === 1;
    bytes.writeUInt32LE(compresses ? at >> 10 : (state ^ (state >>> 15)) >>> 0, at);
  }
}
