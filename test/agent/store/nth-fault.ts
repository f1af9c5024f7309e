/**
 * One fixed workload, and the n-th operation of the disk fails: n = 1, 2, 3 … until none fails. After
 * each: open again, and whatever was acknowledged is there. The same with every later operation
 * failing too, with a power cut after it, and with the fault during recovery.
 */
import test, { type ExecutionContext } from 'ava';
import type { ErrorCode } from '../../../protocol/errors.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { IndexedStore } from '../../../agent/store/store.ts';
import {
  createSimStoreMachine,
  seededFraction,
  type SimStoreMachine,
} from '../../helpers/sim-store.ts';
import {
  createHistory,
  findLosses,
  runWorkload,
  type StoreHistory,
} from '../../helpers/store-workload.ts';
import { allOf, batchOf, journalA, smallOf } from '../../suites/journal-store.ts';

interface FaultPlan {
  readonly code: ErrorCode;
  readonly persistent: boolean;
  readonly powerCut: boolean;
  /** Each operation fails in turn, or each third. */
  readonly step: 1 | 3;
}

const plans: FaultPlan[] = (['io', 'disk-full'] as const).flatMap((code) =>
  [false, true].flatMap((persistent) =>
    [false, true].map((powerCut) => {
      // A disk that fails for good leaves little to get wrong afterwards.
      const step = persistent ? 3 : 1;
      return { code, persistent, powerCut, step } as const;
    }),
  ),
);

/** Makes the n-th operation from now on fail; says whether it came to that. */
function failNth(machine: SimStoreMachine, nth: number, plan: FaultPlan): () => boolean {
  const start = machine.disk.operations;
  let failed = false;
  machine.disk.fault = (call) => {
    const at = machine.disk.operations - start;
    // A full disk refuses what needs space and nothing else.
    const concerns =
      plan.code !== 'disk-full' || call === 'write' || call === 'open' || call === 'sync';
    if (!concerns || (plan.persistent ? at < nth : at !== nth)) return undefined;
    failed = true;
    return plan.code;
  };
  return () => failed || machine.disk.operations - start >= nth;
}

async function fixedWorkload(machine: SimStoreMachine, history: StoreHistory): Promise<void> {
  let store: IndexedStore | undefined;
  try {
    store = await machine.open();
    await runWorkload(store, history, { fraction: seededFraction(5), steps: 14 });
  } catch (error) {
    if (!isVaultError(error, 'io', 'disk-full')) throw error;
  } finally {
    await store?.close();
  }
}

async function check(
  t: ExecutionContext,
  machine: SimStoreMachine,
  { history, name }: { history: StoreHistory; name: string },
): Promise<void> {
  const store = await machine.open();
  t.deepEqual(await findLosses(store, history), [], name);
  await runWorkload(store, history, { fraction: seededFraction(6), steps: 3 });
  t.deepEqual(await findLosses(store, history), [], `${name}, going on`);
  await store.close();
}

for (const plan of plans) {
  const name = `${plan.code}${plan.persistent ? ' for good' : ''}${plan.powerCut ? ', power cut' : ''}`;

  test(`every operation of a workload fails once without a loss: ${name}`, async (t) => {
    let nth = 1;
    for (;;) {
      const machine = createSimStoreMachine(nth);
      const history = createHistory();
      const reached = failNth(machine, nth, plan);
      await fixedWorkload(machine, history);
      machine.disk.fault = undefined;
      const more = reached();
      if (plan.powerCut) machine.crash();
      else machine.kill();
      await check(t, machine, { history, name: `operation ${String(nth)}` });
      if (!more) break;
      nth += plan.step;
    }
    t.true(nth > 70, `only ${String(nth)} operations`);
  });
}

test('every operation of a recovery after a power cut fails once without a loss', async (t) => {
  const plan = { code: 'io', persistent: false, powerCut: true, step: 1 } as const;
  let nth = 1;
  for (;;) {
    const machine = createSimStoreMachine(9);
    const history = createHistory();
    const store = await machine.open();
    const running = runWorkload(store, history, { fraction: seededFraction(5), steps: 30 });
    for (let turn = 0; turn < 600; turn++) await Promise.resolve();
    machine.crash();
    await running;
    const reached = failNth(machine, nth, plan);
    const second = await machine.open().catch((error: unknown) => {
      if (isVaultError(error, 'io')) return undefined;
      throw error;
    });
    machine.disk.fault = undefined;
    await second?.close();
    const more = reached();
    machine.crash();
    await check(t, machine, { history, name: `operation ${String(nth)} of recovery` });
    if (!more) break;
    nth += 1;
  }
  t.true(nth > 15, `only ${String(nth)} operations`);
});

test('a collection of small records that fails at any operation is finished by the next one', async (t) => {
  const plan = { code: 'io', persistent: false, powerCut: false, step: 1 } as const;
  const [goes, stays] = [smallOf('goes'), smallOf('stays')];
  const collect = (store: IndexedStore): Promise<unknown> =>
    store.journals.collectSmall({
      ids: [goes.id],
      isDead: () => true,
      deadFractionMin: 0,
      pace: () => Promise.resolve(),
    });
  let nth = 1;
  for (;;) {
    const machine = createSimStoreMachine(nth);
    const store = await machine.open();
    await store.journals.append([batchOf(journalA, 1, { small: [goes, stays] })]);
    const name = `operation ${String(nth)}`;
    const reached = failNth(machine, nth, plan);
    await collect(store).catch((error: unknown) => {
      if (!isVaultError(error, 'io')) throw error;
    });
    const more = reached();
    machine.disk.fault = undefined;
    t.true((await store.journals.readSmall(stays.id)).equals(stays.body), name);
    await collect(store);
    t.deepEqual(await store.journals.haveSmall([goes.id, stays.id]), [false, true], name);
    await store.journals.append([batchOf(journalA, 2, { small: [smallOf('later')] })]);
    t.is((await allOf(store.journals, journalA)).length, 2, name);
    await store.close();
    if (!more) break;
    nth += 1;
  }
  t.true(nth > 8, `only ${String(nth)} operations`);
});

for (const powerCut of [false, true]) {
  const how = powerCut ? 'and the power goes' : 'is done by the next one';
  test(`writing batches otherwise fails at any operation, ${how}: nothing is lost`, async (t) => {
    const plan = { code: 'io', persistent: false, powerCut, step: 1 } as const;
    const small = smallOf('stays');
    const slim = (store: IndexedStore): Promise<number> =>
      store.journals.slim({
        ...{ journal: journalA, upTo: 6, slim: () => Buffer.from('slim') },
        pace: () => Promise.resolve(),
      });
    let nth = 1;
    for (;;) {
      const machine = createSimStoreMachine(nth);
      const first = await machine.open();
      for (const sequence of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const bytes = Buffer.alloc(2_000, sequence);
        await first.journals.append([batchOf(journalA, sequence, { small: [small], bytes })]);
      }
      const name = `operation ${String(nth)}`;
      const reached = failNth(machine, nth, plan);
      await slim(first).catch((error: unknown) => {
        if (!isVaultError(error, 'io')) throw error;
      });
      const more = reached();
      if (powerCut) machine.crash();
      machine.disk.fault = undefined;
      const store = powerCut ? await machine.open() : first;
      const half = await allOf(store.journals, journalA);
      t.deepEqual(
        half.map(({ hash }) => hash),
        [1, 2, 3, 4, 5, 6, 7, 8].map((sequence) => batchOf(journalA, sequence).hash),
        name,
      );
      t.true(
        half.slice(6).every(({ bytes }) => bytes.length === 2_000),
        name,
      );
      await slim(store);
      await store.journals.append([batchOf(journalA, 9)]);
      const sizes = (await allOf(store.journals, journalA)).map(({ bytes }) => bytes.length);
      t.deepEqual(sizes.slice(0, 8), [4, 4, 4, 4, 4, 4, 2_000, 2_000], name);
      t.true((await store.journals.readSmall(small.id)).equals(small.body), name);
      await store.close();
      if (!more) break;
      nth += 1;
    }
    t.true(nth > 20, `only ${String(nth)} operations`);
  });
}
