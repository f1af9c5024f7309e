import { createRequire } from 'node:module';
import test from 'ava';
import fc from 'fast-check';
import { wire } from '../../../protocol/limits.ts';
import { CipherState } from '../../../protocol/noise/cipher-state.ts';
import { sealed } from '../../helpers/sealed.ts';

interface LibraryCipherState {
  readonly STATELEN: number;
  initializeKey(state: Uint8Array, key: Uint8Array): void;
  encryptWithAd(state: Uint8Array, out: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): void;
  rekey(state: Uint8Array): void;
}

const require = createRequire(import.meta.url);
const cipher = (require('noise-protocol/cipher.js') as () => object)();
const library = (
  require('noise-protocol/cipher-state.js') as (parts: object) => LibraryCipherState
)({ cipher });

test('property: records are those of the package, over rekeys too', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 }),
      (key, rekeyRecords, records) => {
        const state = new Uint8Array(library.STATELEN);
        library.initializeKey(state, key);
        const sender = new CipherState(key, rekeyRecords);
        const receiver = new CipherState(key, rekeyRecords);
        for (const [index, record] of records.entries()) {
          if (index > 0 && index % rekeyRecords === 0) library.rekey(state);
          const expected = Buffer.alloc(record.length + 16);
          library.encryptWithAd(state, expected, new Uint8Array(0), record);
          const message = sealed(sender, record);
          t.deepEqual(message, expected);
          t.deepEqual(receiver.open(message), Buffer.from(record));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the key changes after exactly 2^16 records, and both sides go on', (t) => {
  const key = Buffer.alloc(32, 7);
  const sender = new CipherState(key);
  const receiver = new CipherState(key);
  const never = new CipherState(key, Number.MAX_SAFE_INTEGER);
  const byte = Buffer.alloc(1);
  for (let count = 0; count < wire.rekeyRecords; count += 1) {
    const record = sealed(sender, byte);
    if (count % 1000 === 0 || count === wire.rekeyRecords - 1) {
      t.deepEqual(sealed(never, byte), record);
    } else sealed(never, byte);
    receiver.open(record);
  }
  const after = sealed(sender, byte);
  t.notDeepEqual(sealed(never, byte), after);
  t.deepEqual(receiver.open(after), byte);
});

test('the same bytes sealed twice are two different records', (t) => {
  const sender = new CipherState(Buffer.alloc(32));
  const bytes = Buffer.from('again');
  t.notDeepEqual(sealed(sender, bytes), sealed(sender, bytes));
});

test('the first record that does not open ends it: a good one after it is refused too', (t) => {
  const sender = new CipherState(Buffer.alloc(32));
  const receiver = new CipherState(Buffer.alloc(32));
  const first = sealed(sender, Buffer.from('one'));
  const bad = Buffer.from(first);
  bad[0]! ^= 1;
  t.throws(() => receiver.open(bad), { code: 'peer-misbehaved' });
  t.throws(() => receiver.open(first), { code: 'peer-misbehaved' });
});

for (const length of [0, 15, 16]) {
  test(`a record of ${String(length)} bytes that nobody sealed is refused`, (t) => {
    const receiver = new CipherState(Buffer.alloc(32));
    t.throws(() => receiver.open(Buffer.alloc(length)), { code: 'peer-misbehaved' });
  });
}

test('records out of order, repeated or left out do not open', (t) => {
  const seal = (): Buffer[] => {
    const sender = new CipherState(Buffer.alloc(32));
    return ['a', 'b'].map((text) => sealed(sender, Buffer.from(text)));
  };
  const [first, second] = seal() as [Buffer, Buffer];
  t.throws(() => new CipherState(Buffer.alloc(32)).open(second));
  const receiver = new CipherState(Buffer.alloc(32));
  receiver.open(first);
  t.throws(() => receiver.open(first));
});

test('property: of 10,000 changed records none opens', (t) => {
  const record = sealed(new CipherState(Buffer.alloc(32)), Buffer.alloc(40, 1));
  fc.assert(
    fc.property(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(record);
      changed[at]! ^= mask;
      t.throws(() => new CipherState(Buffer.alloc(32)).open(changed), { code: 'peer-misbehaved' });
    }),
    { numRuns: 10_000 },
  );
});
