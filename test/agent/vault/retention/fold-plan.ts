/**
 * Up to where history could be folded, in random histories of several devices, against a search through
 * all vectors there are: closed, stable for everything that anybody has written or will write, and the
 * greatest of these.
 */
import test from 'ava';
import fc from 'fast-check';
import { bareBatch } from '../../../../agent/journal/bare-batch.ts';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import { planFold, type FoldPlan } from '../../../../agent/vault/retention/fold-plan.ts';
import {
  journalId,
  splitJournalId,
  type DeviceId,
  type IncarnationId,
  type JournalId,
} from '../../../../protocol/ids.ts';
import { encodeBatch } from '../../../../protocol/messages/batch-wire.ts';

/** Of every batch here. */
const whole = encodeBatch({
  header: Buffer.alloc(50, 1),
  sealed: Buffer.alloc(200, 2),
  signature: Buffer.alloc(64, 3),
});

type Vector = ReadonlyMap<JournalId, number>;

/** A device that writes and hears, as far as folding is concerned. */
class Writer {
  readonly device: DeviceId;
  readonly journal: JournalId;
  readonly batches: OpenedBatch[] = [];
  readonly applied = new Map<JournalId, number>();

  constructor(digit: string) {
    this.device = digit.repeat(32) as DeviceId;
    this.journal = journalId(this.device, digit.repeat(16) as IncarnationId);
  }

  say(isSilent: boolean): void {
    const sequence = this.batches.length + 1;
    const others = [...this.applied].filter(([journal]) => journal !== this.journal);
    this.batches.push({
      header: { journal: this.journal, sequence },
      bytes: whole,
      body: {
        stamp: { wallMs: isSilent ? 0 : 1000 * sequence, counter: 0 },
        seen: isSilent ? [] : others.map(([journal, upTo]) => ({ journal, sequence: upTo })),
        ops: isSilent ? [] : [{ type: 'unknown' }],
      },
    } as unknown as OpenedBatch);
    this.applied.set(this.journal, sequence);
  }

  hear(other: Writer): void {
    for (const [journal, sequence] of other.applied)
      this.applied.set(journal, Math.max(sequence, this.applied.get(journal) ?? 0));
  }
}

type Step =
  | { readonly type: 'say'; readonly at: number; readonly isSilent: boolean }
  | { readonly type: 'hear'; readonly at: number; readonly from: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('say' as const),
    at: fc.nat(2),
    isSilent: fc.boolean(),
  }),
  fc.record({ type: fc.constant('hear' as const), at: fc.nat(2), from: fc.nat(2) }),
);

function run(writers: readonly Writer[], steps: readonly Step[]): void {
  for (const { at, ...each } of steps) {
    const writer = writers[at];
    if (each.type === 'say') writer?.say(each.isSilent);
    else if (writers[each.from] !== undefined) writer?.hear(writers[each.from] ?? writer);
  }
}

const clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  after: (_: number, action: () => void) => {
    setImmediate(action);
    return { cancel: () => undefined };
  },
};

interface Asked {
  readonly floor?: Vector;
  readonly announced?: ReadonlyMap<DeviceId, Vector>;
  readonly standing?: Vector;
}

/** What the first one finds. */
function planOf(
  writers: readonly Writer[],
  { floor, announced, standing }: Asked = {},
): Promise<FoldPlan> {
  const [self] = writers;
  const batchesOf = (journal: JournalId): readonly OpenedBatch[] =>
    writers.find((each) => each.journal === journal)?.batches ?? [];
  return planFold({
    device: self?.device ?? ('' as DeviceId),
    tree: { vector: () => self?.applied ?? new Map() },
    source: {
      async *read(journal, after) {
        await Promise.resolve();
        yield* batchesOf(journal).slice(after, self?.applied.get(journal));
      },
    },
    clock,
    floor: () => Promise.resolve(floor ?? self?.applied ?? new Map()),
    standing: () => standing,
    writers: () => writers.map(({ device }) => device),
    announced: (device) => announced?.get(device),
  });
}

/** What the author of a batch had seen, by walking through his journal. */
function sightOf(writer: Writer, sequence: number): Vector {
  const sight = new Map<JournalId, number>([[writer.journal, sequence]]);
  for (const { body } of writer.batches.slice(0, sequence))
    for (const seen of body.seen) sight.set(seen.journal, seen.sequence);
  return sight;
}

const isWithin = (one: Vector, other: Vector): boolean =>
  [...one].every(([journal, sequence]) => sequence <= (other.get(journal) ?? 0));

/** Whether nothing beyond a vector can matter for what is before: of all that was ever written. */
function isStable(writers: readonly Writer[], vector: Vector): boolean {
  return writers.every((writer) => {
    const end = vector.get(writer.journal) ?? 0;
    if (!isWithin(sightOf(writer, end), vector)) return false;
    return writer.batches
      .slice(end)
      .filter(({ body }) => body.ops.length > 0)
      .every(({ header: { sequence } }) => {
        const sight = sightOf(writer, sequence);
        return isWithin(vector, sight);
      });
  });
}

function* vectorsUpTo(journals: readonly JournalId[], bound: Vector): Generator<Vector> {
  const [journal, ...rest] = journals;
  if (journal === undefined) {
    yield new Map();
    return;
  }
  for (const others of vectorsUpTo(rest, bound)) {
    for (let sequence = 0; sequence <= (bound.get(journal) ?? 0); sequence++)
      yield new Map([...others, [journal, sequence]]);
  }
}

const sum = (vector: Vector): number => [...vector.values()].reduce((a, b) => a + b, 0);

test('it is stable for all that was written and will be, and the greatest of these', async (t) => {
  const steps = fc.array(step, { maxLength: 30 });
  const floors = fc.array(fc.nat(6), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(steps, steps, floors, async (before, after, lows) => {
      const writers = ['a', 'b', 'c'].map((digit) => new Writer(digit));
      const [self] = writers;
      run(writers, before);
      const floor = new Map(writers.map(({ journal }, at) => [journal, lows[at] ?? 0]));
      const bound = new Map(self?.applied);
      // The others are connected, and say what they have.
      const announced = new Map(writers.map(({ device, applied }) => [device, new Map(applied)]));
      const { vector, waitsFor } = await planOf(writers, { floor, announced });
      t.true(isWithin(vector, floor) && isWithin(vector, bound));
      const known = writers.map((writer) => {
        const copy = new Writer(writer.device.slice(0, 1));
        copy.batches.push(...writer.batches.slice(0, bound.get(writer.journal) ?? 0));
        return copy;
      });
      // What is not here yet was written by somebody who said less than he has, or it is just his.
      const mayStay = (candidate: Vector): boolean =>
        isStable(known, candidate) &&
        writers.every(({ device, journal, applied }) => {
          if (device === self?.device) return true;
          const isAllHere = (applied.get(journal) ?? 0) <= (bound.get(journal) ?? 0);
          const said = isAllHere ? applied : new Map<JournalId, number>();
          const known = sightOf(
            writers.find((each) => each.device === device) ?? new Writer(device),
            bound.get(journal) ?? 0,
          );
          return [...candidate].every(
            ([other, sequence]) =>
              splitJournalId(other).device === device ||
              sequence <= Math.max(said.get(other) ?? 0, known.get(other) ?? 0),
          );
        });
      let greatest = new Map() as Vector;
      const journals = writers.map(({ journal }) => journal);
      for (const candidate of vectorsUpTo(journals, bound)) {
        if (!isWithin(candidate, floor) || !mayStay(candidate)) continue;
        if (sum(candidate) > sum(greatest)) greatest = candidate;
      }
      t.is(sum(vector), sum(greatest));
      t.true(isWithin(vector, greatest));
      if (waitsFor.length === 0) t.true(isStable(known, vector));
      run(writers, after);
      t.true(isStable(writers, vector), 'whatever comes later');
    }),
    { numRuns: 150 },
  );
});

function conversation(): [Writer, Writer] {
  const [one, other] = [new Writer('a'), new Writer('b')];
  for (let turn = 0; turn < 4; turn++) {
    one.say(false);
    other.hear(one);
    other.say(false);
    one.hear(other);
  }
  return [one, other];
}

test('a device that is away holds up what it is not known to have seen', async (t) => {
  const [one, other] = conversation();
  one.say(false);
  const silent = await planOf([one, other]);
  t.deepEqual([...silent.vector.values()], [4, 4]);
  t.deepEqual(silent.waitsFor, [{ device: other.device, batches: 1 }]);
  t.is(silent.latestMs, 4000);
  t.deepEqual([silent.batches, silent.batchesAll], [8, 9]);
  t.deepEqual([silent.bytes, silent.bytesAll], [8 * whole.length, 9 * whole.length]);
  t.is(silent.bytesBack, 8 * (whole.length - bareBatch(whole).length));
  other.hear(one);
  const connected = await planOf([one, other], {
    announced: new Map([[other.device, other.applied]]),
  });
  t.deepEqual([...connected.vector.values()], [5, 4]);
  t.deepEqual(connected.waitsFor, []);
  // It has written something that is not here: nobody knows what it had seen by then.
  other.say(false);
  const ahead = await planOf([one, other], {
    announced: new Map([[other.device, new Map(other.applied)]]),
  });
  t.deepEqual([...ahead.vector.values()], [4, 4]);
});

test('one that was never heard of holds up everything', async (t) => {
  const [one, other] = conversation();
  const newcomer = new Writer('c');
  const { vector, waitsFor } = await planOf([one, other, newcomer]);
  t.is(vector.size, 0);
  t.deepEqual(waitsFor, [{ device: newcomer.device, batches: 8 }]);
});

test('what rules keep is not folded, nor what has seen it', async (t) => {
  const [one, other] = conversation();
  const announced = new Map([[other.device, other.applied]]);
  const floor = new Map([
    [one.journal, 2],
    [other.journal, 4],
  ]);
  const { vector, batchesKept } = await planOf([one, other], { floor, announced });
  t.deepEqual([...vector.values()], [2, 2]);
  t.is(batchesKept, 4);
});

test('a batch that comes after all agreed and has not seen it is noticed', async (t) => {
  const [one, other] = conversation();
  const standing = new Map(one.applied);
  other.say(false);
  one.hear(other);
  t.true((await planOf([one, other], { standing })).standingIsStable);
  const [apart, late] = conversation();
  late.say(false);
  apart.say(false);
  const folded = new Map(apart.applied);
  apart.hear(late);
  t.false((await planOf([apart, late], { standing: folded })).standingIsStable);
  t.is(
    (await planOf([one, other], { standing: new Map([[one.journal, 99]]) })).standingIsStable,
    undefined,
  );
  t.is((await planOf([one, other])).standingIsStable, undefined);
});

test('what devices say to agree is no reason for the next checkpoint', async (t) => {
  const [one, other] = conversation();
  const announced = new Map([[other.device, other.applied]]);
  t.true((await planOf([one, other], { announced })).isMore);
  const standing = new Map(one.applied);
  for (const device of [one, other]) device.say(true);
  one.hear(other);
  other.hear(one);
  const agreed = await planOf([one, other], { announced, standing });
  t.is(agreed.batches, 10);
  t.false(agreed.isMore);
  one.say(false);
  other.hear(one);
  t.true((await planOf([one, other], { announced, standing })).isMore);
});
