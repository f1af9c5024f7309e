import test from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../../protocol/errors.ts';
import {
  checkShape,
  shapeDepthMax,
  unknownFieldsMax,
  type MessageShape,
} from '../../../protocol/messages/shape.ts';
import { countFromWire, integerFromWire } from '../../../protocol/messages/wire-number.ts';

const shape: MessageShape = {
  1: {},
  2: { bytesMax: 4 },
  3: { bytesMax: 4, text: true },
  4: { countMax: 3, packed: true },
  5: { nested: { 1: {} }, countMax: 2 },
  6: { nested: { 1: {} }, bytesMax: 2 },
};

function check(hex: string): void {
  checkShape(Buffer.from(hex.replaceAll(' ', ''), 'hex'), shape, 'test');
}

for (const [name, hex] of [
  ['nothing', ''],
  ['a number', '08 01'],
  ['a number of ten bytes', '08 ffffffffffffffffff01'],
  ['bytes up to their bound', '12 04 01020304'],
  ['text', '1a 02 c3a9'],
  ['packed numbers up to their count', '22 04 01 02 ac02'],
  ['the same numbers one by one', '20 01 20 02 20 ac02'],
  ['nested messages up to their count', '2a 00 2a 02 08 01'],
  ['an unknown field of each wire type', '78 01 79 0000000000000000 7a 01 00 7d 00000000'],
] as const) {
  test(`passes: ${name}`, (t) => {
    t.notThrows(() => {
      check(hex);
    });
  });
}

for (const [name, hex] of [
  ['a field that comes twice', '08 01 08 01'],
  ['bytes over their bound', '12 05 0102030405'],
  ['bytes where a number belongs', '0a 00'],
  ['a number where bytes belong', '10 01'],
  ['a number where a message belongs', '28 01'],
  ['text that is not UTF-8', '1a 01 ff'],
  ['packed numbers over their count', '22 04 01 02 03 04'],
  ['packed and single numbers over their count together', '22 03 01 02 03 20 01'],
  ['numbers over their count after none in a pack', '22 00 20 01 20 02 20 03 20 04'],
  ['numbers over their count around none in a pack', '20 01 22 00 20 02 20 03 20 04'],
  ['a packed number that is cut off', '22 01 80'],
  ['nested messages over their count', '2a 00 2a 00 2a 00'],
  ['a nested message over its bytes', '32 03 08 8001'],
  ['a length beyond the message', '12 04 00'],
  ['a nested length beyond the message around it', '2a 02 12 04 00000000'],
  ['a length of 2^63', '12 ffffffffffffffff7f'],
  ['a number of eleven bytes', '08 ffffffffffffffffffff01'],
  ['a tag that is cut off', '80'],
  ['a fixed number that is cut off', '7d 0000'],
  ['field 0', '00 00'],
  ['a group', '0b 0c'],
  ['an end of a group', '0c'],
  ['a field number over 29 bits', '8080808010 00'],
] as const) {
  test(`refuses: ${name}`, (t) => {
    t.throws(
      () => {
        check(hex);
      },
      { code: 'malformed' },
    );
  });
}

test('unknown fields pass up to their count', (t) => {
  t.notThrows(() => {
    check('78 00'.repeat(unknownFieldsMax));
  });
  t.throws(
    () => {
      check('78 00'.repeat(unknownFieldsMax + 1));
    },
    { code: 'malformed' },
  );
});

test('names of the object prototype are not fields', (t) => {
  t.notThrows(() => {
    checkShape(Buffer.from('0801', 'hex'), {}, 'test');
  });
});

test('a shape that contains itself ends at the depth limit', (t) => {
  const endless: Record<number, { nested: MessageShape }> = {};
  endless[1] = { nested: endless };
  let bytes = Buffer.alloc(0);
  for (let depth = 1; depth < shapeDepthMax; depth += 1) {
    bytes = Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
  }
  t.notThrows(() => {
    checkShape(bytes, endless, 'test');
  });
  const deeper = Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
  t.throws(
    () => {
      checkShape(deeper, endless, 'test');
    },
    { code: 'malformed' },
  );
});

test('property: 10,000 arrays of noise pass or are malformed', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        checkShape(bytes, shape, 'test');
      } catch (error) {
        t.true(isVaultError(error, 'malformed'));
      }
    }),
    { numRuns: 10_000 },
  );
  t.pass();
});

test('numbers are exact or refused', (t) => {
  t.is(countFromWire(undefined, 'test'), 0);
  t.is(countFromWire({ toNumber: () => 2 ** 53 - 1 }, 'test'), 2 ** 53 - 1);
  t.throws(() => countFromWire({ toNumber: () => 2 ** 53 }, 'test'), { code: 'malformed' });
  t.throws(() => countFromWire(-1, 'test'), { code: 'malformed' });
  t.is(integerFromWire(-1, 'test'), -1);
  t.throws(() => integerFromWire(0.5, 'test'), { code: 'malformed' });
});
