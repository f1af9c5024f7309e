import fc from 'fast-check';
import test from 'ava';
import { fromBase32, toBase32 } from '../../../protocol/messages/base32.ts';

// RFC 4648, section 10, in lower case and without padding.
for (const [plain, encoded] of [
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
] as const) {
  test(`"${plain}" is "${encoded}"`, (t) => {
    t.is(toBase32(Buffer.from(plain)), encoded);
    t.is(fromBase32(encoded)?.toString(), plain);
  });
}

test('all bytes survive', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      t.deepEqual(fromBase32(toBase32(bytes)), Buffer.from(bytes));
    }),
  );
});

for (const [why, text] of [
  ['a digit that is no letter of it', 'm1'],
  ['upper case', 'MY'],
  ['padding', 'my======'],
  ['a letter too many', 'mym'],
  ['bits to spare that are set', 'mz'],
] as const) {
  test(`text with ${why} is none`, (t) => {
    t.is(fromBase32(text), undefined);
  });
}
