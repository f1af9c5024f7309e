import test from 'ava';
import fc from 'fast-check';
import { WantList } from '../../../agent/replication/want-list.ts';
import { idFromBytes, journalId, type ChunkId, type JournalId } from '../../../protocol/ids.ts';

const journal = (n: number): JournalId =>
  journalId(
    idFromBytes('device', Buffer.alloc(16, n)),
    idFromBytes('incarnation', Buffer.alloc(8, n)),
  );
const id = (n: number): ChunkId => idFromBytes('chunk', Buffer.alloc(32, n));
const chunks = (...ns: number[]) => ns.map((n) => ({ id: id(n), length: n * 10 }));
const nothing = (): boolean => false;

test('A journal is complete up to the batch before the first that lacks a chunk', (t) => {
  const wants = new WantList();
  t.is(wants.completeUpTo(journal(1), 0), 0);
  t.is(wants.completeUpTo(journal(1), 7), 7, 'nothing is known to be missing');
  wants.addBatch({ journal: journal(1), sequence: 1, chunks: chunks(1) }, nothing);
  wants.addBatch({ journal: journal(1), sequence: 2, chunks: chunks() }, nothing);
  wants.addBatch({ journal: journal(1), sequence: 3, chunks: chunks(2, 3) }, nothing);
  t.is(wants.completeUpTo(journal(1), 3), 0);
  t.true(wants.arrived(id(1)));
  t.is(wants.completeUpTo(journal(1), 3), 2);
  t.false(wants.arrived(id(2)), 'the batch lacks another one');
  t.true(wants.arrived(id(3)));
  t.is(wants.completeUpTo(journal(1), 3), 3);
  t.is(wants.size, 0);
  t.is(wants.bytes, 0);
});

test('A chunk that two batches name is wanted once and completes both', (t) => {
  const wants = new WantList();
  t.is(
    wants.addBatch({ journal: journal(1), sequence: 1, chunks: chunks(5, 5) }, nothing).length,
    1,
  );
  t.is(wants.addBatch({ journal: journal(2), sequence: 1, chunks: chunks(5) }, nothing).length, 0);
  t.is(wants.size, 1);
  t.is(wants.bytes, 50);
  wants.arrived(id(5));
  t.is(wants.completeUpTo(journal(1), 1), 1);
  t.is(wants.completeUpTo(journal(2), 1), 1);
  t.false(wants.arrived(id(5)), 'twice is nothing');
});

test('What the store has is not wanted', (t) => {
  const wants = new WantList();
  t.deepEqual(
    wants
      .addBatch({ journal: journal(1), sequence: 1, chunks: chunks(1, 2) }, (one) => one === id(1))
      .map((want) => want.id),
    [id(2)],
  );
});

test('For any batches and any order of arrival it says what counting by hand says', (t) => {
  const batch = fc.record({
    of: fc.integer({ min: 1, max: 3 }),
    names: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 12 })),
      (batches, arrivals) => {
        const wants = new WantList();
        const tips = new Map<number, number>();
        const named: { of: number; sequence: number; names: number[] }[] = [];
        for (const { of, names } of batches) {
          const sequence = (tips.get(of) ?? 0) + 1;
          tips.set(of, sequence);
          named.push({ of, sequence, names });
          wants.addBatch({ journal: journal(of), sequence, chunks: chunks(...names) }, nothing);
        }
        const here = new Set(arrivals);
        for (const n of here) wants.arrived(id(n));
        const lacking = new Set(named.flatMap(({ names }) => names).filter((n) => !here.has(n)));
        t.is(wants.size, lacking.size);
        for (const [of, tip] of tips) {
          const first = named.find((one) => one.of === of && one.names.some((n) => !here.has(n)));
          t.is(
            wants.completeUpTo(journal(of), tip),
            first === undefined ? tip : first.sequence - 1,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('A chunk that is lost opens the gaps of all batches that name it, wherever they stand', (t) => {
  const wants = new WantList();
  for (let sequence = 1; sequence <= 5; sequence += 1) {
    const batch = { journal: journal(1), sequence, chunks: chunks(sequence, 9) };
    wants.addBatch(batch, () => true);
  }
  t.is(wants.completeUpTo(journal(1), 5), 5);
  t.truthy(wants.addLost({ id: id(4), length: 40 }));
  t.is(wants.addLost({ id: id(4), length: 40 }), undefined);
  t.truthy(wants.addLost({ id: id(2), length: 20 }));
  t.is(wants.bytes, 60);
  t.is(wants.completeUpTo(journal(1), 5), 5, 'nobody has looked yet');
  const lost = new Set([id(2), id(4)]);
  for (const round of [1, 2]) {
    for (let sequence = 5; sequence >= 1; sequence -= 1) {
      wants.nameLost({ journal: journal(1), sequence, chunks: chunks(sequence, 9) }, lost);
    }
    t.is(wants.completeUpTo(journal(1), 5), 1, `round ${String(round)}`);
  }
  t.true(wants.arrived(id(2)));
  t.is(wants.completeUpTo(journal(1), 5), 3);
  t.true(wants.arrived(id(4)));
  t.is(wants.completeUpTo(journal(1), 5), 5);
  wants.nameLost({ journal: journal(1), sequence: 3, chunks: chunks(4) }, lost);
  t.is(wants.completeUpTo(journal(1), 5), 5, 'what has come since is not lost');
});

test('A batch that names a lost chunk counts once, whoever comes first', (t) => {
  for (const lookedFirst of [true, false]) {
    const wants = new WantList();
    wants.addLost({ id: id(1), length: 10 });
    const batch = { journal: journal(1), sequence: 7, chunks: chunks(1, 2) };
    if (lookedFirst) wants.nameLost(batch, new Set([id(1)]));
    wants.addBatch(batch, nothing);
    if (!lookedFirst) wants.nameLost(batch, new Set([id(1)]));
    t.is(wants.completeUpTo(journal(1), 7), 6);
    wants.arrived(id(1));
    t.is(wants.completeUpTo(journal(1), 7), 6, 'the other one lacks');
    wants.arrived(id(2));
    t.is(wants.completeUpTo(journal(1), 7), 7);
  }
});
