/** Who says that old history is folded: pages are stored once, whatever fails afterwards. */
import test from 'ava';
import { FoldIssuer, type FoldIssuerParts } from '../../../../agent/vault/fold/fold-issuer.ts';
import { statePageHash, stateRoot } from '../../../../agent/namespace/state/state-root.ts';
import { createMemoryStore } from '../../../../agent/store/memory-store.ts';
import { VaultError, type ErrorCode } from '../../../../protocol/errors.ts';
import type { BatchHash, EpochId, JournalId, StatementId } from '../../../../protocol/ids.ts';
import { members as limits } from '../../../../protocol/limits.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { silentLog } from '../../../helpers/sim-store.ts';

const opKey = Buffer.alloc(32, 1);

class Bench {
  readonly clock = createManualClock();
  readonly store = createMemoryStore();
  readonly pages = [Buffer.from('one page'), Buffer.from('another page')];
  named = 0;
  said = 0;
  asked = 0;
  mayGo = true;
  /** Of the next statements. */
  readonly failures: ErrorCode[] = [];
  readonly issuer: FoldIssuer;

  constructor(places = 1) {
    const vector = Array.from({ length: places }, (_, at) => ({
      journal: at.toString(16).padStart(48, '0') as JournalId,
      sequence: 3,
      hash: '02'.repeat(32) as BatchHash,
    }));
    const checkpoint = {
      id: '01'.repeat(32) as StatementId,
      vector,
      places: new Map(vector.map(({ journal, sequence }) => [journal, sequence])),
      stateRoot: stateRoot(this.pages.map(statePageHash)),
      leavesOut: false,
    };
    const parts: Partial<Record<keyof FoldIssuerParts, unknown>> = {
      clock: this.clock,
      log: silentLog,
      random: seededRandom('fold issuer'),
      chunks: this.store.chunks,
      opKeyOf: () => opKey,
      members: {
        issue: () => {
          const code = this.failures.shift();
          if (code !== undefined) return Promise.reject(new VaultError(code, { op: 'test' }));
          this.said += 1;
          return Promise.resolve([]);
        },
      },
      publisher: {
        publish: () => {
          this.named += 1;
          return Promise.resolve([]);
        },
      },
      agreed: () => (this.said === 0 ? checkpoint : undefined),
      fold: () => undefined,
      key: () => ({}),
      epoch: () => ({ opKey, id: '05'.repeat(32) as EpochId }),
      use: () => undefined,
      mayGo: () => {
        this.asked += 1;
        return Promise.resolve(this.mayGo);
      },
      statePages: () => this.pages,
      latestMs: () => Promise.resolve(7),
    };
    this.issuer = new FoldIssuer(parts as unknown as FoldIssuerParts);
  }

  /** As long as it does something. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
  }

  async after(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settled();
  }
}

test('what is stored and named is not stored again when it could not be said', async (t) => {
  const bench = new Bench();
  bench.failures.push('io', 'io');
  bench.issuer.look();
  await bench.settled();
  t.deepEqual([bench.named, bench.said], [1, 0]);
  await bench.after(60_000);
  await bench.after(60_000);
  t.deepEqual([bench.named, bench.said], [1, 1]);
  await bench.issuer.close();
});

test('what does not fit into a statement is given up, before it is named where that is known', async (t) => {
  const bench = new Bench();
  bench.failures.push('too-large');
  bench.issuer.look();
  await bench.settled();
  for (let turn = 0; turn < 3; turn += 1) await bench.after(3_600_000);
  bench.issuer.look();
  await bench.settled();
  t.deepEqual([bench.named, bench.said, bench.asked], [1, 0, 1]);
  await bench.issuer.close();
  const large = new Bench(limits.positionsPerStatementMax);
  for (let page = 0; page < 600; page += 1) large.pages.push(Buffer.from(`page ${String(page)}`));
  large.issuer.look();
  await large.settled();
  t.deepEqual([large.named, large.said, large.asked], [0, 0, 1]);
  await large.issuer.close();
});

test('what has to stay is asked for less and less often', async (t) => {
  const bench = new Bench();
  bench.mayGo = false;
  bench.issuer.look();
  await bench.settled();
  t.is(bench.asked, 1);
  await bench.after(5_000);
  t.is(bench.asked, 2);
  // 5 s, 10 s, 20 s and so on: an hour has room for ten.
  for (let minute = 0; minute < 60; minute += 1) await bench.after(60_000);
  t.true(bench.asked >= 7 && bench.asked <= 11, String(bench.asked));
  bench.mayGo = true;
  for (let minute = 0; minute < 60; minute += 1) await bench.after(60_000);
  t.is(bench.said, 1);
  await bench.issuer.close();
});
