/** Which state the journals begin with, when the files that say so are gone: the least that is enough. */
import test from 'ava';
import { bareBatch } from '../../../../agent/journal/bare-batch.ts';
import type { CountedFold } from '../../../../agent/members/membership.ts';
import { statePageHash, stateRoot } from '../../../../agent/namespace/state/state-root.ts';
import { findBase, type FindBaseParts } from '../../../../agent/vault/fold/find-base.ts';
import { sealNonceBytes, sealPage } from '../../../../agent/vault/fold/sealed-pages.ts';
import { Slices } from '../../../../agent/vault/slices.ts';
import type {
  BatchHash,
  ChunkId,
  EpochId,
  JournalId,
  StatementId,
} from '../../../../protocol/ids.ts';
import { encodeBatch } from '../../../../protocol/messages/batch-wire.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';

const [one, other] = ['ab', 'cd'].map((digits) => digits.repeat(24) as JournalId) as [
  JournalId,
  JournalId,
];
const opKey = Buffer.alloc(32, 7);
const lengths = new Map([
  [one, 6],
  [other, 3],
]);
const pages = new Map<ChunkId, Buffer>();

const hashOf = (journal: JournalId, sequence: number): BatchHash =>
  `${journal.slice(0, 2)}0${String(sequence)}`.repeat(16) as BatchHash;

/** With one page, which is stored. */
function foldOf(name: string, places: readonly (readonly [JournalId, number])[]): CountedFold {
  const page = Buffer.from(`page of ${name}`);
  const root = stateRoot([statePageHash(page)]);
  const latestMs = places.reduce((sum, [, sequence]) => sum + sequence, 0);
  const nonce = Buffer.alloc(sealNonceBytes, name);
  const { id, body } = sealPage({ opKey, root, index: 0 }, { page, latestMs }, nonce);
  pages.set(id, body);
  return {
    id: name.repeat(64) as StatementId,
    vector: places.map(([journal, sequence]) => ({
      ...{ journal, sequence, hash: hashOf(journal, sequence) },
    })),
    places: new Map(places),
    stateRoot: root,
    leavesOut: false,
    pages: [{ id, length: body.length }],
    epoch: '05'.repeat(32) as EpochId,
  };
}

const least = foldOf('1', [[one, 2]]);
const middle = foldOf('2', [
  [one, 4],
  [other, 1],
]);
const most = foldOf('3', [
  [one, 5],
  [other, 3],
]);

/** @param gone the last batch of each journal that has no body */
function partsOf(gone: ReadonlyMap<JournalId, number>, more: Partial<FindBaseParts> = {}) {
  async function* read(journal: JournalId) {
    for (let sequence = 1; sequence <= (lengths.get(journal) ?? 0); sequence += 1) {
      const bytes = encodeBatch({
        ...{
          header: Buffer.from([sequence]),
          sealed: Buffer.alloc(9),
          signature: Buffer.alloc(64),
        },
      });
      await Promise.resolve();
      yield { sequence, bytes: sequence === gone.get(journal) ? bareBatch(bytes) : bytes };
    }
  }
  return {
    chunks: { has: (id: ChunkId) => pages.has(id), read: (id: ChunkId) => pages.get(id) },
    journals: { tips: () => [one, other].map((journal) => ({ journal })), read },
    ...{ opKeyOf: () => opKey, folds: [most, least, middle], isDamaged: true },
    hashAt: (journal: JournalId, sequence: number) => Promise.resolve(hashOf(journal, sequence)),
    ...more,
  } as unknown as FindBaseParts;
}

async function foundIn(parts: FindBaseParts): Promise<unknown> {
  const found = await findBase(parts, new Slices(createManualClock()));
  return typeof found === 'object' ? [found.fold.id[0], found.latestMs] : found;
}

test('the least that stands for every body that is gone, with the time that its pages tell', async (t) => {
  t.is(await foundIn(partsOf(new Map())), undefined, 'none is');
  t.deepEqual(await foundIn(partsOf(new Map([[one, 2]]))), ['1', 2]);
  t.deepEqual(await foundIn(partsOf(new Map([[one, 3]]))), ['2', 5]);
  t.deepEqual(await foundIn(partsOf(new Map([[other, 1]]))), ['2', 5]);
  t.deepEqual(await foundIn(partsOf(new Map([[other, 2]]))), ['3', 8]);
  t.is(await foundIn(partsOf(new Map([[one, 6]]))), 'lost', 'in none of them');
});

test('one whose pages are not here, or not its own, or that folds another branch, is passed over', async (t) => {
  const gone = new Map([[one, 1]]);
  const [id] = least.pages.map((page) => page.id);
  const has = (asked: ChunkId): boolean => asked !== id;
  const chunks = { has, read: (asked: ChunkId) => pages.get(asked) };
  t.deepEqual(await foundIn(partsOf(gone, { chunks } as never)), ['2', 5]);
  const bent = { ...least, stateRoot: Buffer.alloc(32, 9) };
  t.deepEqual(await foundIn(partsOf(gone, { folds: [bent, most] })), ['3', 8]);
  const hashAt = (journal: JournalId, sequence: number) =>
    Promise.resolve(hashOf(journal, sequence === 2 ? 1 : sequence));
  t.deepEqual(await foundIn(partsOf(gone, { hashAt })), ['2', 5]);
  t.is(await foundIn(partsOf(gone, { opKeyOf: () => undefined })), 'lost');
});

test('where nothing was ever folded the journals are not read', async (t) => {
  const tips = () => t.fail();
  const journals = { tips } as never;
  t.is(await foundIn(partsOf(new Map(), { folds: [], isDamaged: false, journals })), undefined);
});
