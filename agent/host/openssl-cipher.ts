/**
 * The segment cipher by OpenSSL's own functions, which Node's program exports: in Node's cipher each call
 * takes memory twice and copies, which costs as much as the cipher itself (measured: 0.4 to 0.5 instead of
 * 0.8 to 1.1 ms a MiB). The way there is the optional package koffi; without it, or where the functions are
 * not found or do not do what Node's do, there is none.
 *
 * OpenSSL is told addresses and believes them: lengths are checked here before it sees any.
 */
import assert from 'node:assert/strict';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { chunk } from '../../protocol/limits.ts';
import { nodeCipher, type CipherKey, type SegmentCipher } from '../chunks/segment-cipher.ts';

type Value = Uint8Array | Int32Array | number | object | null;
type Call = (...values: readonly Value[]) => number;

interface Functions {
  readonly sealInit: Call;
  readonly sealUpdate: Call;
  readonly sealFinal: Call;
  readonly openInit: Call;
  readonly openUpdate: Call;
  readonly openFinal: Call;
  readonly control: Call;
  readonly newContext: () => object | null;
  readonly algorithm: () => object | null;
}

const tagBytes = chunk.segmentTagBytes;
const keyBytes = 32;
const nonceBytes = 12;
/** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h. */
const controls = { getTag: 0x10, setTag: 0x11 } as const;

/** @returns undefined where there is no such cipher */
export async function loadOpensslCipher(): Promise<SegmentCipher | undefined> {
  try {
    const cipher = new OpensslCipher(await bind());
    return isRight(cipher) ? cipher : undefined;
  } catch {
    // Whatever is missing, Node's own cipher does the same.
    return undefined;
  }
}

async function bind(): Promise<Functions> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  const call = (signature: string): Call => library.func(signature) as Call;
  const init = '(void *, void *, void *, const uint8_t *, const uint8_t *)';
  const update = '(void *, uint8_t *, int32_t *, const uint8_t *, int)';
  const final = '(void *, uint8_t *, int32_t *)';
  return {
    sealInit: call(`int EVP_EncryptInit_ex${init}`),
    sealUpdate: call(`int EVP_EncryptUpdate${update}`),
    sealFinal: call(`int EVP_EncryptFinal_ex${final}`),
    openInit: call(`int EVP_DecryptInit_ex${init}`),
    openUpdate: call(`int EVP_DecryptUpdate${update}`),
    openFinal: call(`int EVP_DecryptFinal_ex${final}`),
    control: call('int EVP_CIPHER_CTX_ctrl(void *, int, int, uint8_t *)'),
    newContext: library.func('void *EVP_CIPHER_CTX_new()') as () => object | null,
    algorithm: library.func('void *EVP_aes_256_gcm()') as () => object | null,
  };
}

class OpensslCipher implements SegmentCipher {
  readonly #functions: Functions;
  readonly #sealing: Context;
  readonly #opening: Context;
  /** Where OpenSSL says how many bytes it wrote, and what it has at the end, which is nothing. */
  readonly #count = new Int32Array(1);
  readonly #rest = Buffer.alloc(tagBytes);

  constructor(functions: Functions) {
    this.#functions = functions;
    this.#sealing = new Context(functions, functions.sealInit);
    this.#opening = new Context(functions, functions.openInit);
  }

  seal(
    { key, header }: CipherKey,
    nonce: Uint8Array,
    plain: readonly Uint8Array[],
    target: Uint8Array,
  ): void {
    const { sealUpdate, sealFinal, control } = this.#functions;
    const length = plain.reduce((sum, part) => sum + part.length, 0);
    assert(target.length === length + tagBytes);
    const context = this.#sealing.begin(key, nonce);
    must(sealUpdate(context, null, this.#count, header, header.length));
    let written = 0;
    for (const part of plain) {
      must(sealUpdate(context, target.subarray(written), this.#count, part, part.length));
      written += part.length;
    }
    must(sealFinal(context, this.#rest, this.#count));
    must(control(context, controls.getTag, tagBytes, target.subarray(length)));
  }

  open(
    { key, header }: CipherKey,
    nonce: Uint8Array,
    sealed: Uint8Array,
    target: Uint8Array,
  ): boolean {
    const { openUpdate, openFinal, control } = this.#functions;
    const { length } = target;
    assert(length > 0 && sealed.length === length + tagBytes);
    const context = this.#opening.begin(key, nonce);
    must(openUpdate(context, null, this.#count, header, header.length));
    must(openUpdate(context, target, this.#count, sealed, length));
    must(control(context, controls.setTag, tagBytes, sealed.subarray(length)));
    return openFinal(context, this.#rest, this.#count) === 1;
  }
}

/** One cipher of OpenSSL, used again and again: the segments of a message have one key. */
class Context {
  readonly #init: Call;
  readonly #pointer: object;
  #key: KeyObject | undefined;

  constructor({ newContext, algorithm }: Functions, init: Call) {
    const pointer = newContext();
    assert(pointer !== null);
    this.#pointer = pointer;
    this.#init = init;
    must(init(pointer, algorithm(), null, null, null));
  }

  begin(key: KeyObject, nonce: Uint8Array): object {
    assert(nonce.length === nonceBytes);
    const isNew = this.#key !== key;
    // Until it has the new one, it has none that may be used again.
    if (isNew) this.#key = undefined;
    const raw = isNew ? key.export() : null;
    assert(raw === null || raw.length === keyBytes);
    must(this.#init(this.#pointer, null, null, raw, nonce));
    raw?.fill(0);
    this.#key = key;
    return this.#pointer;
  }
}

function must(result: number): void {
  assert(result === 1, 'OpenSSL refused what it had taken when it was tried');
}

/** Whether it writes what Node's writes, and knows a wrong tag. */
function isRight(cipher: SegmentCipher): boolean {
  const cipherKey = { key: createSecretKey(Buffer.alloc(keyBytes, 1)), header: Buffer.of(1, 2, 3) };
  const nonce = Buffer.alloc(nonceBytes, 2);
  const plain = Buffer.alloc(100, 3);
  const [expected, sealed] = [Buffer.alloc(100 + tagBytes), Buffer.alloc(100 + tagBytes)];
  nodeCipher.seal(cipherKey, nonce, [plain], expected);
  cipher.seal(cipherKey, nonce, [plain.subarray(0, 40), plain.subarray(40)], sealed);
  const opened = Buffer.alloc(100);
  const opens = cipher.open(cipherKey, nonce, expected, opened);
  if (!sealed.equals(expected) || !opens || !opened.equals(plain)) return false;
  sealed[0] = 255 - (sealed[0] ?? 0);
  return !cipher.open(cipherKey, nonce, sealed, opened);
}
