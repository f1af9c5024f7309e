/** What a device that lacks the state of a fold does about it. */
import test from 'ava';
import type { CountedFold } from '../../../../agent/members/membership.ts';
import { bareBatch } from '../../../../agent/journal/bare-batch.ts';
import { statePageHash, stateRoot } from '../../../../agent/namespace/state/state-root.ts';
import { sealNonceBytes, sealPage } from '../../../../agent/vault/fold/sealed-pages.ts';
import { encodeBatch } from '../../../../protocol/messages/batch-wire.ts';
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

const hash = fold.vector[0]!.hash;
const opKey = Buffer.alloc(32, 7);
const plain = Buffer.from('a page');
const root = stateRoot([statePageHash(plain)]);
const page = sealPage(
  { opKey, root, index: 0 },
  { page: plain, latestMs: 5_000 },
  Buffer.alloc(sealNonceBytes, 1),
);
const sealedFold: CountedFold = {
  ...{ ...fold, stateRoot: root },
  pages: [{ id: page.id, length: page.body.length }],
};

/** One journal of four batches. @param gone of which these have no body */
function journalsOf({ gone = [] }: { readonly gone?: readonly number[] }) {
  async function* read() {
    for (let sequence = 1; sequence <= 4; sequence += 1) {
      const bytes = encodeBatch({
        ...{
          header: Buffer.from([sequence]),
          sealed: Buffer.alloc(9),
          signature: Buffer.alloc(64),
        },
      });
      await Promise.resolve();
      yield { sequence, bytes: gone.includes(sequence) ? bareBatch(bytes) : bytes };
    }
  }
  return { tips: () => [{ journal }], read };
}

function keeperOf(parts: Partial<Record<keyof FoldKeeperParts, unknown>>) {
  const hurried: unknown[] = [];
  const keeper = new FoldKeeper({
    ...{ clock: createManualClock(), log: silentLog, readsNames: () => true },
    tree: { vector: () => new Map() },
    journals: journalsOf({}),
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

test('a state that does not stand for every body that is gone is not begun at', async (t) => {
  for (const [gone, adopted] of [
    [[1, 3], 1],
    [[1, 4], 0],
  ] as const) {
    let count = 0;
    const base = {
      ...{ id: undefined, places: new Map(), pages: [], isDone: true, isLost: true },
      isWithin: () => true,
      adopt: () => Promise.resolve((count += 1)),
    };
    const { keeper } = keeperOf({
      ...{ base, journals: journalsOf({ gone }), hashAt: () => Promise.resolve(hash) },
      ...{ fold: () => sealedFold, opKeyOf: () => opKey, onAdopted: () => Promise.resolve() },
      chunks: { has: () => true, read: () => Promise.resolve(page.body) },
    });
    keeper.look();
    await keeper.idle();
    t.is(count, adopted);
    await keeper.close();
  }
});
