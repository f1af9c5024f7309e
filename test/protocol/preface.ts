import test from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../protocol/errors.ts';
import type { TicketId } from '../../protocol/ids.ts';
import { wire } from '../../protocol/limits.ts';
import {
  checkPrefaceMac,
  decodePreface,
  encodePrefaceHead,
  encodeVersionAnswer,
  isVersionAnswer,
  prefaceMac,
  versionAnswerBytesMax,
  versionAnswerError,
} from '../../protocol/preface.ts';

const key = Buffer.alloc(32, 1);
const first = Buffer.alloc(32, 2);
const salt = Buffer.alloc(16, 3);
const ticket = '4'.repeat(32) as TicketId;

function whole(head: Buffer, mac: Buffer = prefaceMac(key, head, first)): Buffer {
  return Buffer.concat([head, mac]);
}

test('a preface has 64 bytes, and both kinds are read as they were written', (t) => {
  for (const preface of [
    { kind: 'member', salt },
    { kind: 'invite', ticket },
  ] as const) {
    const bytes = whole(encodePrefaceHead(preface));
    t.is(bytes.length, wire.prefaceBytes);
    const read = decodePreface(bytes);
    t.deepEqual(read.preface, preface);
    t.is(read.version, 1);
    t.true(checkPrefaceMac([key], read, first));
  }
});

test('the MAC is right under any of the keys, and under no other', (t) => {
  const read = decodePreface(whole(encodePrefaceHead({ kind: 'member', salt })));
  const other = Buffer.alloc(32, 9);
  t.true(checkPrefaceMac([other, key], read, first));
  t.true(checkPrefaceMac([key, other], read, first));
  t.false(checkPrefaceMac([other], read, first));
  t.false(checkPrefaceMac([], read, first));
});

test('the MAC is bound to the first handshake message', (t) => {
  const read = decodePreface(whole(encodePrefaceHead({ kind: 'member', salt })));
  t.false(checkPrefaceMac([key], read, Buffer.alloc(32, 5)));
});

test('another version is told apart from nonsense', (t) => {
  const head = encodePrefaceHead({ kind: 'member', salt });
  head[8] = 2;
  t.throws(() => decodePreface(whole(head)), { code: 'protocol-version' });
  head[0] = 0;
  t.throws(() => decodePreface(whole(head)), { code: 'peer-misbehaved' });
});

test('an unknown kind and reserved bytes are refused', (t) => {
  for (const at of [9, 10, 15]) {
    const head = encodePrefaceHead({ kind: 'member', salt });
    head[at] = 7;
    t.throws(() => decodePreface(whole(head)), { code: 'peer-misbehaved' });
  }
});

test('a version answer names the versions, and cannot be the length of a handshake message', (t) => {
  const answer = encodeVersionAnswer();
  t.true(answer.length <= versionAnswerBytesMax);
  t.true(isVersionAnswer(answer));
  t.true(isVersionAnswer(answer.subarray(0, 2)));
  t.true(answer.readUInt16BE(0) > wire.handshakeMessageBytesMax);
  for (const length of [0, 96, wire.handshakeMessageBytesMax]) {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(length);
    t.false(isVersionAnswer(bytes));
  }
  t.regex(versionAnswerError(answer).message, /speaks version 1/);
});

test('a version answer that is cut off or overlong still gives an error with sense', (t) => {
  const answer = encodeVersionAnswer();
  t.is(versionAnswerError(answer.subarray(0, 5)).code, 'protocol-version');
  const long = Buffer.concat([answer.subarray(0, 8), Buffer.alloc(300, 0xff)]);
  t.true(versionAnswerError(long).message.length < 300);
});

test('property: of 10,000 changed prefaces none is accepted', (t) => {
  const good = whole(encodePrefaceHead({ kind: 'member', salt }));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Buffer.from(good);
      bytes[at]! ^= mask;
      try {
        t.false(checkPrefaceMac([key], decodePreface(bytes), first));
      } catch (error) {
        t.true(isVaultError(error, 'peer-misbehaved', 'protocol-version'));
      }
    }),
    { numRuns: 10_000 },
  );
});
