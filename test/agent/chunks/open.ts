import test from 'ava';
import fc from 'fast-check';
import { sealSegments } from '../../../agent/chunks/cipher.ts';
import { compress } from '../../../agent/chunks/compress.ts';
import { chunkCipherKey } from '../../../agent/chunks/keys.ts';
import { padme } from '../../../agent/chunks/pad.ts';
import { sealedLengthOf } from '../../../agent/chunks/segments.ts';
import type { ChunkKind } from '../../../agent/chunks/format.ts';
import type { OpenFailure } from '../../../agent/chunks/jobs.ts';
import { openChunk, openPart, sealedPartOf } from '../../../agent/chunks/open.ts';
import type { SealedWhole } from '../../../agent/chunks/open.ts';
import { blake3 } from '../../../protocol/hash.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { idToBytes } from '../../../protocol/ids.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { byteStreamOf, textOf } from '../../helpers/byte-stream-of.ts';
import { sealAlone, testKeyedHash, testKeys } from '../../helpers/chunk-keys.ts';
import { referenceOpen } from '../../helpers/chunk-reference.ts';

function requestFor(plain: Uint8Array, kind: ChunkKind = 'content'): SealedWhole {
  const { ref, body } = sealAlone(plain, kind);
  const ids = { pid: idToBytes(ref.pid), cid: idToBytes(ref.cid) };
  const { format, plainLength } = ref;
  return { kind, format, ...ids, chunkKey: testKeys.chunkKey, plainLength, sealed: body };
}

function open(request: SealedWhole, keyedHash = testKeyedHash): OpenFailure | Buffer {
  const target = Buffer.alloc(request.plainLength);
  return openChunk(request, target, keyedHash) ?? target;
}

test('a chunk opens to its bytes, compressed or not, here and by the reference', async (t) => {
  const plains = [1, 255, 256, 5000, 64 * KiB, 64 * KiB + 1, 300_000, MiB - 1, MiB].flatMap(
    (length) => [byteStreamOf('plain', length), textOf('plain', length)],
  );
  for (const plain of plains) {
    const request = requestFor(plain);
    t.true(plain.equals(open(request) as Buffer));
    const reference = { ...request, kind: 1, body: request.sealed, dedupKey: testKeys.dedupKey };
    t.true(plain.equals(await referenceOpen(reference)));
  }
  t.is(requestFor(plains[0]!).format, 0x01011000);
  t.is(requestFor(plains.at(-1)!).format, 0x01011001);
});

test('the same bytes make the same chunk, other bytes, kinds and keys another one', (t) => {
  const plain = byteStreamOf('plain', 5000);
  const a = sealAlone(plain);
  t.deepEqual(sealAlone(Buffer.from(plain)).body, a.body);
  t.not(sealAlone(plain, 'manifest').ref.pid, a.ref.pid);
  t.not(sealAlone(byteStreamOf('other', 5000)).ref.cid, a.ref.cid);
});

test('content does not pass as a manifest page', (t) => {
  const request = requestFor(byteStreamOf('plain', 5000), 'content');
  t.is(open({ ...request, kind: 'manifest' }), 'wrong-tag');
  t.is(open({ ...request, kind: 'small' }), 'wrong-tag');
});

test('a wrong key, pid or cid is refused', (t) => {
  const request = requestFor(byteStreamOf('plain', 5000));
  const other = byteStreamOf('other', 32);
  t.is(open({ ...request, chunkKey: other }), 'wrong-tag');
  t.is(open({ ...request, pid: other }), 'wrong-tag');
  t.is(open({ ...request, cid: other }), 'wrong-cid');
  t.is(open({ ...request, cid: Buffer.alloc(0) }), 'wrong-cid');
});

test('a changed body is refused, also when its cid was changed with it', (t) => {
  const request = requestFor(byteStreamOf('plain', 70_000));
  for (const at of [0, 65_540, request.sealed.length - 1]) {
    const sealed = Buffer.from(request.sealed);
    sealed[at] = sealed[at]! ^ 4;
    t.is(open({ ...request, sealed }), 'wrong-cid');
    t.is(open({ ...request, sealed, cid: blake3(sealed) }), 'wrong-tag');
  }
});

test('lengths that do not fit each other are refused before anything is opened', (t) => {
  const request = requestFor(byteStreamOf('plain', 70_000));
  const { sealed } = request;
  for (const bad of [Buffer.alloc(0), sealed.subarray(0, -1), Buffer.concat([sealed, sealed])]) {
    t.is(open({ ...request, sealed: bad }), 'wrong-length');
  }
  const text = requestFor(textOf('plain', 70_000));
  t.is(open({ ...text, plainLength: 69_999 }), 'wrong-length');
  t.is(open({ ...text, plainLength: 70_001 }), 'wrong-length');
  const target = Buffer.alloc(0);
  for (const plainLength of [0, -1, 1.5, Number.NaN, MiB + 1]) {
    t.is(openChunk({ ...request, plainLength }, target), 'wrong-length');
  }
});

test('a plain length that hides or invents bytes is refused', (t) => {
  // 70,000 and 69,999 have one padded length; the last byte is then padding that is not zero.
  const plain = byteStreamOf('plain', 70_000);
  plain[69_999] = 7;
  t.is(open({ ...requestFor(plain), plainLength: 69_999 }), 'wrong-length');
});

test('formats of a newer version are named as such', (t) => {
  t.is(open({ ...requestFor(Buffer.from('x')), format: 0x02011000 }), 'unknown-format');
});

test('a format that lies about compression does not open', (t) => {
  const random = requestFor(byteStreamOf('plain', 5000));
  t.not(open({ ...random, format: 0x01011001, plainLength: 9000 }), undefined);
  const text = requestFor(textOf('plain', 5000));
  t.is(open({ ...text, format: 0x01011000 }), 'wrong-length');
});

test('with dedupKey a chunk is checked against pid, which only its author could break', (t) => {
  const request = requestFor(byteStreamOf('plain', 70_000));
  const otherHash = (...parts: readonly Uint8Array[]): Buffer => blake3(...parts);
  t.is(open(request, otherHash), 'wrong-pid');
});

test('a compressed message that its author built in another way is refused', (t) => {
  const plain = textOf('plain', 5000);
  const head = compress(plain)!;
  const header = Buffer.from([1, 1, 1, 16, 1]);
  const forged = (message: Buffer, plainLength = plain.length): SealedWhole => {
    const pid = testKeyedHash(header, message);
    const sealed = Buffer.alloc(sealedLengthOf(message.length));
    const { chunkKey } = testKeys;
    const key = chunkCipherKey(chunkKey, pid);
    sealSegments({ key, header }, { head: message, paddingBytes: 0 }, sealed);
    const ids = { pid, cid: blake3(sealed), chunkKey };
    return { ...ids, kind: 'content', format: 0x01011001, plainLength, sealed };
  };
  const message = Buffer.alloc(padme(head.length));
  head.copy(message);
  t.true(message.length > head.length, 'there is padding');
  t.true(plain.equals(open(forged(message)) as Buffer));
  const dirty = Buffer.from(message);
  dirty[dirty.length - 1] = 1;
  const longer = Buffer.from(message);
  longer.writeUInt32BE(head.length - 3);
  const wrong = {
    'padding that is not zero': forged(dirty),
    'a frame that ends in the padding': forged(longer),
    'another plain length': forged(message, 5001),
    'more padding': forged(Buffer.concat([message, Buffer.alloc(message.length)])),
    'no frame': forged(Buffer.alloc(64)),
    'less than a length': forged(Buffer.alloc(3)),
  };
  for (const [name, request] of Object.entries(wrong)) t.is(open(request), 'wrong-length', name);
});

test('any part of an uncompressed chunk opens from its segments alone', (t) => {
  const plain = byteStreamOf('plain', 300_000);
  const request = requestFor(plain);
  fc.assert(
    fc.property(fc.nat(299_999), fc.nat(), (offset, more) => {
      const length = 1 + (more % (plain.length - offset));
      const part = { ...request, sealedLength: request.sealed.length, offset, length };
      const place = sealedPartOf(part)!;
      const sealed = request.sealed.subarray(place.offset, place.offset + place.length);
      t.true(openPart(part, sealed).equals(plain.subarray(offset, offset + length)));
    }),
    { numRuns: 60 },
  );
});

test('a segment in the place of another one does not open', (t) => {
  const request = requestFor(byteStreamOf('plain', 300_000));
  const part = { ...request, sealedLength: request.sealed.length, offset: 70_000, length: 10 };
  const place = sealedPartOf(part)!;
  const other = request.sealed.subarray(0, place.length);
  for (const bad of [
    other,
    Buffer.alloc(0),
    request.sealed.subarray(place.offset, place.offset + place.length - 1),
  ]) {
    const error = t.throws(() => openPart(part, bad));
    t.true(isVaultError(error, 'damaged'));
  }
});

test('there is no part of a compressed chunk, of nothing, or beyond the end', (t) => {
  const text = requestFor(textOf('plain', 300_000));
  t.is(
    sealedPartOf({ ...text, sealedLength: text.sealed.length, offset: 0, length: 1 }),
    undefined,
  );
  const random = requestFor(byteStreamOf('plain', 300_000));
  const sealedLength = random.sealed.length;
  for (const [offset, length] of [
    [0, 0],
    [-1, 5],
    [300_000, 1],
    [299_999, 2],
    [0, 300_001],
  ] as const) {
    t.is(sealedPartOf({ ...random, sealedLength, offset, length }), undefined);
  }
  t.is(
    sealedPartOf({ ...random, sealedLength: sealedLength - 1, offset: 0, length: 1 }),
    undefined,
  );
});
