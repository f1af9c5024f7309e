/** What a device that lacks the state of a fold does about it. */
import test from 'ava';
import type { CountedFold } from '../../../../agent/members/membership.ts';
import { FoldKeeper, type FoldKeeperParts } from '../../../../agent/vault/fold/fold-keeper.ts';
import type {
  BatchHash,
  ChunkId,
  EpochId,
  JournalId,
  StatementId,
} from '../../../../protocol/ids.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';
import { silentLog } from '../../../helpers/sim-store.ts';

const journal = 'ab'.repeat(24) as JournalId;
const fold: CountedFold = {
  id: '01'.repeat(32) as StatementId,
  vector: [{ journal, sequence: 3, hash: '02'.repeat(32) as BatchHash }],
  places: new Map([[journal, 3]]),
  stateRoot: Buffer.alloc(32, 3),
  leavesOut: false,
  pages: [{ id: '04'.repeat(32) as ChunkId, length: 500 }],
  epoch: '05'.repeat(32) as EpochId,
};

function keeperOf(parts: Partial<Record<keyof FoldKeeperParts, unknown>>) {
  const hurried: unknown[] = [];
  const keeper = new FoldKeeper({
    ...{ clock: createManualClock(), log: silentLog, readsNames: () => true },
    tree: { vector: () => new Map() },
    base: { id: undefined, places: new Map(), pages: [], isDone: true, isWithin: () => true },
    fold: () => fold,
    chunks: { has: () => false },
    hurry: (chunks: unknown) => hurried.push(chunks),
    ...parts,
  } as unknown as FoldKeeperParts);
  return { keeper, hurried };
}

test('who lacks the state asks for its pages before everything else, once', async (t) => {
  const { keeper, hurried } = keeperOf({});
  for (let turn = 0; turn < 2; turn += 1) {
    keeper.look();
    await keeper.idle();
  }
  t.deepEqual(hurried, [fold.pages]);
  t.true(keeper.isMissing);
  await keeper.close();
});

test('a state that went is missed, whether or not the word of who folded it counts still', async (t) => {
  const { id, places, pages } = fold;
  const base = { id, places, pages, isDone: true, isWhole: false, isWithin: () => false };
  const { keeper, hurried } = keeperOf({ base, fold: () => undefined });
  keeper.look();
  await keeper.idle();
  t.deepEqual(hurried, [fold.pages]);
  t.true(keeper.isMissing);
  await keeper.close();
});
