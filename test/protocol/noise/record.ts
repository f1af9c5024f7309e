import test from 'ava';
import fc from 'fast-check';
import { wire } from '../../../protocol/limits.ts';
import { RecordReader, recordBytes, writeRecordLength } from '../../../protocol/noise/record.ts';

/** Of a message; also of one that is too short. */
function recordLength(messageBytes: number): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(messageBytes);
  return length;
}

function readAll(reader: RecordReader, pieces: readonly Buffer[]): Buffer[] {
  const messages: Buffer[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      messages.push(Buffer.from(next));
    }
  }
  return messages;
}

test('property: messages survive any cuts', (t) => {
  const length = fc.oneof(
    fc.integer({ min: 17, max: 100 }),
    fc.integer({ min: 17, max: wire.noiseMessageBytesMax }),
    fc.constant(wire.noiseMessageBytesMax),
  );
  fc.assert(
    fc.property(
      fc.array(length, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 6 }),
      (lengths, cuts) => {
        const messages = lengths.map((each, index) => Buffer.alloc(each, index + 1));
        const bytes = Buffer.concat(messages.flatMap((each) => [recordLength(each.length), each]));
        const pieces: Buffer[] = [];
        for (let at = 0, index = 0; at < bytes.length; index += 1) {
          const end = at + (cuts[index % cuts.length] ?? 1);
          // Each in memory of its own, as from a socket: it belongs to the reader.
          pieces.push(Buffer.from(new Uint8Array(bytes.subarray(at, end)).buffer));
          at = end;
        }
        const reader = new RecordReader();
        const read = readAll(reader, pieces);
        t.is(read.length, messages.length);
        t.true(read.every((message, index) => message.equals(messages[index]!)));
        t.false(reader.midRecord);
      },
    ),
    { numRuns: 300 },
  );
});

test('a record byte by byte is one record', (t) => {
  const message = Buffer.alloc(300, 9);
  const bytes = Buffer.concat([recordLength(300), message]);
  const reader = new RecordReader();
  t.deepEqual(
    readAll(
      reader,
      [...bytes].map((byte) => Buffer.from([byte])),
    ),
    [message],
  );
});

for (const length of [0, 1, 16]) {
  test(`a record of ${String(length)} bytes carries nothing and is refused`, (t) => {
    const bytes = Buffer.concat([recordLength(length), Buffer.alloc(length)]);
    t.throws(() => readAll(new RecordReader(), [bytes]), { code: 'peer-misbehaved' });
    t.throws(() => readAll(new RecordReader(), [bytes.subarray(0, 1), bytes.subarray(1)]), {
      code: 'peer-misbehaved',
    });
  });
}

test('a piece is freed when the next one comes, and not before its messages were given', (t) => {
  const whole = Buffer.concat([recordLength(40_000), Buffer.alloc(40_000, 1)]);
  const memory = new Uint8Array(whole).buffer;
  const reader = new RecordReader();
  reader.push(Buffer.from(memory));
  t.true(reader.next()?.equals(Buffer.alloc(40_000, 1)));
  t.is(reader.next(), undefined);
  t.false(memory.detached);
  reader.push(Buffer.concat([recordLength(20), Buffer.alloc(20, 2)]));
  t.true(memory.detached);
  t.deepEqual(reader.next(), Buffer.alloc(20, 2));
});

test('an end inside a record is noticed', (t) => {
  for (const end of [1, 2, 100]) {
    const reader = new RecordReader();
    const bytes = Buffer.concat([recordLength(200), Buffer.alloc(200)]);
    t.deepEqual(readAll(reader, [bytes.subarray(0, end)]), []);
    t.true(reader.midRecord);
  }
});

test('the length of a record is written before its message', (t) => {
  const record = Buffer.alloc(recordBytes(300), 5);
  const message = writeRecordLength(record);
  t.is(message.length, 300 + wire.noiseTagBytes);
  message.fill(6);
  t.deepEqual(record, Buffer.concat([recordLength(316), Buffer.alloc(316, 6)]));
  t.throws(() => writeRecordLength(Buffer.alloc(recordBytes(0))));
  t.throws(() => writeRecordLength(Buffer.alloc(2 + wire.noiseMessageBytesMax + 1)));
});
