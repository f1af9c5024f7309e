import fc from 'fast-check';
import test from 'ava';
import { idFromBytes, type IdKind } from '../../../protocol/ids.ts';
import { members } from '../../../protocol/limits.ts';
import {
  decodeSignedStatement,
  decodeStatement,
  deviceIdOf,
  encodeSignedStatement,
  encodeStatement,
} from '../../../protocol/messages/statement-wire.ts';
import type { StatementContent, StatementKind } from '../../../protocol/messages/statement.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { peervault } from '../../../protocol/proto/members.js';

const bytes = (length: number, fill = 1): Buffer => Buffer.alloc(length, fill);
const id = <K extends IdKind>(kind: K, length: number, fill = 1) =>
  idFromBytes(kind, bytes(length, fill));
const device = id('device', 16);
const cutoff = { incarnation: id('incarnation', 8), sequence: 7, hash: id('batch', 32) };
const position = { device, ...cutoff };
const sealed = {
  subject: id('statement', 32),
  recipient: device,
  encapsulated: bytes(32),
  ciphertext: bytes(80),
};
const certificate = {
  device: deviceIdOf(bytes(32)),
  signKey: bytes(32),
  noiseKey: bytes(32, 2),
  capabilities: 7,
  quotaBytes: 2 ** 40,
  sealedLabel: bytes(40),
};

const kinds: StatementKind[] = [
  {
    type: 'genesis',
    owner: bytes(32, 9),
    recoverySign: bytes(32),
    recoverySeal: bytes(32),
    salt: bytes(32),
    chunking: { chunker: 1, minBytes: 2, averageBytes: 3, maxBytes: 4 },
  },
  {
    type: 'grant',
    certificate,
    memberKey: sealed,
    epochs: [sealed, { ...sealed, subject: undefined, recipient: undefined }],
    ticket: id('ticket', 16),
    lastBatches: [cutoff],
  },
  {
    type: 'grant',
    certificate,
    memberKey: undefined,
    epochs: [],
    ticket: undefined,
    lastBatches: [],
  },
  {
    type: 'revoke',
    device,
    lastBatches: [cutoff],
    lastStatement: id('statement', 32),
    reason: 'misbehaved',
  },
  { type: 'revoke', device, lastBatches: [], lastStatement: undefined, reason: undefined },
  {
    type: 'epoch',
    parents: [id('epoch', 32)],
    sealed: [sealed],
    wrappedParents: [{ epoch: id('epoch', 32), nonce: bytes(12), ciphertext: bytes(48) }],
    nonce: bytes(32),
  },
  {
    type: 'member-key',
    generation: 3,
    sealed: [sealed],
    wrappedPrevious: [
      { statement: id('statement', 32), nonce: bytes(12), ciphertext: Buffer.alloc(48, 5) },
    ],
  },
  { type: 'recover', owner: bytes(32), replaces: bytes(32), lastStatement: undefined },
  { type: 'choose-branch', ...position },
  { type: 'checkpoint', vector: [position], stateRoot: bytes(32), excluded: [position] },
  {
    ...{ type: 'checkpoint', vector: [position], stateRoot: bytes(32), excluded: [] },
    fold: { pages: [{ id: id('chunk', 32), length: 70_000 }], epoch: id('epoch', 32, 4) },
  },
  { type: 'release', chunks: [id('chunk', 32), id('chunk', 32, 2)], vector: [position] },
  { type: 'placement-map', generation: 2, placements: [{ device, weight: 5, domain: 1 }] },
  { type: 'unknown' },
];

function content(kind: StatementKind): StatementContent {
  const first = kind.type === 'genesis';
  return {
    vault: first ? undefined : id('vault', 32),
    issuer: bytes(32, 9).toString('hex'),
    sequence: first ? 1 : 5,
    previous: first ? undefined : id('statement', 32, 3),
    heads: first ? [] : [id('statement', 32, 4), id('statement', 32, 5)],
    kind,
  };
}

for (const [index, kind] of kinds.entries()) {
  test(`a statement of kind ${kind.type} survives the wire (${index})`, (t) => {
    const body = encodeStatement(content(kind));
    const { id: _id, ...rest } = decodeStatement(body);
    t.deepEqual(rest, content(kind));
    const signed = encodeSignedStatement(body, bytes(64));
    t.deepEqual(decodeSignedStatement(signed).body, body);
    t.deepEqual(decodeSignedStatement(signed).bytes, signed);
  });
}

test('the id covers every byte of the body and nothing else', (t) => {
  const body = encodeStatement(content(kinds[1]!));
  const other = encodeStatement({ ...content(kinds[1]!), sequence: 6 });
  t.not(decodeStatement(body).id, decodeStatement(other).id);
  const one = decodeSignedStatement(encodeSignedStatement(body, bytes(64, 1)));
  const two = decodeSignedStatement(encodeSignedStatement(body, bytes(64, 2)));
  t.is(one.statement.id, two.statement.id);
});

const good = content(kinds[3]!);
const genesis = content(kinds[0]!);
for (const [why, bad] of [
  ['sequence 0', { ...good, sequence: 0 }],
  ['sequence 1 with something before it', { ...good, sequence: 1 }],
  ['nothing before sequence 2', { ...good, sequence: 2, previous: undefined }],
  ['a head named twice', { ...good, heads: [id('statement', 32), id('statement', 32)] }],
  ['no vault', { ...good, vault: undefined }],
  ['a genesis in a vault', { ...genesis, vault: id('vault', 32) }],
  ['a genesis after something', { ...genesis, heads: [id('statement', 32)] }],
  ['a genesis of another signer', { ...genesis, issuer: bytes(32, 8).toString('hex') }],
  [
    'a certificate whose id is not of its key',
    content({
      type: 'grant',
      certificate: { ...certificate, device },
      memberKey: undefined,
      epochs: [],
      ticket: undefined,
      lastBatches: [],
    }),
  ],
] as const) {
  test(`a statement with ${why} is malformed`, (t) => {
    t.throws(() => decodeStatement(encodeStatement(bad)), { code: 'malformed' });
  });
}

test('a version that is not known is refused as such', (t) => {
  const body = Buffer.from(encodeStatement(good));
  body.writeUInt8(2, 1);
  t.throws(() => decodeStatement(body), { code: 'protocol-version' });
});

test('a kind that a newer version added is kept as unknown', (t) => {
  const body = encodeStatement(content({ type: 'unknown' }));
  // Field 30, three bytes long.
  const newer = Buffer.concat([body, Buffer.from([0xf2, 0x01, 3, 1, 2, 3])]);
  t.is(decodeStatement(newer).kind.type, 'unknown');
});

test('of a statement that says two things the last one is read, as of any oneof', (t) => {
  const body = encodeStatement(good);
  const two = Buffer.concat([
    body,
    peervault.members.Statement.encode({ memberKey: { generation: 1 } }).finish(),
  ]);
  t.is(decodeStatement(two).kind.type, 'member-key');
});

for (const [length, fine] of [
  [members.statementHeadsMax - 1, true],
  [members.statementHeadsMax, true],
  [members.statementHeadsMax + 1, false],
] as const) {
  test(`${length} heads are ${fine ? 'fine' : 'too many'}`, (t) => {
    const heads = Array.from({ length }, (_, index) => id('statement', 32, index));
    const decode = () => decodeStatement(encodeStatement({ ...good, heads }));
    if (fine) t.is(decode().heads.length, length);
    else t.throws(decode, { code: 'malformed' });
  });
}

test('a statement for the greatest number of devices fits', (t) => {
  const kind: StatementKind = {
    type: 'member-key',
    generation: 1,
    sealed: Array.from({ length: members.devicesMax + 1 }, () => ({
      ...sealed,
      subject: undefined,
      ciphertext: bytes(80),
    })),
    wrappedPrevious: Array.from({ length: members.epochParentsMax }, () => ({
      statement: id('statement', 32),
      nonce: bytes(12),
      ciphertext: bytes(48),
    })),
  };
  t.notThrows(() => decodeStatement(encodeStatement(content(kind))));
});

test('a statement beyond the limit is refused on both sides', (t) => {
  const chunks = Array.from({ length: 2048 }, () => id('chunk', 32));
  t.throws(() => encodeStatement(content({ type: 'release', chunks, vector: [] })), {
    code: 'too-large',
  });
  t.throws(() => decodeSignedStatement(bytes(members.statementBytesMax + 1)), {
    code: 'too-large',
  });
});

test('one statement has one form: more bytes around it are refused', (t) => {
  const signed = encodeSignedStatement(encodeStatement(good), bytes(64));
  // Field 3 is unknown, and the shape would skip it.
  const padded = Buffer.concat([signed, Buffer.from([0x18, 0x01])]);
  t.throws(() => decodeSignedStatement(padded), { code: 'malformed' });
});

test('random bytes are refused as what they are', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      for (const decode of [decodeStatement, decodeSignedStatement]) {
        const error = t.throws(() => decode(random));
        t.true(error instanceof VaultError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
