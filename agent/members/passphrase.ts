/**
 * Bytes wrapped by a passphrase: scrypt makes the key, AES-256-GCM seals. The parameters stand beside the
 * sealed bytes, so that later versions can choose others. Parameters that are weaker or larger than this
 * version would ever write are refused: a changed file must neither help a guesser nor eat the memory.
 */
import { VaultError } from '../../protocol/errors.ts';
import { keysAtRest } from '../../protocol/limits.ts';
import { domainHash } from '../../protocol/hash.ts';
import type { Random } from '../ports.ts';
import { aeadNonceBytes, aeadOpen, aeadSeal } from './aead.ts';
import type { JsonFields } from './json-file.ts';
import { Secret } from './secret.ts';

/** What scrypt is asked for (RFC 7914). N is 2^logN. */
export interface StretchParameters {
  readonly salt: Buffer;
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/**
 * Runs scrypt where it holds nobody up. The passphrase it is given is a copy, which it may overwrite.
 * @returns 32 bytes
 */
export type Stretch = (
  input: { readonly passphrase: Uint8Array } & StretchParameters,
) => Promise<Uint8Array>;

export interface WrapTools {
  readonly random: Random;
  readonly stretch: Stretch;
}

/** As it stands in a file. */
export interface WrappedFields {
  readonly wrapping: 'scrypt';
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** 128 MiB and half a second on a machine of 2024. */
const logN = 17;
const r = 8;
const p = 1;
const saltBytes = 32;
const domain = 'peervault/1/passphrase';

/**
 * A passphrase as somebody typed it or a file has it: any bytes, one line end at the end left away.
 * @throws VaultError `usage` when it is empty or far too long
 */
export function passphraseFrom(bytes: Uint8Array): Secret {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= 1;
  if (bytes[end - 1] === 0x0d && end < bytes.length) end -= 1;
  if (end > 0 && end <= keysAtRest.passphraseBytesMax) return new Secret(bytes.subarray(0, end));
  throw new VaultError('usage', {
    op: 'members.passphrase',
    subject: 'passphrase',
    detail:
      end === 0 ? 'it is empty' : `longer than ${String(keysAtRest.passphraseBytesMax)} bytes`,
    next: 'choose several words that nobody would guess',
  });
}

/** @param purpose and everything beside the sealed bytes that must not be exchanged */
export async function wrap(
  plain: Uint8Array,
  { passphrase, purpose }: { readonly passphrase: Secret; readonly purpose: string },
  { random, stretch }: WrapTools,
): Promise<WrappedFields> {
  const parameters = { salt: random.bytes(saltBytes), logN, r, p };
  const nonce = random.bytes(aeadNonceBytes);
  const key = await stretch({ passphrase: Buffer.from(passphrase.reveal()), ...parameters });
  const sealed = aeadSeal(key, plain, { nonce, aad: aadOf(purpose) });
  key.fill(0);
  return {
    wrapping: 'scrypt',
    logN,
    r,
    p,
    salt: parameters.salt.toString('hex'),
    nonce: nonce.toString('hex'),
    sealed: sealed.toString('hex'),
  };
}

function aadOf(purpose: string): Buffer {
  return Buffer.concat([domainHash(domain), Buffer.from(purpose, 'utf8')]);
}

/** What `WrappedFields` holds, checked. */
export interface Wrapped {
  readonly parameters: StretchParameters;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}

/** @throws VaultError `damaged` that names file and field */
export function wrappedFrom(fields: JsonFields, sealedBytesMax: number): Wrapped {
  fields.oneOf('wrapping', ['scrypt']);
  return {
    parameters: {
      salt: fields.hex('salt', saltBytes),
      logN: fields.between('logN', logN, keysAtRest.stretchLogNMax),
      r: fields.between('r', r, r),
      p: fields.between('p', p, keysAtRest.stretchPMax),
    },
    nonce: fields.hex('nonce', aeadNonceBytes),
    sealed: fields.hexUpTo('sealed', sealedBytesMax),
  };
}

/** The bytes; undefined when the passphrase is wrong, or what is sealed was changed. */
export async function unwrap(
  { parameters, nonce, sealed }: Wrapped,
  { passphrase, purpose }: { readonly passphrase: Secret; readonly purpose: string },
  stretch: Stretch,
): Promise<Buffer | undefined> {
  const key = await stretch({ passphrase: Buffer.from(passphrase.reveal()), ...parameters });
  const plain = aeadOpen(key, sealed, { nonce, aad: aadOf(purpose) });
  key.fill(0);
  return plain;
}
