import test from 'ava';
import fc from 'fast-check';
import { authorBatch } from '../../../agent/journal/author.ts';
import { bareBatch } from '../../../agent/journal/bare-batch.ts';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import { hashOfBatch, signedBytes } from '../../../agent/journal/signature.ts';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { Membership } from '../../../agent/members/membership.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { JournalLines } from '../../../agent/replication/journal-lines.ts';
import { BatchDoor } from '../../../agent/replication/receive-batch.ts';
import { admitBatch, type AdmittedBatch } from '../../../agent/replication/received-batch.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { blake3 } from '../../../protocol/hash.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import {
  idFromBytes,
  journalId,
  type BatchHash,
  type EpochId,
  type IncarnationId,
  type StatementId,
  type VaultId,
} from '../../../protocol/ids.ts';
import {
  decodeBatch,
  encodeBatch,
  encodeBatchHeader,
} from '../../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../../protocol/messages/op.ts';
import { exampleOps } from '../../helpers/op-examples.ts';
import { revocationOf, smallVault } from '../../helpers/small-vault.ts';

const vault = smallVault('at the door');
const author = vault.admit('writer');
const other = vault.admit('writer');
const membership = evaluateMembership(vault.log.statements());
const smallOf = (index: number): Buffer => Buffer.alloc(40 + index, index);

interface Written {
  readonly batch: OpenedBatch;
  readonly small: readonly Buffer[];
}

function chainOf(identity: DeviceIdentity, incarnation: string, count: number): Written[] {
  const chain: Written[] = [];
  for (let index = 1; index <= count; index += 1) {
    const small = index % 2 === 0 ? [smallOf(index)] : [];
    const batch = authorBatch({
      author: {
        vault: vault.log.vault,
        device: identity.device,
        sign: (bytes) => identity.signKey.sign(bytes),
      },
      header: {
        journal: journalId(identity.device, incarnation as IncarnationId),
        sequence: index,
        previous: chain.at(-1)?.batch.hash,
        membershipHeads: vault.log.heads(),
        epoch: membership.currentEpoch,
        salt: Buffer.alloc(32, index),
        chunksAdded: [{ id: idFromBytes('chunk', Buffer.alloc(32, index)), length: 70_000 }],
        chunksReused: [],
        smallRecords: small.map((body) => ({
          id: idFromBytes('chunk', blake3(body)),
          length: body.length,
        })),
      },
      body: {
        stamp: { wallMs: 1_795_000_000_000 + index, counter: 0 },
        lamport: index,
        seen: [],
        ops: exampleOps.slice(0, 3),
      },
      opKey: Buffer.alloc(32, 9),
    });
    chain.push({ batch, small });
  }
  return chain;
}

const chain = chainOf(author, '01'.repeat(8), 6);
const foreign = chainOf(other, '02'.repeat(8), 6);
const all = [...chain, ...foreign];

interface Sent {
  readonly bytes: Buffer;
  readonly small: readonly Buffer[];
}

function isAccepted(sent: Sent): boolean {
  try {
    const admission = admitBatch({ from: other.device, ...sent }, membership);
    return admission.type === 'admitted';
  } catch (error) {
    if (isVaultError(error, 'peer-misbehaved')) return false;
    throw error;
  }
}

const one = fc.constantFrom(...all);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const hex = (bytes: Buffer): string => bytes.toString('hex');

/** Another value of one field of a header. */
const otherField: fc.Arbitrary<(header: BatchHeader) => Partial<BatchHeader>> = fc.oneof<
  fc.Arbitrary<(header: BatchHeader) => Partial<BatchHeader>>[]
>(
  fc.integer({ min: -3, max: 3 }).map((by) => (header) => ({ sequence: header.sequence + by })),
  bytes32.map((bytes) => () => ({ previous: hex(bytes) as BatchHash })),
  fc.constant((header: BatchHeader) => ({
    journal: journalId(header.journal.slice(0, 32) as never, '03'.repeat(8) as IncarnationId),
  })),
  fc.constant(() => ({ journal: journalId(other.device, '02'.repeat(8) as IncarnationId) })),
  // Back-dating: the statements that its author claims to have known.
  bytes32.map((bytes) => () => ({ membershipHeads: [hex(bytes) as StatementId] })),
  fc.constant(() => ({ membershipHeads: [] })),
  bytes32.map((bytes) => () => ({ epoch: hex(bytes) as EpochId })),
  bytes32.map((salt) => () => ({ salt })),
  bytes32.map((bytes) => () => ({ chunksAdded: [{ id: idFromBytes('chunk', bytes), length: 7 }] })),
  fc.constant(() => ({ chunksAdded: [] })),
  bytes32.map((bytes) => () => ({
    chunksReused: [{ id: idFromBytes('chunk', bytes), length: 7 }],
  })),
);

const mutations: Record<string, fc.Arbitrary<Sent>> = {
  'a flipped bit': fc.tuple(one, fc.nat(), fc.nat(7)).map(([{ batch, small }, at, bit]) => {
    const bytes = Buffer.from(batch.bytes);
    bytes[at % bytes.length]! ^= 1 << bit;
    return { bytes, small };
  }),
  'a cut': fc.tuple(one, fc.nat()).map(([{ batch, small }, at]) => ({
    bytes: batch.bytes.subarray(0, at % batch.bytes.length),
    small,
  })),
  'a tail': fc
    .tuple(one, fc.uint8Array({ minLength: 1, maxLength: 40 }))
    .map(([{ batch, small }, tail]) => ({ bytes: Buffer.concat([batch.bytes, tail]), small })),
  'parts of several batches': fc.tuple(one, one, one).map(([a, b, c]) => {
    const { header } = decodeBatch(a.batch.bytes);
    const { sealed } = decodeBatch(b.batch.bytes);
    const { signature } = decodeBatch(c.batch.bytes);
    return { bytes: encodeBatch({ header, sealed, signature }), small: a.small };
  }),
  'another header field': fc.tuple(one, otherField).map(([{ batch, small }, change]) => {
    const { sealed, signature } = decodeBatch(batch.bytes);
    const header = encodeBatchHeader(vault.log.vault, { ...batch.header, ...change(batch.header) });
    return { bytes: encodeBatch({ header, sealed, signature }), small };
  }),
  'another vault': fc.tuple(one, bytes32).map(([{ batch, small }, id]) => {
    const { sealed, signature } = decodeBatch(batch.bytes);
    const header = encodeBatchHeader(hex(id) as VaultId, batch.header);
    return { bytes: encodeBatch({ header, sealed, signature }), small };
  }),
  'the signature of another member': fc.tuple(one, otherField).map(([{ batch, small }, change]) => {
    const { sealed } = decodeBatch(batch.bytes);
    const journal = journalId(author.device, '01'.repeat(8) as IncarnationId);
    const fields = { ...batch.header, ...change(batch.header), journal };
    const header = encodeBatchHeader(vault.log.vault, fields);
    const signature = other.signKey.sign(signedBytes(hashOfBatch(header, sealed)));
    return { bytes: encodeBatch({ header, sealed, signature }), small };
  }),
  'other small records': fc
    .tuple(one, fc.nat(2), fc.uint8Array({ minLength: 1, maxLength: 60 }))
    .map(([{ batch, small }, how, noise]) => ({
      bytes: batch.bytes,
      small: [
        [Buffer.from(noise)],
        [...small, Buffer.from(noise)],
        [...small, ...small, smallOf(9)],
      ][how]!,
    })),
  noise: fc
    .uint8Array({ maxLength: 400 })
    .map((bytes) => ({ bytes: Buffer.from(bytes), small: [] })),
};

test('of 10,000 batches that somebody has bent, none is taken in', (t) => {
  const originals = new Set(
    all.map(({ batch, small }) => fingerprint({ bytes: batch.bytes, small })),
  );
  for (const { batch, small } of all) t.true(isAccepted({ bytes: batch.bytes, small }));
  const names = Object.keys(mutations);
  let bent = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), mutations[name]!)),
      ([name, sent]) => {
        // Some do nothing: what was put together is what it was.
        if (originals.has(fingerprint(sent))) return;
        bent += 1;
        if (isAccepted(sent)) throw new Error(`${name} was taken in`);
      },
    ),
    { numRuns: 10_600 },
  );
  t.true(bent >= 10_000, String(bent));
});

test('a batch comes in with those of its small records that came, each once', (t) => {
  const { batch, small } = chain.find((each) => each.small.length > 0)!;
  const smallOfAdmitted = (sent: readonly Buffer[]): readonly string[] =>
    admitted({ batch, small: sent }).small.map(({ id }) => id);
  const ids = batch.header.smallRecords.map(({ id }) => id);
  t.deepEqual(smallOfAdmitted(small), ids);
  t.deepEqual(smallOfAdmitted([...small, ...small]), ids);
  t.deepEqual(smallOfAdmitted([]), []);
});

test('whatever is sent twice, late or not at all: a journal is a prefix of what was written', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(all.length - 1), { maxLength: 40 }), async (order) => {
      const store = createMemoryStore();
      const door = new BatchDoor(store.journals, new JournalLines(store), {
        onAppended: () => undefined,
        onBranch: () => {
          throw new Error('a branch');
        },
        onFailure: (error) => {
          throw error;
        },
      });
      const tips = new Map<string, number>();
      for (const index of order) {
        const { batch } = all[index]!;
        const { journal, sequence } = batch.header;
        const tip = tips.get(journal) ?? 0;
        const entry = await door.enter(admitted(all[index]!));
        const expected = sequence <= tip ? 'known' : sequence === tip + 1 ? 'queued' : 'gap';
        if (entry !== expected) throw new Error(`${entry} instead of ${expected}`);
        if (entry === 'queued') tips.set(journal, sequence);
      }
      await door.idle();
      for (const [journal, tip] of tips) {
        const hashes: string[] = [];
        for await (const { hash } of store.journals.read(journal as never, 0)) hashes.push(hash);
        const written = (journal.startsWith(author.device) ? chain : foreign).slice(0, tip);
        if (hashes.join() !== written.map(({ batch }) => batch.hash).join()) {
          throw new Error('another journal');
        }
      }
    }),
  );
  t.pass();
});

test('a device that was sent away: what it signs, whatever it claims to know, is kept', (t) => {
  const log = vault.log.copy();
  const before = log.heads();
  log.issue(vault.owner, {
    ...revocationOf(author),
    lastBatches: [
      { incarnation: '01'.repeat(8) as IncarnationId, sequence: 2, hash: chain[1]!.batch.hash },
    ],
  });
  const after = evaluateMembership(log.statements());
  const { batch, small } = chain[4]!;
  t.deepEqual(batch.header.membershipHeads, before, 'it names what was known before');
  const received = { from: other.device, bytes: batch.bytes, small };
  t.is(admitBatch(received, after).type, 'admitted');
});

test('nothing of a device that may not write is taken in', (t) => {
  const reader = vault.admit('reader');
  const [{ batch, small }] = chainOf(reader, '04'.repeat(8), 1) as [Written];
  const now = evaluateMembership(vault.log.statements());
  const admission = admitBatch({ from: other.device, bytes: batch.bytes, small }, now);
  t.deepEqual(admission, { type: 'refused', reason: 'its author may not write' });
});

function admitted({ batch, small }: Written): AdmittedBatch {
  const admission = admitBatch({ from: other.device, bytes: batch.bytes, small }, membership);
  if (admission.type !== 'admitted') throw new Error(admission.type);
  return admission.batch;
}

function fingerprint({ bytes, small }: Sent): string {
  return [bytes, ...small].map((part) => part.toString('hex')).join(' ');
}

test('a bare batch enters only where a fold says that its body may be gone', (t) => {
  const [first, second] = chain as [Written, Written];
  const { journal } = first.batch.header;
  const places = new Map([[journal, 1]]);
  const fold = { places } as unknown as Membership['fold'];
  const admission = (written: Written, known: Membership): string => {
    const bytes = bareBatch(written.batch.bytes);
    return admitBatch({ from: other.device, bytes, small: [] }, known).type;
  };
  t.is(admission(first, membership), 'refused');
  t.is(admission(first, { ...membership, fold }), 'admitted');
  t.is(admission(second, { ...membership, fold }), 'refused');
});
