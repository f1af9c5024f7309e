/** Contents of files as they are compared: text as a whole, everything else byte by byte. */
import { isUtf8 } from 'node:buffer';
import type { Side } from './sides.ts';

/** Longer texts are compared, and not shown line by line. */
export const textBytesMax = 8 * 1024 * 1024;

/** Undefined when it is no text, or too long. */
export async function readText(side: Side): Promise<string | undefined> {
  if (side.entry.size > textBytesMax) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of bytesOf(side)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  return bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString('utf8');
}

/** Whether both hold the same bytes. Reads nothing where the answer is known without. */
export async function haveSameBytes(a: Side, b: Side): Promise<boolean> {
  if (a.entry.size !== b.entry.size) return false;
  if (a.entry.version !== undefined && a.entry.version === b.entry.version) return true;
  const [left, right] = [readerOf(a), readerOf(b)];
  try {
    for (let at = 0; at < a.entry.size;) {
      const [one, other] = [await left.piece(), await right.piece()];
      const bytes = Math.min(one.length, other.length);
      if (bytes === 0) return one.length === other.length;
      if (!one.subarray(0, bytes).equals(other.subarray(0, bytes))) return false;
      left.used(bytes);
      right.used(bytes);
      at += bytes;
    }
    return true;
  } finally {
    await left.close();
    await right.close();
  }
}

async function* bytesOf({ client, path, version }: Side): AsyncGenerator<Buffer> {
  for await (const item of client.get({ path, version, recursive: false, offset: 0 })) {
    if (item.type === 'data') yield item.bytes;
  }
}

/** Pieces of two contents come in different sizes. */
function readerOf(side: Side) {
  const pieces = bytesOf(side);
  let rest: Buffer = Buffer.alloc(0);
  return {
    /** What is not used yet; empty at the end. */
    async piece(): Promise<Buffer> {
      while (rest.length === 0) {
        const next = await pieces.next();
        if (next.done === true) break;
        rest = next.value;
      }
      return rest;
    },
    used(bytes: number): void {
      rest = rest.subarray(bytes);
    },
    async close(): Promise<void> {
      await pieces.return(undefined);
    },
  };
}
