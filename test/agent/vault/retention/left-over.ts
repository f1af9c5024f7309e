/** What folding leaves: which chunks of folded batches are let go, and what keeps the others. */
import test from 'ava';
import { bareBatch } from '../../../../agent/journal/bare-batch.ts';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import type { CountedFold } from '../../../../agent/members/membership.ts';
import { createTree } from '../../../../agent/namespace/tree.ts';
import type { StoredBatch } from '../../../../agent/store/store.ts';
import { LeftOver, type LeftOverParts } from '../../../../agent/vault/retention/left-over.ts';
import type {
  ChunkId,
  EpochId,
  JournalId,
  NodeId,
  PlainId,
  StatementId,
} from '../../../../protocol/ids.ts';
import type { Content, NamedChunk, WriteOp } from '../../../../protocol/messages/op.ts';
import { JournalAuthor, testJournalEpoch, testOpKey } from '../../../helpers/journal-author.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';

const length = 700;
const idOf = (digits: string): ChunkId => digits.repeat(32) as ChunkId;
const named = (...all: readonly string[]): readonly NamedChunk[] =>
  all.map((digits) => ({ id: idOf(digits), length }));

/** A version of a file whose one chunk the header does not name. */
function writeOf(digits: string): WriteOp {
  const content: Content = {
    type: 'chunk',
    size: 600,
    chunk: {
      ...{ cid: idOf(digits), pid: '99'.repeat(32) as PlainId, epoch: testJournalEpoch },
      ...{ format: 1, plainLength: 600, sealedLength: length },
    },
  };
  const node = '77'.repeat(16) as NodeId;
  return { type: 'write', node, supersedes: [], content, attributes: {}, replaces: [] };
}

interface Line {
  readonly batches: readonly OpenedBatch[];
  /** That many are folded, and have no body any more. */
  readonly folded: number;
}

interface World {
  readonly lines: readonly Line[];
  readonly hidden?: readonly OpenedBatch[];
  readonly forked?: JournalId;
  readonly earlier?: readonly NamedChunk[];
  readonly hasKeys?: boolean;
}

function leftOverOf({ lines, hidden = [], forked, earlier = [], hasKeys = true }: World) {
  const stored = new Map<string, readonly StoredBatch[]>();
  for (const { batches, folded } of lines)
    stored.set(
      batches[0]!.header.journal,
      batches.map((batch, at) => storedOf(batch, at < folded)),
    );
  stored.set(
    'hidden',
    hidden.map((batch) => storedOf(batch, false)),
  );
  const vector = lines.map(({ batches, folded }) => {
    const { header, hash } = batches[folded - 1]!;
    return { journal: header.journal, sequence: header.sequence, hash };
  });
  const fold = foldOf('01', vector, named('f1'));
  const before = vector.map((place) => ({ ...place, sequence: 0 }));
  const parts = {
    ...{ clock: createManualClock(), folds: () => [foldOf('02', before, earlier), fold] },
    store: { report: () => ({ chunks: 10 }), chunks: { has: () => true } },
    opKeyOf: () => (hasKeys ? testOpKey : undefined),
    journals: {
      tips: () => lines.map(({ batches }) => ({ journal: batches[0]!.header.journal })),
      branches: () => (hidden.length === 0 ? [] : [{ journal: 'hidden' }]),
      async *read(line: string) {
        yield* await Promise.resolve(stored.get(line) ?? []);
      },
    },
    base: {
      ...{ id: fold.id, isDone: true },
      pastTree: () => Promise.resolve(createTree({ deviceName: () => 'laptop' })),
    },
    isForked: (journal: JournalId) => journal === forked,
    ownHashAt: (journal: JournalId) =>
      Promise.resolve(vector.find((place) => place.journal === journal)?.hash),
    isKnown: () => false,
    isReleased: () => false,
  } as unknown as LeftOverParts;
  return new LeftOver(parts);
}

function storedOf({ header, hash, bytes }: OpenedBatch, isBare: boolean): StoredBatch {
  const { journal, sequence, previous } = header;
  const kept = isBare ? bareBatch(bytes) : bytes;
  return { journal, sequence, hash, previous, bytes: kept, small: [] };
}

function foldOf(
  digits: string,
  vector: CountedFold['vector'],
  pages: readonly NamedChunk[],
): CountedFold {
  const places = new Map(vector.map(({ journal, sequence }) => [journal, sequence]));
  const epoch: EpochId = testJournalEpoch;
  const id = digits.repeat(32) as StatementId;
  return { id, vector, places, stateRoot: Buffer.alloc(32), leavesOut: false, pages, epoch };
}

async function foundBy(leftOver: LeftOver): Promise<readonly string[]> {
  return [...(await leftOver.find()).keys()].map((id) => id.slice(0, 2)).sort();
}

test('what only folded batches name goes, and what one beyond names or says stays', async (t) => {
  const author = new JournalAuthor(0xa1);
  const batches = [
    author.write([writeOf('a1')], { chunksAdded: named('a1', 'a2', 'a3', 'f1') }),
    author.write([writeOf('a3')], { chunksReused: named('a2') }),
  ];
  const leftOver = leftOverOf({ lines: [{ batches, folded: 1 }], earlier: named('e1', 'f1') });
  t.deepEqual(await foundBy(leftOver), ['a1', 'e1']);
  t.true(leftOver.isDue);
  leftOver.released();
  t.false(leftOver.isDue);
});

test('a hidden branch keeps what it names, and what it says', async (t) => {
  const author = new JournalAuthor(0xa1);
  const batches = [author.write([], { chunksAdded: named('a1', 'a2', 'a3') })];
  const hidden = [new JournalAuthor(0xa1).write([writeOf('a2')], { chunksAdded: named('a3') })];
  t.deepEqual(await foundBy(leftOverOf({ lines: [{ batches, folded: 1 }], hidden })), ['a1']);
});

test('a folded journal that forked keeps what it names, and nothing of the others', async (t) => {
  const [one, other] = [new JournalAuthor(0xa1), new JournalAuthor(0xb2)];
  const forked = [one.write([writeOf('a1')], { chunksAdded: named('a1') }), one.write([])];
  const whole = [other.write([], { chunksAdded: named('a1', 'b1') })];
  const lines = [
    { batches: forked, folded: 1 },
    { batches: whole, folded: 1 },
  ];
  const leftOver = leftOverOf({ lines, forked: forked[0]!.header.journal });
  t.deepEqual(await foundBy(leftOver), ['b1']);
});

test('nothing goes while a batch beyond cannot be opened, and it is looked again', async (t) => {
  const author = new JournalAuthor(0xa1);
  const batches = [author.write([], { chunksAdded: named('a1') }), author.write([writeOf('d1')])];
  const world = { lines: [{ batches, folded: 1 }] };
  t.deepEqual(await foundBy(leftOverOf(world)), ['a1']);
  const leftOver = leftOverOf({ ...world, hasKeys: false });
  t.deepEqual(await foundBy(leftOver), []);
  leftOver.released();
  t.true(leftOver.isDue);
});
