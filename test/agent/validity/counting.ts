import test from 'ava';
import fc from 'fast-check';
import {
  countingPrefix,
  placesToKnow,
  type CountingPrefix,
  type JournalFacts,
  type Line,
  type Right,
} from '../../../agent/validity/counting.ts';
import type { ProvenFork } from '../../../agent/journal/fork-proof.ts';
import { branchName } from '../../../protocol/branch-name.ts';
import type { BatchHash, JournalId } from '../../../protocol/ids.ts';
import { countingOf, type ChainedBatch as Batch } from '../../helpers/counting-oracle.ts';

const journal = 'aa'.repeat(24) as JournalId;

function batch(index: number, parent: Batch | undefined): Batch {
  const hash = ((index * 7919) % 65_521).toString(16).padStart(64, '0') as BatchHash;
  return { hash, sequence: (parent?.sequence ?? 0) + 1, previous: parent?.hash };
}

/** Lines as a device files batches that come in some order, each after the one before it. */
class Shelf {
  readonly lines: { name: JournalId; batches: Batch[] }[] = [];

  constructor(batches: readonly Batch[]) {
    for (const each of batches) this.#file(each);
  }

  #file(each: Batch): void {
    const behind = this.lines.find(({ batches }) => batches.at(-1)?.hash === each.previous);
    if (behind !== undefined) {
      behind.batches.push(each);
      return;
    }
    const name = this.lines.length === 0 ? journal : branchName(journal, each.hash);
    this.lines.push({ name, batches: [each] });
  }

  facts(rest: Omit<JournalFacts, 'lines' | 'hashAt'>): JournalFacts {
    const lines = this.lines.map(({ name, batches }): Line => {
      const [first] = batches as [Batch];
      const isBranch = name !== journal;
      return {
        name,
        first: first.sequence,
        firstHash: isBranch ? first.hash : undefined,
        previous: first.previous,
        tip: batches.at(-1)!.sequence,
      };
    });
    const places = placesToKnow({ ...rest, lines });
    return {
      ...rest,
      lines,
      hashAt: ({ name }, sequence) =>
        places.has(sequence)
          ? this.#batchesOf(name).find((each) => each.sequence === sequence)?.hash
          : undefined,
    };
  }

  /** The hashes of what counts, in order. */
  read({ route }: CountingPrefix): BatchHash[] {
    const hashes: BatchHash[] = [];
    for (const { line, upTo } of route) {
      for (const { sequence, hash } of this.#batchesOf(line.name)) {
        if (sequence > hashes.length && sequence <= upTo) hashes.push(hash);
      }
    }
    return hashes;
  }

  #batchesOf(name: JournalId): readonly Batch[] {
    return this.lines.find((line) => line.name === name)?.batches ?? [];
  }
}

const trees = fc.array(fc.nat(), { minLength: 1, maxLength: 24 }).map((parents) => {
  const batches: Batch[] = [];
  for (const [index, pick] of parents.entries()) {
    // Mostly a chain: forks are rare, and long branches are what matters.
    const parent = pick % 4 === 0 ? batches[pick % (batches.length + 1)] : batches.at(-1);
    batches.push(batch(index + 1, parent));
  }
  return batches;
});

/** Every batch that stands beside another one may be proven, chosen, or a last one. */
const worlds = trees.chain((batches) => {
  const beside = batches.flatMap((one, at) =>
    batches
      .slice(at + 1)
      .filter((other) => other.previous === one.previous)
      .map((other): ProvenFork => {
        const hashes = [one.hash, other.hash].sort() as [BatchHash, BatchHash];
        return { journal, sequence: one.sequence, previous: one.previous, hashes };
      }),
  );
  const unknown = batch(999, batches.at(-1)).hash;
  const choice = fc
    .constantFrom(...batches)
    .map(({ sequence, hash }): [number, BatchHash] => [sequence, hash]);
  const strange = fc
    .constantFrom(...batches)
    .map(({ sequence }): [number, BatchHash] => [sequence, unknown]);
  const right = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Right>({ type: 'all' }) },
    { weight: 1, arbitrary: fc.constant<Right>({ type: 'none' }) },
    { weight: 1, arbitrary: fc.constant<Right>({ type: 'cut', last: undefined }) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...batches).map((last): Right => ({ type: 'cut', last })),
    },
  );
  return fc.record({
    batches: fc.constant(batches),
    forks: fc.subarray(beside),
    choices: fc
      .array(fc.oneof({ weight: 8, arbitrary: choice }, { weight: 1, arbitrary: strange }), {
        maxLength: 4,
      })
      .map((pairs) => new Map(pairs)),
    right,
    order: fc.infiniteStream(fc.nat()),
  });
});

/** Another order of arrival in which each comes after the one before it. */
function shuffled(batches: readonly Batch[], order: Iterator<number>): Batch[] {
  const left = [...batches];
  const come: Batch[] = [];
  const here = new Set<BatchHash | undefined>([undefined]);
  while (left.length > 0) {
    const ready = left.filter(({ previous }) => here.has(previous));
    const next = ready[(order.next().value as number) % ready.length]!;
    left.splice(left.indexOf(next), 1);
    here.add(next.hash);
    come.push(next);
  }
  return come;
}

test('what counts is a function of what is known, not of what came first', (t) => {
  let forked = 0;
  fc.assert(
    fc.property(worlds, ({ batches, order, ...rest }) => {
      const expected = countingOf(batches, rest);
      for (const arrival of [batches, shuffled(batches, order), shuffled(batches, order)]) {
        const shelf = new Shelf(arrival);
        const prefix = countingPrefix(shelf.facts(rest));
        if (prefix.stop?.type === 'forked') forked += 1;
        const read = shelf.read(prefix);
        if (read.join() !== expected.join() || prefix.sequence !== expected.length) {
          throw new Error(`${read.join()} instead of ${expected.join()}`);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  t.true(forked > 100, 'the worlds have forks');
});

test('more knowledge never brings a hidden batch back without a choice', (t) => {
  fc.assert(
    fc.property(worlds, ({ batches, forks, right }) => {
      const rest = { choices: new Map<number, BatchHash>(), right };
      const shelf = new Shelf(batches);
      const before = shelf.read(countingPrefix(shelf.facts({ ...rest, forks: [] })));
      const after = shelf.read(countingPrefix(shelf.facts({ ...rest, forks })));
      if (!before.join().startsWith(after.join())) throw new Error('a proof made more count');
    }),
  );
  t.pass();
});

const chain = (length: number, from?: Batch, salt = 0): Batch[] => {
  const batches: Batch[] = [];
  for (let index = 1; index <= length; index += 1) {
    batches.push(batch(salt * 100 + index, batches.at(-1) ?? from));
  }
  return batches;
};
const whole = { forks: [], choices: new Map<number, BatchHash>(), right: { type: 'all' } as const };

test('a fork stops a journal before it and names its branches; a choice goes on', (t) => {
  const trunk = chain(3);
  const one = chain(2, trunk[2], 1);
  const other = chain(3, trunk[2], 2);
  const shelf = new Shelf([...trunk, ...one, ...other]);
  const stopped = countingPrefix(shelf.facts(whole));
  t.is(stopped.sequence, 3);
  const candidates = [one[0]!.hash, other[0]!.hash].sort();
  t.deepEqual(stopped.stop, { type: 'forked', at: 4, candidates });
  const choices = new Map([[4, other[0]!.hash]]);
  const chosen = countingPrefix(shelf.facts({ ...whole, choices }));
  t.is(chosen.sequence, 6);
  t.is(chosen.stop, undefined);
  t.deepEqual(chosen.settled, [4]);
  t.deepEqual(
    shelf.read(chosen),
    [...trunk, ...other].map(({ hash }) => hash),
  );
});

test('a branch that was chosen and is not here is waited for', (t) => {
  const trunk = chain(4);
  const elsewhere = batch(900, trunk[1]).hash;
  const shelf = new Shelf(trunk);
  const prefix = countingPrefix(shelf.facts({ ...whole, choices: new Map([[3, elsewhere]]) }));
  t.is(prefix.sequence, 2);
  t.deepEqual(prefix.stop, { type: 'elsewhere', at: 3, hash: elsewhere });
});

test('a revocation ends a journal, chooses a branch, and can be moved', (t) => {
  const trunk = chain(3);
  const one = chain(2, trunk[2], 1);
  const other = chain(3, trunk[2], 2);
  const shelf = new Shelf([...trunk, ...one, ...other]);
  const cutAt = (last: Batch | undefined): CountingPrefix =>
    countingPrefix(shelf.facts({ ...whole, right: { type: 'cut', last } }));
  t.is(cutAt(undefined).sequence, 0);
  t.is(cutAt(trunk[1]).sequence, 2);
  t.deepEqual(cutAt(trunk[1]).stop, { type: 'cut-off', at: 3 });
  t.deepEqual(
    shelf.read(cutAt(other[1])),
    [...trunk, ...other.slice(0, 2)].map(({ hash }) => hash),
  );
  t.deepEqual(
    shelf.read(cutAt(one[1])),
    [...trunk, ...one].map(({ hash }) => hash),
  );
  t.is(countingPrefix(shelf.facts({ ...whole, right: { type: 'none' } })).sequence, 0);
});

test('property: what is folded counts, whatever else is said about it, and in every order', (t) => {
  fc.assert(
    fc.property(worlds, fc.nat(), ({ batches, order, ...rest }, pick) => {
      const folded = batches[pick % batches.length]!;
      const answers = [batches, shuffled(batches, order)].map((come) => {
        const shelf = new Shelf(come);
        return shelf.read(countingPrefix(shelf.facts({ ...rest, folded })));
      });
      t.is(answers[0]![folded.sequence - 1], folded.hash);
      t.deepEqual(answers[1], answers[0]);
    }),
    { numRuns: 400 },
  );
});
