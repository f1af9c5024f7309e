/**
 * Chunks of uploads that were given up go, and none that an upload counts on: real store, book and
 * batches on a simulated disk that loses its power or its process at any point. The control arms show
 * that the harness sees what it looks for.
 */
import test from 'ava';
import { isVaultError } from '../../../../protocol/errors.ts';
import { journalId, type ChunkId, type IncarnationId } from '../../../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../../../protocol/messages/batch-wire.ts';
import { authorBatch } from '../../../../agent/journal/author.ts';
import type { Store } from '../../../../agent/store/store.ts';
import { Activities } from '../../../../agent/vault/activities.ts';
import { UnnamedChunks } from '../../../../agent/vault/retention/unnamed-chunks.ts';
import {
  bodyOf,
  JournalAuthor,
  testJournalEpoch,
  testOpKey,
  testVault,
} from '../../../helpers/journal-author.ts';
import { createSimStoreMachine, seededFraction } from '../../../helpers/sim-store.ts';
import { chunkOf } from '../../../suites/chunk-store.ts';

interface Bugs {
  /** An upload does not say what it is about to use. */
  readonly untold?: boolean;
  /** Nobody waits for the uploads that run. */
  readonly impatient?: boolean;
}

const author = new JournalAuthor(0xa1);
const poolSize = 24;
const chunkBytes = 700;

/** One life of a store and those who use it. */
class Life {
  readonly store: Store;
  readonly unnamed: UnnamedChunks;
  readonly #activities = new Activities();
  readonly #fraction: () => number;
  readonly #bugs: Bugs;
  readonly #incarnation: IncarnationId;
  /** Uploads that have stored chunks and not named them yet. */
  readonly #lingering: (() => void)[] = [];
  #appending: Promise<unknown> = Promise.resolve();
  #over = false;
  dropped = 0;

  constructor(
    store: Store,
    { clock, fraction, bugs }: { clock: UnnamedClock; fraction: () => number; bugs: Bugs },
  ) {
    this.store = store;
    this.#fraction = fraction;
    this.#bugs = bugs;
    this.#incarnation = Math.floor(fraction() * 2 ** 32)
      .toString(16)
      .padStart(16, '0') as IncarnationId;
    this.unnamed = new UnnamedChunks({
      ...{ store, clock, graceMs: 1 },
      settled: () => (bugs.impatient === true ? Promise.resolve() : this.#activities.settled()),
    });
  }

  /** An upload of some chunks; some are given up, and some stop on their way for a while. */
  put(): Promise<void> {
    return this.#activities.during(async () => {
      const chunks = Array.from({ length: 1 + Math.floor(this.#fraction() * 4) }, () =>
        chunkOf(Math.floor(this.#fraction() * poolSize), chunkBytes),
      );
      if (this.#bugs.untold !== true) for (const { id } of chunks) this.unnamed.use(id);
      await this.store.chunks.write(chunks);
      if (this.#fraction() < 0.4) return;
      if (this.#fraction() < 0.6 && !this.#over)
        await new Promise<void>((resolve) => this.#lingering.push(resolve));
      await this.store.chunks.commit();
      await this.#publish(chunks.map(({ id, body }) => ({ id, length: body.length })));
    });
  }

  #publish(chunksAdded: { id: ChunkId; length: number }[]): Promise<unknown> {
    const published = this.#appending.then(async () => {
      const journal = journalId(author.device, this.#incarnation);
      const tip = this.store.journals.tip(journal);
      const sequence = (tip?.sequence ?? 0) + 1;
      const { header, hash, bytes } = authorBatch({
        author: { vault: testVault, device: author.device, sign: author.sign },
        header: {
          ...{ journal, sequence, previous: tip?.hash, membershipHeads: ['3c'.repeat(32)] },
          ...{ epoch: testJournalEpoch, salt: Buffer.alloc(32, sequence) },
          ...{ chunksAdded, chunksReused: [], smallRecords: [] },
        },
        body: bodyOf([]),
        opKey: testOpKey,
      });
      if (this.#bugs.untold !== true) for (const { id } of header.chunksAdded) this.unnamed.use(id);
      const batch = { journal, sequence, hash, previous: tip?.hash, bytes, small: [] };
      await this.store.journals.append([batch]);
    });
    this.#appending = published.catch(() => undefined);
    return published;
  }

  /** Uploads go on: all of them, or some. */
  goOn(all: boolean): void {
    this.#over ||= all;
    const count = all ? this.#lingering.length : Math.floor(this.#fraction() * 3);
    for (const resume of this.#lingering.splice(0, count)) resume();
  }

  async collect(): Promise<void> {
    const pace = (): Promise<void> => Promise.resolve();
    this.dropped += (await this.unnamed.drop(pace)).chunks;
    await this.unnamed.look(pace);
    for (let pass = 0; pass < 2; pass++) {
      const isDead = (id: ChunkId): boolean => this.unnamed.isDead(id);
      await this.store.chunks.collect({ isDead, deadFractionMin: 0.1, pace });
    }
  }
}

type UnnamedClock = ConstructorParameters<typeof UnnamedChunks>[0]['clock'];

async function namedIn({ journals }: Store): Promise<Set<ChunkId>> {
  const named = new Set<ChunkId>();
  for (const { journal } of journals.tips()) {
    for await (const { bytes } of journals.read(journal, 0)) {
      const { header } = decodeBatchHeader(decodeBatch(bytes).header);
      for (const { id } of header.chunksAdded) named.add(id);
    }
  }
  return named;
}

async function losses(store: Store): Promise<string[]> {
  const found: string[] = [];
  for (const id of await namedIn(store)) {
    const error = await store.chunks.read(id).then(() => undefined, String);
    if (error !== undefined) found.push(`${id.slice(0, 8)}: ${error}`);
  }
  return found;
}

/** Lives and deaths of one store. @returns what was lost, what stayed for nothing, and how much went */
async function run(
  seed: number,
  bugs: Bugs = {},
): Promise<{ lost: string[]; left: number; gone: number }> {
  const fraction = seededFraction(seed);
  let operationsLeft = Infinity;
  let cut: () => void = () => undefined;
  const tick = async (): Promise<void> => {
    for (let turn = Math.floor(fraction() * 3); turn >= 0; turn--) await Promise.resolve();
    operationsLeft -= 1;
    if (operationsLeft === 0) cut();
  };
  const machine = createSimStoreMachine(seed, { disk: { tick } });
  let gone = 0;
  for (let round = 0; round < 3; round++) {
    operationsLeft = 20 + Math.floor(fraction() * 400);
    cut = () => (fraction() < 0.7 ? machine.crash() : machine.kill());
    try {
      const life = new Life(await machine.open(), { clock: machine.clock, fraction, bugs });
      gone += await live(life, machine.clock, fraction);
    } catch (error) {
      if (operationsLeft > 0) throw error;
    }
    if (operationsLeft > 0) cut();
    operationsLeft = Infinity;
    const store = await machine.open();
    const lost = await losses(store);
    await store.close();
    if (lost.length > 0) return { lost, left: 0, gone };
  }
  const store = await machine.open();
  const life = new Life(store, { clock: machine.clock, fraction, bugs: {} });
  // What a life before dropped and did not remove is copied once, and found then.
  for (let turn = 0; turn < 6; turn++) {
    await life.collect();
    machine.clock.advance(10);
  }
  const named = await namedIn(store);
  let left = 0;
  for await (const { id } of store.chunks.list()) if (!named.has(id)) left += 1;
  const isWhole = store.report().events.every(({ file }) => !file.startsWith('journals/'));
  await store.close();
  return { lost: await lossesAgain(machine), left: isWhole ? left : 0, gone };
}

async function lossesAgain(machine: ReturnType<typeof createSimStoreMachine>): Promise<string[]> {
  machine.crash();
  const store = await machine.open();
  const lost = await losses(store);
  await store.close();
  return lost;
}

async function live(
  life: Life,
  clock: ReturnType<typeof createSimStoreMachine>['clock'],
  fraction: () => number,
): Promise<number> {
  const running: Promise<void>[] = [];
  for (let step = 0; step < 40; step++) {
    const isCollect = fraction() < 0.4;
    const one = (isCollect ? life.collect() : life.put()).catch((error: unknown) => {
      if (!isVaultError(error, 'io', 'closed', 'chunk-missing', 'damaged')) throw error;
    });
    running.push(one);
    if (isCollect) await one;
    if (fraction() < 0.4) life.goOn(false);
    clock.advance(2);
  }
  life.goOn(true);
  await Promise.all(running);
  return life.dropped;
}

/** STORE_CRASH_SEEDS=3000 for a long run. */
const seedCount = Number(process.env['STORE_CRASH_SEEDS'] ?? 16);
const seeds = Array.from({ length: seedCount }, (_, at) => at + 1);

test('no named chunk goes, whatever dies when, and what nobody names goes in the end', async (t) => {
  let gone = 0;
  let left = 0;
  for (const seed of seeds) {
    const result = await run(seed);
    t.deepEqual(result.lost, [], `seed ${String(seed)}`);
    left += result.left;
    gone += result.gone;
  }
  t.true(gone > 0, 'chunks went while uploads ran');
  // The filter errs about one in some thousands.
  t.true(left <= 1, `${String(left)} stayed`);
});

test('control: an upload that does not say what it uses is caught', async (t) => {
  t.true(await isCaught({ untold: true }));
});

test('control: not waiting for uploads that run is caught', async (t) => {
  t.true(await isCaught({ impatient: true }));
});

async function isCaught(bugs: Bugs): Promise<boolean> {
  for (let seed = 1; seed <= 40; seed++) if ((await run(seed, bugs)).lost.length > 0) return true;
  return false;
}
