/** Which chunks are released, needed again, and may be dropped: against a naive look at everything. */
import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import type { CountedRelease, Membership } from '../../../agent/members/membership.ts';
import { ReleaseBook, type ReleaseBookParts } from '../../../agent/replication/release-book.ts';
import type { StoredBatch } from '../../../agent/store/store.ts';
import type {
  BatchHash,
  ChunkId,
  DeviceId,
  EpochId,
  IncarnationId,
  JournalId,
  StatementId,
  VaultId,
} from '../../../protocol/ids.ts';
import { journalId } from '../../../protocol/ids.ts';
import { encodeBatch, encodeBatchHeader } from '../../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../../protocol/messages/op.ts';

const vault = '0f'.repeat(32) as VaultId;
const devices = ['a1', 'b2', 'c3'].map((byte) => byte.repeat(16) as DeviceId);
const chunkOf = (number: number): ChunkId => (number + 1).toString(16).padStart(64, '0') as ChunkId;
const journalOf = (device: DeviceId): JournalId =>
  journalId(device, device.slice(0, 16) as IncarnationId);
const hashOf = (journal: JournalId, sequence: number): BatchHash =>
  (journal + sequence.toString(16).padStart(16, '0')) as BatchHash;

class World {
  readonly journals = new Map<JournalId, BatchHeader[]>(
    devices.map((device) => [journalOf(device), []]),
  );
  readonly releases: CountedRelease[] = [];
  readonly forked = new Set<JournalId>();
  readonly writers = new Set(devices.slice(0, 2));

  append(journal: JournalId, header: Partial<BatchHeader>): BatchHeader {
    const all = this.journals.get(journal) ?? [];
    const sequence = all.length + 1;
    const made: BatchHeader = {
      journal,
      sequence,
      previous: sequence === 1 ? undefined : hashOf(journal, sequence - 1),
      membershipHeads: [],
      epoch: '0e'.repeat(32) as EpochId,
      salt: Buffer.alloc(32),
      chunksAdded: [],
      chunksReused: [],
      smallRecords: [],
      ...header,
    };
    all.push(made);
    this.journals.set(journal, all);
    return made;
  }

  release(chunks: readonly ChunkId[], back: number): CountedRelease {
    const vector = [...this.journals].flatMap(([journal, { length }]) => {
      const sequence = Math.max(0, length - back);
      return sequence === 0 ? [] : { journal, sequence, hash: hashOf(journal, sequence) };
    });
    const id = (this.releases.length + 1).toString(16).padStart(64, 'd') as StatementId;
    const made = { id, chunks, vector };
    this.releases.push(made);
    return made;
  }

  parts(): ReleaseBookParts {
    const stored = (header: BatchHeader): StoredBatch => ({
      journal: header.journal,
      sequence: header.sequence,
      hash: hashOf(header.journal, header.sequence),
      previous: header.previous,
      bytes: encodeBatch({
        header: encodeBatchHeader(vault, header),
        sealed: Buffer.alloc(0),
        signature: Buffer.alloc(64),
      }),
      small: [],
    });
    const { journals } = this;
    return {
      journals: {
        tips: () =>
          [...journals].map(([journal, { length }]) => ({
            ...{ journal, sequence: length },
            hash: hashOf(journal, length),
          })),
        branches: () => [],
        async *read(journal, after) {
          await Promise.resolve();
          for (const header of (journals.get(journal) ?? []).slice(after)) yield stored(header);
        },
      },
      lines: {
        isForked: (journal) => this.forked.has(journal),
        hashAt: (journal, sequence) =>
          Promise.resolve(
            sequence <= (journals.get(journal)?.length ?? 0)
              ? hashOf(journal, sequence)
              : undefined,
          ),
      },
      membership: () =>
        ({
          releases: [...this.releases],
          members: new Map(
            devices.map((device) => [
              device,
              { device, active: true, capabilities: this.writers.has(device) ? 7 : 1 },
            ]),
          ),
        }) as unknown as Membership,
      clock: {
        after: (_, action) => {
          setImmediate(action);
          return { cancel: () => undefined };
        },
      },
    };
  }

  isReleased(id: ChunkId): boolean {
    const naming = this.releases.filter(({ chunks }) => chunks.includes(id));
    if (naming.length === 0) return false;
    return [...this.journals.values()].flat().every((header) => {
      const names = [...header.chunksAdded, ...header.chunksReused, ...header.smallRecords];
      if (!names.some((each) => each.id === id)) return true;
      if (this.forked.has(header.journal)) return false;
      return naming.some(({ vector }) =>
        vector.some((at) => at.journal === header.journal && at.sequence >= header.sequence),
      );
    });
  }

  mayDrop(id: ChunkId): boolean {
    const naming = this.releases.filter(({ chunks }) => chunks.includes(id));
    const isAcknowledged = (release: CountedRelease): boolean =>
      [...this.writers].every((device) =>
        (this.journals.get(journalOf(device)) ?? []).some(
          ({ acknowledges }) => acknowledges?.includes(release.id) === true,
        ),
      );
    return this.isReleased(id) && naming.every(isAcknowledged);
  }
}

const some = fc.nat({ max: 5 });
const someStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('batch' as const),
      device: fc.nat({ max: 2 }),
      ids: fc.array(some, { maxLength: 3 }),
      how: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('release' as const),
      ids: fc.uniqueArray(some, { minLength: 1, maxLength: 4 }),
      back: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('acknowledge' as const), device: fc.nat({ max: 1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('fork' as const), device: fc.nat({ max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
);

test('whatever comes in whichever order, it agrees with a look at everything', async (t) => {
  let dropped = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { maxLength: 30 }), async (steps) => {
      const world = new World();
      let book = await opened(world);
      for (const step of steps) {
        if (step.type === 'restart') book = await opened(world);
        else await take(world, book, step);
        await book.standing();
        for (let number = 0; number <= 5; number++) {
          const id = chunkOf(number);
          assert.equal(book.isReleased(id), world.isReleased(id));
          assert.equal(book.mayDrop(id), world.mayDrop(id));
          if (world.mayDrop(id)) dropped += 1;
        }
      }
    }),
    { numRuns: 300 },
  );
  t.true(dropped > 0);
});

async function opened(world: World): Promise<ReleaseBook> {
  const book = new ReleaseBook(world.parts());
  for (const [journal, headers] of world.journals)
    for (const header of headers) book.note(journal, header);
  book.loaded(true);
  await book.refresh();
  return book;
}

type Step = typeof someStep extends fc.Arbitrary<infer Each> ? Each : never;

async function take(
  world: World,
  book: ReleaseBook,
  step: Exclude<Step, { type: 'restart' }>,
): Promise<void> {
  switch (step.type) {
    case 'batch': {
      const named = step.ids.map((number) => ({ id: chunkOf(number), length: 100 }));
      const field = (['chunksAdded', 'chunksReused', 'smallRecords'] as const)[step.how]!;
      const journal = journalOf(devices[step.device]!);
      book.note(journal, world.append(journal, { [field]: named }));
      return;
    }
    case 'release':
      world.release(step.ids.map(chunkOf), step.back);
      return book.refresh();
    case 'acknowledge': {
      const device = devices[step.device]!;
      const acknowledges = book.unacknowledgedBy(device).map(({ id }) => id);
      if (acknowledges.length === 0) return;
      book.note(journalOf(device), world.append(journalOf(device), { acknowledges }));
      return;
    }
    case 'fork':
      world.forked.add(journalOf(devices[step.device]!));
      return book.refresh();
  }
}

test('nothing counts as released when a journal could not be read', async (t) => {
  const world = new World();
  world.append(journalOf(devices[0]!), { chunksAdded: [{ id: chunkOf(0), length: 1 }] });
  world.release([chunkOf(0)], 0);
  const book = new ReleaseBook(world.parts());
  book.loaded(false);
  await book.standing();
  t.false(book.isReleased(chunkOf(0)));
  t.true(book.knows(chunkOf(0)));
});

test('what somebody is about to name is needed at once', async (t) => {
  const world = new World();
  world.append(journalOf(devices[0]!), { chunksAdded: [{ id: chunkOf(0), length: 1 }] });
  world.release([chunkOf(0)], 0);
  const book = await opened(world);
  const heard: ChunkId[] = [];
  book.onNeeded((id) => heard.push(id));
  t.true(book.isReleased(chunkOf(0)));
  book.use(chunkOf(0));
  book.use(chunkOf(1));
  t.false(book.isReleased(chunkOf(0)));
  t.deepEqual(heard, [chunkOf(0)]);
});

test('a release that was decided on more than is here waits', async (t) => {
  const world = new World();
  const journal = journalOf(devices[0]!);
  world.append(journal, { chunksAdded: [{ id: chunkOf(0), length: 1 }] });
  const { id } = world.release([chunkOf(0)], 0);
  for (const device of devices) world.append(journalOf(device), { acknowledges: [id] });
  world.releases[0] = {
    ...world.releases[0]!,
    vector: [{ journal, sequence: 9, hash: hashOf(journal, 9) }],
  };
  const book = await opened(world);
  t.deepEqual(
    (await book.standing()).map(({ isSettled, waitsFor }) => [isSettled, waitsFor]),
    [[false, []]],
  );
  t.false(book.mayDrop(chunkOf(0)));
});
