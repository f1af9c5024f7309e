/** What one subscriber is sent, and how little is looked at for it. */
import test from 'ava';
import type { OwnHoldings } from '../../../agent/replication/own-holdings.ts';
import type { JournalLines } from '../../../agent/replication/journal-lines.ts';
import { Publisher } from '../../../agent/replication/publish.ts';
import type { Store, StoredBatch } from '../../../agent/store/store.ts';
import { journalId, type DeviceId, type JournalId } from '../../../protocol/ids.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';
import { silentLog } from '../../helpers/sim-store.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

const self = 'aa'.repeat(16) as DeviceId;
const other = 'bb'.repeat(16) as DeviceId;

/** Journals with nothing in their batches, and how often somebody asked where one ends. */
class CountedJournals {
  readonly ends = new Map<JournalId, number>();
  asked = 0;
  readonly #device: DeviceId;

  constructor(device: DeviceId) {
    this.#device = device;
  }

  name(index: number): JournalId {
    return journalId(this.#device, index.toString(16).padStart(16, '0') as never);
  }

  write(index: number): JournalId {
    const name = this.name(index);
    this.ends.set(name, (this.ends.get(name) ?? 0) + 1);
    return name;
  }

  store(): Store {
    const tip = (journal: JournalId) => {
      this.asked += 1;
      const sequence = this.ends.get(journal);
      return sequence === undefined ? undefined : { journal, sequence };
    };
    const journals = {
      tip,
      tips: () => [...this.ends.keys()].map(tip),
      read: (journal: JournalId, from: number) => batchesAfter(from, this.ends.get(journal) ?? 0),
    };
    return { journals } as unknown as Store;
  }
}

async function* batchesAfter(from: number, end: number): AsyncGenerator<StoredBatch> {
  await Promise.resolve();
  for (let sequence = from + 1; sequence <= end; sequence += 1) {
    yield { sequence, small: [], bytes: Buffer.from([sequence]) } as unknown as StoredBatch;
  }
}

/** Somebody who has nothing, and counts the batches that come. */
function subscribe(journals: CountedJournals) {
  const clock = createVirtualClock();
  const end = new AbortController();
  const got = { batches: 0 };
  const stream = {
    signal: end.signal,
    sendMessage: () => Promise.resolve(),
    sendData: () => {
      got.batches += 1;
      return Promise.resolve();
    },
  } as unknown as CallStream;
  const lines = { forked: () => [], isForked: () => false, proofs: () => [], branchesOf: () => [] };
  const publisher = new Publisher(
    {
      self,
      store: journals.store(),
      clock,
      log: silentLog,
      holdings: { version: 0 } as OwnHoldings,
      statements: () => [],
      addressRecords: () => [],
      lines: lines as unknown as JournalLines,
    },
    {
      stream,
      positions: new Map(),
      takesBare: true,
      upToDateStatements: true,
      appliedBy: () => 0,
    },
  );
  const ended = publisher.run();
  return {
    ...{ publisher, clock, got },
    async end(): Promise<void> {
      end.abort();
      await ended;
    },
  };
}

/** Long enough for all that waits for nothing else. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Each journal gets a batch by itself, as when somebody with many catches up here. */
async function lookedAt(count: number): Promise<number> {
  const journals = new CountedJournals(other);
  const { publisher, clock, got, end } = subscribe(journals);
  await settled();
  for (let index = 0; index < count; index += 1) {
    const journal = journals.write(index);
    publisher.wakeForMore([{ line: journal, journal }]);
    await new Promise((resolve) => setImmediate(resolve));
    if (index % 10 === 9) {
      await clock.advance(1_000);
      await settled();
    }
  }
  await clock.advance(1_000);
  await settled();
  await end();
  if (got.batches !== count) throw new Error(`${String(got.batches)} of ${String(count)} came`);
  return journals.asked;
}

test('what comes of one journal costs no look at the others', async (t) => {
  const few = await lookedAt(100);
  const many = await lookedAt(400);
  t.true(many < 5 * few, `${String(few)} looks for 100 journals, ${String(many)} for 400`);
});

test('what others wrote leaves a moment later, what we wrote at once', async (t) => {
  const theirs = new CountedJournals(other);
  const relay = subscribe(theirs);
  await settled();
  const journal = theirs.write(1);
  relay.publisher.wakeForMore([{ line: journal, journal }]);
  await settled();
  t.is(relay.got.batches, 0);
  // One that comes while it waits leaves after a wait of its own.
  await relay.clock.advance(400);
  theirs.write(1);
  relay.publisher.wakeForMore([{ line: journal, journal }]);
  await relay.clock.advance(300);
  await settled();
  t.is(relay.got.batches, 1);
  await relay.clock.advance(700);
  await settled();
  t.is(relay.got.batches, 2);
  await relay.end();

  const ours = new CountedJournals(self);
  const direct = subscribe(ours);
  await settled();
  ours.write(1);
  direct.publisher.wake();
  await settled();
  t.is(direct.got.batches, 1);
  await direct.end();
});

test('what was there before somebody asked is sent at once, and more of it that comes meanwhile too', async (t) => {
  const journals = new CountedJournals(other);
  for (let index = 0; index < 30; index += 1) journals.write(index % 10);
  const { publisher, clock, got, end } = subscribe(journals);
  const journal = journals.write(0);
  publisher.wakeForMore([{ line: journal, journal }]);
  await settled();
  await clock.advance(1_000);
  await settled();
  t.is(got.batches, 31);
  await end();
});
