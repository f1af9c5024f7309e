/**
 * BLAKE3, the one hash of our own formats. Native where the platform package is installed, else the
 * same function in WebAssembly: slower, byte for byte equal.
 *
 * WebAssembly can only make a keyed hasher asynchronously. That is why a keyed hash is a function
 * that is made once for a long-lived key, and everything else is the plain hash behind a name.
 */
import { createRequire } from 'node:module';
import type * as BlakeHash from '@napi-rs/blake-hash';
import type { createBLAKE3 as CreateBlake3 } from 'hash-wasm';
import { KiB } from './limits.ts';

export type HashFunction = (...parts: readonly Uint8Array[]) => Buffer;

interface Blake3 {
  readonly name: 'native' | 'wasm';
  readonly hash: HashFunction;
  keyed(key: Uint8Array): Promise<HashFunction>;
}

const implementation: Blake3 = loadNative() ?? (await loadWasm());

/** Which of the two answers; shown by `vault doctor`. */
export const blake3Implementation = implementation.name;

/** BLAKE3 of the parts, one after the other: 32 bytes. */
export const blake3: HashFunction = implementation.hash;

/**
 * Makes the keyed BLAKE3 of one key.
 * @param key 32 bytes
 */
export function keyedBlake3(key: Uint8Array): Promise<HashFunction> {
  return implementation.keyed(key);
}

const domainHashes = new Map<string, Buffer>();

/**
 * BLAKE3(BLAKE3(domain), parts): the bytes of one kind of object never pass as another's, because
 * the first 32 bytes say what is hashed.
 */
export function blake3Of(domain: string, ...parts: readonly Uint8Array[]): Buffer {
  return blake3(domainHash(domain), ...parts);
}

/** The 32 bytes that stand for a domain wherever something is hashed or signed. */
export function domainHash(domain: string): Buffer {
  let hash = domainHashes.get(domain);
  if (hash === undefined) {
    hash = blake3(Buffer.from(domain, 'utf8'));
    domainHashes.set(domain, hash);
  }
  return hash;
}

function loadNative(): Blake3 | undefined {
  let native: typeof BlakeHash;
  try {
    native = createRequire(import.meta.url)('@napi-rs/blake-hash') as typeof native;
  } catch {
    // No binary for this platform: the WebAssembly build takes over, and `vault doctor` says so.
    return undefined;
  }
  const hasher = new native.Blake3Hasher();
  return {
    name: 'native',
    hash(...parts) {
      const [only] = parts;
      const together = parts.length === 1 && only !== undefined ? asBuffer(only) : gathered(parts);
      if (together === undefined) return digestOf(hasher, parts);
      return Buffer.from(native.blake3UrlSafeBase64(together), 'base64url');
    },
    keyed(key) {
      const keyed = native.Blake3Hasher.newKeyed(Buffer.from(key));
      return Promise.resolve((...parts) => {
        const together = gathered(parts);
        return digestOf(keyed, together === undefined ? parts : [together]);
      });
    },
  };
}

/**
 * A new hasher, and a digest as a Buffer of the library's own, each cost several times what hashing some
 * hundred bytes does: so a hasher is used again (a reset keeps its key), and a digest is taken as text.
 */
function digestOf(hasher: BlakeHash.Blake3Hasher, parts: readonly Uint8Array[]): Buffer {
  hasher.reset();
  for (const part of parts) hasher.update(asBuffer(part));
  return Buffer.from(hasher.digest('base64'), 'base64');
}

/** The WebAssembly implementation, also the second opinion of the tests. */
export async function loadWasm(): Promise<Blake3> {
  // Only here: it is large, and nearly everybody has the other one.
  const { createBLAKE3 } = await import('hash-wasm');
  return {
    name: 'wasm',
    hash: hashFunction(await createBLAKE3()),
    async keyed(key) {
      return hashFunction(await createBLAKE3(256, key));
    },
  };
}

function hashFunction(hasher: Awaited<ReturnType<typeof CreateBlake3>>): HashFunction {
  return (...parts) => {
    hasher.init();
    for (const part of parts) hasher.update(part);
    return Buffer.from(hasher.digest('binary'));
  };
}

const gatherRoom = Buffer.alloc(32 * KiB);

/** Few bytes in one piece, used before the next call: copying them costs less than handing over each part. */
function gathered(parts: readonly Uint8Array[]): Buffer | undefined {
  let length = 0;
  for (const part of parts) {
    if (length + part.length > gatherRoom.length) return undefined;
    gatherRoom.set(part, length);
    length += part.length;
  }
  return gatherRoom.subarray(0, length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
