import test from 'ava';
import fc from 'fast-check';
import { sealSegments } from '../../../agent/chunks/cipher.ts';
import { currentFormat, headerBytes } from '../../../agent/chunks/format.ts';
import { smallCipherKey } from '../../../agent/chunks/keys.ts';
import { openSmall, sealSmall, smallHash } from '../../../agent/chunks/small.ts';
import type { SmallOpening } from '../../../agent/chunks/small.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { blake3 } from '../../../protocol/hash.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { chunk } from '../../../protocol/limits.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { testKeys } from '../../helpers/chunk-keys.ts';
import { decryptStream, hmac } from '../../helpers/chunk-reference.ts';

const { chunkKey } = testKeys;
const salt = byteStreamOf('salt', 32);

function sealed(content: Uint8Array): SmallOpening {
  const { record, ref } = sealSmall({ content, salt, chunkKey });
  return { body: record.body, ref, chunkKey };
}

test('small content comes back at every border', (t) => {
  for (const length of [0, 1, 61, 62, 63, 126, 127, 4095, 4096]) {
    const content = byteStreamOf('content', length);
    const opening = sealed(content);
    t.deepEqual(openSmall(opening), content);
    t.true(opening.body.length <= chunk.smallRecordBytesMax);
  }
});

test('a record is what the specification says', (t) => {
  const content = byteStreamOf('content', 100);
  const { body, ref } = sealed(content);
  const key = hmac(chunkKey, 'peervault small record key v1', salt);
  const message = decryptStream(key, Buffer.from([1, 3, 1, 16, 0]), body);
  const expected = Buffer.alloc(128);
  expected.writeUInt16BE(100);
  content.copy(expected, 2);
  t.deepEqual(message, expected);
  t.is(ref.record, idFromBytes('chunk', blake3(body)));
});

test('few lengths are seen from outside', (t) => {
  const lengths = new Set<number>();
  for (let length = 0; length <= 4096; length += 1) {
    lengths.add(sealSmall({ content: Buffer.alloc(length), salt, chunkKey }).record.body.length);
  }
  t.true(lengths.size <= 49, String(lengths.size));
});

test('too much content and a salt of another length are refused', (t) => {
  t.throws(() => sealSmall({ content: Buffer.alloc(4097), salt, chunkKey }));
  t.throws(() => sealSmall({ content: Buffer.alloc(1), salt: salt.subarray(1), chunkKey }));
});

test('whatever part of record, reference or key is changed, it does not open', (t) => {
  const good = sealed(byteStreamOf('content', 100));
  const other = sealSmall({
    content: Buffer.from('other'),
    salt: byteStreamOf('pepper', 32),
    chunkKey,
  });
  const wrong: Record<string, SmallOpening> = {
    key: { ...good, chunkKey: byteStreamOf('other', 32) },
    salt: { ...good, ref: { ...good.ref, salt: byteStreamOf('pepper', 32) } },
    hash: { ...good, ref: { ...good.ref, hash: other.ref.hash } },
    record: { ...good, ref: { ...good.ref, record: other.ref.record } },
    body: { ...good, body: other.record.body },
    both: { ...good, body: other.record.body, ref: { ...good.ref, record: other.ref.record } },
    empty: { ...good, body: Buffer.alloc(0) },
    long: { ...good, body: Buffer.alloc(chunk.smallRecordBytesMax + 1) },
  };
  for (const [name, opening] of Object.entries(wrong)) {
    t.true(
      isVaultError(
        t.throws(() => openSmall(opening)),
        'damaged',
      ),
      name,
    );
  }
  fc.assert(
    fc.property(fc.nat(good.body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const body = Buffer.from(good.body);
      body[at] = body[at]! ^ change;
      const ref = { ...good.ref, record: idFromBytes('chunk', blake3(body)) };
      t.true(
        isVaultError(
          t.throws(() => openSmall({ ...good, body, ref })),
          'damaged',
        ),
      );
    }),
    { numRuns: 50 },
  );
});

test('a record whose author padded it in another way is refused', (t) => {
  const content = Buffer.from('content');
  const key = smallCipherKey(chunkKey, salt);
  const header = headerBytes(currentFormat, 'small');
  const forged = (length: number, message: Buffer): SmallOpening => {
    message.writeUInt16BE(length);
    content.copy(message, 2);
    const body = Buffer.alloc(message.length + 16);
    sealSegments({ key, header }, { head: message, paddingBytes: 0 }, body);
    const record = idFromBytes('chunk', blake3(body));
    return { body, chunkKey, ref: { record, salt, hash: smallHash(salt, content) } };
  };
  t.deepEqual(openSmall(forged(7, Buffer.alloc(64))), content);
  const dirty = Buffer.alloc(64);
  dirty[63] = 1;
  const wrong = {
    'not zero': forged(7, dirty),
    'too long': forged(7, Buffer.alloc(128)),
    'too short': forged(7, Buffer.alloc(63)),
    'beyond the end': forged(63, Buffer.alloc(64)),
    'beyond the limit': forged(4097, Buffer.alloc(4352)),
  };
  for (const [name, opening] of Object.entries(wrong)) {
    t.true(
      isVaultError(
        t.throws(() => openSmall(opening)),
        'damaged',
      ),
      name,
    );
  }
});

test('the hash that an operation holds depends on salt and content', (t) => {
  const content = Buffer.from('content');
  t.deepEqual(sealed(content).ref.hash, smallHash(salt, content));
  t.notDeepEqual(smallHash(byteStreamOf('pepper', 32), content), smallHash(salt, content));
  t.notDeepEqual(smallHash(salt, Buffer.from('Content')), smallHash(salt, content));
});
