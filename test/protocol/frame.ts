import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { isVaultError } from '../../protocol/errors.ts';
import {
  encodeFrameHeader,
  FrameDecoder,
  frameTypes,
  streamIdMax,
  type Frame,
  type FrameType,
} from '../../protocol/frame.ts';
import { rpc, wire } from '../../protocol/limits.ts';

const types = Object.keys(frameTypes) as FrameType[];
const streamBound: readonly FrameType[] = ['open', 'message', 'data', 'end', 'reset'];

/** A body length that the type may have. */
function lengthFor(type: FrameType): fc.Arbitrary<number> {
  if (type === 'credit') return fc.constant(4);
  if (type === 'ping' || type === 'pong') return fc.constant(8);
  if (type === 'end') return fc.constant(0);
  if (type === 'goodbye') return fc.integer({ min: 0, max: rpc.goodbyeTextBytesMax });
  return fc.integer({ min: 1, max: 3000 });
}

const anyFrame = fc.constantFrom(...types).chain((type) =>
  fc.record(
    {
      type: fc.constant(type),
      stream: streamBound.includes(type)
        ? fc.integer({ min: 1, max: streamIdMax })
        : fc.constant(0),
      body: lengthFor(type).map((length) => Buffer.alloc(length, length)),
    },
    { noNullPrototype: true },
  ),
);

function encode(frame: Frame): Buffer {
  return Buffer.concat([
    encodeFrameHeader(frame.type, frame.stream, frame.body.length),
    frame.body,
  ]);
}

function decodeAll(decoder: FrameDecoder, pieces: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  for (const piece of pieces) {
    decoder.push(piece);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      frames.push(frame);
  }
  return frames;
}

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

test('property: frames survive any cuts', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 6 }),
      (frames, lengths) => {
        const decoder = new FrameDecoder();
        const decoded = decodeAll(decoder, cut(Buffer.concat(frames.map(encode)), lengths));
        t.true(isDeepStrictEqual(decoded, frames));
        t.false(decoder.midFrame);
      },
    ),
    { numRuns: 500 },
  );
});

test('a body with a place of its own is put there, and the piece is free as soon as it is read', (t) => {
  const frames = [3000, 2000, 1].map((length, index) => ({
    type: 'data' as const,
    stream: index + 1,
    body: Buffer.alloc(length, length),
  }));
  const piece = Buffer.concat(frames.map(encode));
  const place = Buffer.alloc(2000);
  const used: Buffer[] = [];
  const decoder = new FrameDecoder((bytes) => used.push(bytes));
  const placeOf = (head: { stream: number; length: number }): Buffer | undefined =>
    head.stream === 2 && head.length === place.length ? place : undefined;
  const read = (bytes: Buffer): (Frame | undefined)[] => {
    decoder.push(bytes);
    return frames.map(() => decoder.next(placeOf));
  };
  t.deepEqual(read(piece), frames);
  t.is(decoder.next(placeOf), undefined);
  t.deepEqual(used, [], 'the first body stands in it');
  t.deepEqual(place, frames[1]!.body);
  place.fill(0);
  const [, second] = frames.map(encode);
  decoder.push(second!);
  t.is(decoder.next(placeOf)?.body, place);
  t.is(decoder.next(placeOf), undefined);
  t.deepEqual(used, [second!]);
});

test('a body that comes in two pieces is never put where its place was', (t) => {
  const frame = { type: 'data', stream: 1, body: Buffer.alloc(100, 1) } as const;
  const asked: number[] = [];
  const decoder = new FrameDecoder();
  const whole = encode(frame);
  const frames = [whole.subarray(0, 50), whole.subarray(50)].map((piece) => {
    decoder.push(piece);
    return decoder.next(({ length }) => {
      asked.push(length);
      return undefined;
    });
  });
  t.deepEqual(frames, [undefined, frame]);
  t.deepEqual(asked, []);
});

test('a frame that comes byte by byte is the same frame', (t) => {
  const frame = { type: 'message', stream: 300, body: Buffer.from('abc') } as const;
  t.deepEqual(decodeAll(new FrameDecoder(), cut(encode(frame), [1])), [frame]);
});

for (const stream of [1, 127, 128, 16_383, 16_384, 2 ** 31, streamIdMax]) {
  test(`stream ${String(stream)} is written and read`, (t) => {
    const frame = { type: 'end', stream, body: Buffer.alloc(0) } as const;
    t.deepEqual(decodeAll(new FrameDecoder(), [encode(frame)]), [frame]);
    t.true(encode(frame).length <= wire.frameHeaderBytesMax);
  });
}

const borders: readonly (readonly [FrameType, number, boolean])[] = [
  ['open', wire.frameBodyBytesMax, true],
  ['open', wire.frameBodyBytesMax + 1, false],
  ['message', rpc.messageBytesMax, true],
  ['message', rpc.messageBytesMax + 1, false],
  ['data', 0, false],
  ['data', 1, true],
  ['data', wire.frameBodyBytesMax, true],
  ['data', wire.frameBodyBytesMax + 1, false],
  ['data', 0xffff_ffff, false],
  ['end', 1, false],
  ['credit', 3, false],
  ['credit', 5, false],
  ['ping', 7, false],
  ['pong', 9, false],
  ['reset', 65_000, false],
  ['goodbye', 65_000, false],
];
for (const [type, length, good] of borders) {
  test(`a ${type} frame of ${String(length)} bytes is ${good ? 'read' : 'refused at its header'}`, (t) => {
    const stream = streamBound.includes(type) ? 1 : 0;
    const header = encodeFrameHeader(type, stream, length);
    const decoder = new FrameDecoder();
    if (good) {
      const body = Buffer.alloc(length, 1);
      t.true(isDeepStrictEqual(decodeAll(decoder, [header, body]), [{ type, stream, body }]));
    } else {
      t.throws(() => decodeAll(decoder, [header]), { code: 'peer-misbehaved' });
    }
  });
}

for (const [name, bytes] of [
  ['an unknown type', '00 01 00000000'],
  ['an unknown type', '0a 01 00000000'],
  ['a ping on a stream', '07 01 00000008'],
  ['data on stream 0', '03 00 00000001'],
  ['a stream number longer than it needs to be', '05 8100 00000000'],
  ['a stream number of six bytes', '05 818181818101 00000000'],
  ['a stream number over 32 bits', '05 ffffffff7f 00000000'],
] as const) {
  test(`${name} (${bytes}) is refused`, (t) => {
    const header = Buffer.from(bytes.replaceAll(' ', ''), 'hex');
    t.throws(() => decodeAll(new FrameDecoder(), [header]), { code: 'peer-misbehaved' });
    t.throws(() => decodeAll(new FrameDecoder(), cut(header, [1])), { code: 'peer-misbehaved' });
  });
}

test('a small body does not keep the piece alive that it came in', (t) => {
  const small = encode({ type: 'message', stream: 1, body: Buffer.from('x') });
  const piece = Buffer.concat([small, Buffer.alloc(60_000)]);
  const decoder = new FrameDecoder();
  decoder.push(piece);
  t.not(decoder.next()?.body.buffer, piece.buffer);
});

test('a large body in one piece is not copied', (t) => {
  const piece = encode({ type: 'data', stream: 1, body: Buffer.alloc(60_000) });
  const decoder = new FrameDecoder();
  decoder.push(piece);
  t.is(decoder.next()?.body.buffer, piece.buffer);
});

test('property: 10,000 streams of noise end in an error or in frames, never in anything else', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
      fc.uint8Array({ maxLength: 20 }),
      (frames, flips, tail) => {
        const bytes = Buffer.concat([...frames.map(encode), tail]);
        for (const [at, mask] of flips) if (bytes.length > 0) bytes[at % bytes.length]! ^= mask;
        try {
          for (const { body } of decodeAll(new FrameDecoder(), [bytes])) {
            t.true(body.length <= wire.frameBodyBytesMax);
          }
        } catch (error) {
          t.true(isVaultError(error, 'peer-misbehaved'));
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
