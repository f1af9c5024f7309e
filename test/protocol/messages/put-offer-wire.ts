/** Offers straight to bytes and back, beside the generated code. */
import test from 'ava';
import fc from 'fast-check';
import { putUp, type PutItem } from '../../../protocol/messages/control-put.ts';
import { decodeOffer, encodeOffer } from '../../../protocol/messages/put-offer-wire.ts';
import { peervault } from '../../../protocol/proto/control.js';
import { kindToWire } from '../../../protocol/messages/control-entry.ts';

function bytesOf(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
}

const times = fc.record({
  seconds: fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 47), max: 2 ** 47 })),
  nanoseconds: fc.nat(999_999_999),
});
const items: fc.Arbitrary<PutItem> = fc.record({
  path: fc.oneof(bytesOf(0, 100), bytesOf(100, 20_000)),
  kind: fc.constantFrom('file' as const, 'directory' as const),
  size: fc.option(fc.nat({ max: 2 ** 49 - 1 }), { nil: undefined }),
  mode: fc.nat(0o7777),
  mtime: times,
  target: fc.constant(undefined),
  fingerprint: fc.option(bytesOf(1, 64), { nil: undefined }),
});
const links = fc.record({
  path: bytesOf(1, 200),
  kind: fc.constant('symlink' as const),
  size: fc.constant(0),
  mode: fc.nat(0o7777),
  mtime: times,
  target: bytesOf(0, 4095),
  fingerprint: fc.constant(undefined),
});
const offers = fc.array(fc.oneof(items, links), { maxLength: 30 });

function generated(offer: readonly PutItem[]): Buffer {
  const wire = offer.map((item) => ({
    path: item.path,
    kind: kindToWire(item.kind),
    size: item.size ?? 0,
    sizeKnown: item.size !== undefined,
    mode: item.mode,
    mtimeS: item.mtime.seconds,
    mtimeNs: item.mtime.nanoseconds,
    target: item.target ?? null,
    fingerprint: item.fingerprint ?? null,
  }));
  return Buffer.from(peervault.control.PutUp.encode({ offer: { items: wire } }).finish());
}

test('an offer has the bytes that the generated code makes of it, and comes back', (t) => {
  fc.assert(
    fc.property(offers, (offer) => {
      const bytes = encodeOffer(offer);
      t.deepEqual(bytes, generated(offer));
      t.deepEqual(bytes && decodeOffer(bytes), offer);
    }),
  );
  t.pass();
});

test('what is not ordinary, or cut off, or changed, is read as the generated code reads it, or not at all', (t) => {
  let read = 0;
  const damage = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
  fc.assert(
    fc.property(offers, fc.array(damage, { maxLength: 2 }), fc.nat(3), (offer, damages, cut) => {
      const bytes = generated(offer);
      for (const { at, byte } of damages) bytes[Math.floor(at * (bytes.length - 1))] = byte;
      const seen = bytes.subarray(0, bytes.length - Math.max(0, cut - 2));
      const found = decodeOffer(seen);
      if (found === undefined) return;
      read += 1;
      // Told as a field that nobody knows as well, so that the ordinary way reads it.
      const ordinary = putUp.fromWire(Buffer.concat([seen, Buffer.from([0x98, 0x06, 1])]));
      t.deepEqual(ordinary, { type: 'offer', items: found });
    }),
    { numRuns: 500 },
  );
  t.true(read > 50);
});

test('what says that it is longer than the message around it is refused as ever', (t) => {
  const path = [0x0a, 1, 0x61];
  for (const field of [
    [0x10, 3, 0x3a],
    [0x10, 1, 0x42],
  ]) {
    const item = Buffer.from([...path, ...field, 50, 1, 2, 3]);
    const lying = Buffer.from([0x0a, item.length + 2, 0x0a, item.length + 47, ...item]);
    t.is(decodeOffer(lying), undefined);
    t.throws(() => putUp.fromWire(lying), { code: 'malformed' });
  }
});

test('what is out of bounds is refused as ever', (t) => {
  const item: PutItem = {
    path: Buffer.from('a'),
    kind: 'file',
    size: 1,
    mode: 0o644,
    mtime: { seconds: 1, nanoseconds: 1 },
  };
  const refused: readonly (readonly PutItem[])[] = [
    Array.from({ length: 257 }, () => item),
    [{ ...item, path: Buffer.alloc(32 * 1024 + 1, 'a') }],
    [{ ...item, fingerprint: Buffer.alloc(65) }],
    [{ ...item, mode: 0o10000 }],
    [{ ...item, mtime: { seconds: 1, nanoseconds: 1e9 } }],
  ];
  for (const offer of refused) {
    const bytes = putUp.toWire({ type: 'offer', items: offer });
    t.is(decodeOffer(bytes), undefined);
    t.throws(() => putUp.fromWire(bytes), { code: 'malformed' });
  }
  const far = { ...item, mtime: { seconds: 2 ** 52, nanoseconds: 0 } };
  t.is(encodeOffer([far]), undefined);
  const again = putUp.fromWire(putUp.toWire({ type: 'offer', items: [far] }));
  t.is(again.type === 'offer' && again.items[0]?.mtime.seconds, 2 ** 52);
});
