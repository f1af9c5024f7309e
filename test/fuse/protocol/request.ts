import test from 'ava';
import fc from 'fast-check';
import { inHeaderBytes, opcodes } from '../../../fuse/protocol/constants.ts';
import { isResent, parseHeader, parseRequest, uniqueKey } from '../../../fuse/protocol/request.ts';

function message(opcode: number, body: Uint8Array, unique = 7n): Buffer {
  const bytes = Buffer.alloc(inHeaderBytes + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt32LE(opcode, 4);
  bytes.writeBigUInt64LE(unique, 8);
  bytes.writeBigUInt64LE(42n, 16);
  bytes.writeUInt32LE(1000, 24);
  bytes.set(body, inHeaderBytes);
  return bytes;
}

function parse(opcode: number, body: Uint8Array): ReturnType<typeof parseRequest> {
  const bytes = message(opcode, body);
  const header = parseHeader(bytes);
  return header === undefined ? undefined : parseRequest(header, bytes);
}

test('a header says who asks for what', (t) => {
  const header = parseHeader(message(opcodes.lookup, Buffer.from('a\0')));
  t.is(header?.node, 42);
  t.is(header?.uid, 1000);
  t.is(header?.opcode, opcodes.lookup);
  t.is(parseHeader(Buffer.alloc(39)), undefined);
  t.is(parseHeader(Buffer.alloc(64)), undefined, 'a length that is a lie');
});

test('a resent request has the key of the first one', (t) => {
  const first = parseHeader(message(opcodes.statfs, Buffer.alloc(0), 12n));
  const again = parseHeader(message(opcodes.statfs, Buffer.alloc(0), 12n | (1n << 63n)));
  if (first === undefined || again === undefined) {
    t.fail();
    return;
  }
  t.is(uniqueKey(first), uniqueKey(again));
  t.false(isResent(first));
  t.true(isResent(again));
});

test('names are bytes up to a NUL', (t) => {
  const parsed = parse(opcodes.symlink, Buffer.from('name\xff\0target\0', 'latin1'));
  t.deepEqual(parsed, {
    op: 'symlink',
    name: Buffer.from('name\xff', 'latin1'),
    target: Buffer.from('target'),
  });
  t.is(parse(opcodes.lookup, Buffer.from('no end')), undefined);
});

test('a write has the bytes that it says', (t) => {
  const body = Buffer.alloc(40 + 3, 'x');
  body.fill(0, 0, 40);
  body.writeUInt32LE(3, 16);
  const parsed = parse(opcodes.write, body);
  t.is(parsed?.op === 'write' ? parsed.data.toString() : undefined, 'xxx');
  body.writeUInt32LE(4, 16);
  t.is(parse(opcodes.write, body), undefined);
});

test('more to forget than there are bytes is refused before anything is made of it', (t) => {
  const body = Buffer.alloc(8 + 16);
  body.writeUInt32LE(0xffffffff, 0);
  t.is(parse(opcodes.batchForget, body), undefined);
  body.writeUInt32LE(1, 0);
  t.deepEqual(parse(opcodes.batchForget, body), {
    op: 'batchForget',
    items: [{ node: 0, count: 0 }],
  });
});

test('whatever the bytes are, they are a request or refused', (t) => {
  const numbers = [...Object.values(opcodes), 4096];
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.uint8Array({ maxLength: 200 }), (opcode, body) => {
      const parsed = parse(opcode, body);
      return parsed === undefined || typeof parsed.op === 'string';
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
