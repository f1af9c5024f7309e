import test from 'ava';
import fc from 'fast-check';
import { wire } from '../../../protocol/limits.ts';
import {
  makeOpensslCipher,
  makeRecordCipher,
  makeSodiumCipher,
  nonceBytes,
} from '../../../protocol/noise/record-cipher.ts';

const both = { sodium: makeSodiumCipher, openssl: makeOpensslCipher };
const tagBytes = wire.noiseTagBytes;
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyCounter = fc.uint8Array({ minLength: 8, maxLength: 8 });
const plainBytesMax = wire.noiseMessageBytesMax - tagBytes;
const anyPlain = fc
  .record({
    length: fc.oneof(fc.nat(300), fc.nat(plainBytesMax), fc.constant(plainBytesMax)),
    first: fc.nat(255),
  })
  .map(({ length, first }) => Buffer.from(Uint8Array.from({ length }, (_, at) => first + at * 7)));

function nonceOf(counter: Uint8Array): Buffer {
  return Buffer.concat([Buffer.alloc(nonceBytes - counter.length), counter]);
}

function withRoom(plain: Buffer): Buffer {
  return Buffer.concat([plain, Buffer.alloc(tagBytes)]);
}

test('property: the two ciphers seal to the same bytes, and each opens what the other sealed', (t) => {
  fc.assert(
    fc.property(anyKey, anyCounter, anyPlain, (keyBytes, counter, plain) => {
      const nonce = nonceOf(counter);
      const [sodium, openssl] = [makeSodiumCipher, makeOpensslCipher].map((make) =>
        make(Buffer.from(keyBytes)),
      ) as [ReturnType<typeof makeSodiumCipher>, ReturnType<typeof makeOpensslCipher>];
      const [one, other] = [withRoom(plain), withRoom(plain)];
      sodium.seal(nonce, one);
      openssl.seal(nonce, other);
      t.true(one.equals(other));
      for (const cipher of [sodium, openssl]) {
        const opened = Buffer.alloc(plain.length, 0xee);
        cipher.open(nonce, one, opened);
        t.true(opened.equals(plain));
      }
    }),
    { numRuns: 100 },
  );
});

for (const [name, make] of Object.entries(both)) {
  test(`${name}: what was changed, has another nonce or another key does not open`, (t) => {
    const key = Buffer.alloc(32, 3);
    const nonce = nonceOf(Buffer.alloc(8, 1));
    const message = withRoom(Buffer.from('as it was'));
    make(Buffer.from(key)).seal(nonce, message);
    const open = (changed: Buffer, under = nonce, by = key): void => {
      const plain = Buffer.alloc(changed.length - tagBytes);
      make(Buffer.from(by)).open(under, changed, plain);
    };
    t.notThrows(() => {
      open(message);
    });
    for (let at = 0; at < message.length; at += 1) {
      const changed = Buffer.from(message);
      changed[at]! ^= 0x10;
      t.throws(() => {
        open(changed);
      });
    }
    t.throws(() => {
      open(message, nonceOf(Buffer.alloc(8, 2)));
    });
    t.throws(() => {
      open(message, nonce, Buffer.alloc(32, 4));
    });
  });
}

test('the one that is used is one of them', (t) => {
  t.true(Object.values(both).includes(makeRecordCipher));
});
