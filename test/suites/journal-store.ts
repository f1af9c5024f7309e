/** What every JournalStore and StatementLog does; run by the memory store and the disk store. */
import type { TestFn } from 'ava';
import { branchName } from '../../protocol/branch-name.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { blake3 } from '../../protocol/hash.ts';
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import type { JournalStore, SmallRecord, StoredBatch } from '../../agent/store/store.ts';
import type { OpenStore } from './chunk-store.ts';

export const journalA = 'aa'.repeat(24) as JournalId;
export const journalB = 'bb'.repeat(24) as JournalId;

export function hashOf(text: string): BatchHash {
  return blake3(Buffer.from(text)).toString('hex') as BatchHash;
}

export function smallOf(text: string): SmallRecord {
  const body = Buffer.from(text);
  return { id: blake3(body).toString('hex') as ChunkId, body };
}

/** Batch `sequence` of a chain whose hashes follow from the journal and `branch`. */
export function batchOf(
  journal: JournalId,
  sequence: number,
  {
    branch = '',
    bytes,
    small = [],
  }: { branch?: string; bytes?: Buffer; small?: SmallRecord[] } = {},
): StoredBatch {
  const name = (at: number): BatchHash => hashOf(`${journal} ${String(at)}`);
  return {
    journal,
    sequence,
    hash: branch === '' ? name(sequence) : hashOf(`${journal} ${branch} ${String(sequence)}`),
    previous: sequence === 1 ? undefined : name(sequence - 1),
    bytes: bytes ?? Buffer.from(`batch ${String(sequence)} of ${journal} ${branch}`),
    small,
  };
}

export async function allOf(
  journals: JournalStore,
  journal: JournalId,
  after = 0,
): Promise<StoredBatch[]> {
  const all: StoredBatch[] = [];
  for await (const batch of journals.read(journal, after)) all.push(batch);
  return all;
}

const isConflict = { code: 'conflict' } as const;

function chain(journal: JournalId, count: number): StoredBatch[] {
  return Array.from({ length: count }, (_, at) => batchOf(journal, at + 1));
}

function collectSmall(
  journals: JournalStore,
  goes: readonly SmallRecord[],
  isDead: (id: ChunkId) => boolean = () => true,
): Promise<{ freedBytes: number }> {
  const pace = (): Promise<void> => Promise.resolve();
  return journals.collectSmall({ ids: goes.map(({ id }) => id), isDead, deadFractionMin: 0, pace });
}

export function journalStoreSuite(test: TestFn, title: string, open: OpenStore): void {
  test(`${title}: small records go, and their batches stay as they are`, async (t) => {
    const { journals } = await open();
    const [goes, stays, other] = ['goes', 'stays', 'of another batch'].map(smallOf) as [
      SmallRecord,
      SmallRecord,
      SmallRecord,
    ];
    const first = batchOf(journalA, 1, { small: [goes, stays] });
    const second = batchOf(journalA, 2, { small: [other] });
    await journals.append([first, second]);
    t.is(journals.smallLength(goes.id), goes.body.length);
    t.true(journals.smallWorth({ ids: [goes.id], deadFractionMin: 0 }) > 0);
    const { freedBytes } = await collectSmall(journals, [goes, smallOf('never there')]);
    t.true(freedBytes >= goes.body.length);
    t.false(journals.hasSmall(goes.id));
    t.deepEqual(await journals.haveSmall([goes.id, stays.id]), [false, true]);
    t.is(journals.smallLength(goes.id), undefined);
    t.is(journals.smallWorth({ ids: [goes.id], deadFractionMin: 0 }), 0);
    const lost = await t.throwsAsync(journals.readSmall(goes.id));
    t.true(isVaultError(lost, 'chunk-missing'));
    for (const { id, body } of [stays, other]) t.true((await journals.readSmall(id)).equals(body));
    const third = batchOf(journalA, 3, { small: [smallOf('third')] });
    await journals.append([third]);
    const all = await allOf(journals, journalA);
    t.deepEqual(
      all.map(({ hash, small }) => [hash, ...small.map(({ id }) => id)]),
      [
        [first.hash, stays.id],
        [second.hash, other.id],
        [third.hash, smallOf('third').id],
      ],
    );
    for (const [at, { bytes }] of [first, second, third].entries())
      t.true(Buffer.from(all[at]!.bytes).equals(bytes));
  });

  test(`${title}: what somebody needs at the last moment stays`, async (t) => {
    const { journals } = await open();
    const [one, two] = [smallOf('one'), smallOf('two')];
    await journals.append([batchOf(journalA, 1, { small: [one, two] })]);
    let needed = false;
    const pace = (): Promise<void> => {
      needed = true;
      return Promise.resolve();
    };
    const isDead = (id: ChunkId): boolean => id === two.id || !needed;
    await journals.collectSmall({ ids: [one.id, two.id], isDead, deadFractionMin: 0, pace });
    t.true((await journals.readSmall(one.id)).equals(one.body));
  });

  test(`${title}: who reads a journal while small records go gets every batch once`, async (t) => {
    const { journals } = await open();
    const small = Array.from({ length: 60 }, (_, at) => smallOf(`small ${String(at)}`));
    const batches = small.map((record, at) => batchOf(journalA, at + 1, { small: [record] }));
    await journals.append(batches);
    for (const stopAt of [1, 7, 30, 59]) {
      const seen: number[] = [];
      for await (const { sequence } of journals.read(journalA, 0)) {
        seen.push(sequence);
        if (sequence === stopAt) await collectSmall(journals, small.slice(0, stopAt));
      }
      t.deepEqual(
        seen,
        batches.map(({ sequence }) => sequence),
      );
      t.deepEqual((await allOf(journals, journalA, stopAt)).length, 60 - stopAt);
    }
  });

  test(`${title}: batches are written otherwise up to a number, and small records stay`, async (t) => {
    const { journals } = await open();
    const small = smallOf('stays');
    const batches = [1, 2, 3].map((sequence) =>
      batchOf(journalA, sequence, { small: [small].slice(sequence - 1), bytes: Buffer.alloc(900) }),
    );
    await journals.append(batches);
    const slim = (): Buffer => Buffer.from('slim');
    const pace = (): Promise<void> => Promise.resolve();
    t.true((await journals.slim({ journal: journalA, upTo: 2, slim, pace })) >= 2 * 890);
    await journals.append([batchOf(journalA, 4)]);
    const all = await allOf(journals, journalA);
    t.deepEqual(
      all.map(({ bytes }) => bytes.length),
      [4, 4, 900, batchOf(journalA, 4).bytes.length],
    );
    t.deepEqual(
      all.map(({ hash }) => hash),
      [1, 2, 3, 4].map((sequence) => batchOf(journalA, sequence).hash),
    );
    t.true((await journals.readSmall(small.id)).equals(small.body));
    t.is(await journals.slim({ journal: journalB, upTo: 2, slim, pace }), 0);
  });

  test(`${title}: an empty store has no tips, and an unknown journal no batches`, async (t) => {
    const { journals } = await open();
    t.deepEqual(journals.tips(), []);
    t.is(journals.tip(journalA), undefined);
    t.deepEqual(await allOf(journals, journalA), []);
    t.deepEqual(journals.damaged(), []);
  });

  test(`${title}: a branch stands beside its journal and begins with any number`, async (t) => {
    const { journals } = await open();
    const other = (sequence: number): StoredBatch => {
      const batch = batchOf(journalA, sequence, {
        branch: 'other',
        small: [smallOf(`b${String(sequence)}`)],
      });
      const previous = sequence === 71 ? batch.previous : other(sequence - 1).hash;
      return { ...batch, previous, journal: branchName(journalA, hashOf(`${journalA} other 71`)) };
    };
    const all = Array.from({ length: 150 }, (_, at) => other(at + 71));
    const { journal } = all[0]!;
    await journals.append(chain(journalA, 100));
    await t.throwsAsync(journals.append([{ ...all[0]!, journal: journalB }]), isConflict);
    for (let at = 0; at < all.length; at += 40) await journals.append(all.slice(at, at + 40));
    t.deepEqual(
      journals.tips().map((tip) => tip.journal),
      [journalA],
    );
    t.deepEqual(journals.branches(), [{ journal, sequence: 220, hash: all.at(-1)!.hash }]);
    for (const after of [0, 70, 71, 100, 127, 128, 219, 220]) {
      t.deepEqual(await allOf(journals, journal, after), all.slice(Math.max(0, after - 70)));
    }
    t.true(journals.hasSmall(smallOf('b99').id));
    await t.throwsAsync(journals.append([other(300)]), isConflict, 'a gap');
    await t.throwsAsync(
      journals.append([{ ...other(221), previous: hashOf('another') }]),
      isConflict,
    );
    await journals.append([other(221)]);
    t.is(journals.tip(journal)?.sequence, 221);
    t.deepEqual(await allOf(journals, journalA, 99), chain(journalA, 100).slice(99));
  });

  test(`${title}: proofs of forks stay in order`, async (t) => {
    const { forks } = await open();
    t.deepEqual(forks.all(), []);
    await forks.append([Buffer.from('one')]);
    await forks.append([Buffer.from('two'), Buffer.from('three')]);
    t.deepEqual(forks.all().map(String), ['one', 'two', 'three']);
  });

  test(`${title}: batches come back in order, whole, from any place`, async (t) => {
    const { journals } = await open();
    const all = Array.from({ length: 200 }, (_, at) => {
      const small = at % 3 === 0 ? [smallOf(`s${String(at)}`), smallOf(`t${String(at)}`)] : [];
      return batchOf(journalA, at + 1, { small });
    });
    await journals.append(all.slice(0, 1));
    await journals.append(all.slice(1, 100));
    for (const batch of all.slice(100)) await journals.append([batch]);
    for (const after of [-1, 0, 1, 63, 64, 65, 127, 128, 199, 200, 1000]) {
      t.deepEqual(await allOf(journals, journalA, after), all.slice(Math.max(0, after)));
    }
    const { hash } = batchOf(journalA, 200);
    t.deepEqual(journals.tip(journalA), { journal: journalA, sequence: 200, hash });
  });

  test(`${title}: journals do not mix`, async (t) => {
    const { journals } = await open();
    await journals.append([batchOf(journalA, 1), batchOf(journalB, 1), batchOf(journalA, 2)]);
    t.is((await allOf(journals, journalA)).length, 2);
    t.is((await allOf(journals, journalB)).length, 1);
    t.is(journals.tips().length, 2);
  });

  test(`${title}: a batch that is here already is skipped`, async (t) => {
    const { journals } = await open();
    await journals.append(chain(journalA, 5));
    await journals.append(chain(journalA, 7));
    await journals.append(chain(journalA, 2));
    t.deepEqual(await allOf(journals, journalA), chain(journalA, 7));
  });

  test(`${title}: a fork is a conflict and changes nothing`, async (t) => {
    const { journals } = await open();
    await journals.append(chain(journalA, 3));
    for (const sequence of [1, 2, 3]) {
      const other = batchOf(journalA, sequence, { branch: 'other' });
      const error = await t.throwsAsync(journals.append([batchOf(journalA, 4), other]));
      t.true(isVaultError(error, 'conflict'));
    }
    t.deepEqual(await allOf(journals, journalA), chain(journalA, 3));
  });

  test(`${title}: a gap, a wrong predecessor and a first batch with one are conflicts`, async (t) => {
    const { journals } = await open();
    const first = { ...batchOf(journalA, 1), previous: hashOf('something') };
    const second = { ...batchOf(journalA, 2), previous: hashOf('another') };
    for (const wrong of [[first], [batchOf(journalA, 2)], [batchOf(journalA, 1), second]]) {
      t.true(isVaultError(await t.throwsAsync(journals.append(wrong)), 'conflict'));
    }
    for (const sequence of [0, -1, 1.5, 2 ** 53]) {
      const error = await t.throwsAsync(journals.append([{ ...first, sequence }]));
      t.true(isVaultError(error, 'malformed'));
    }
    t.deepEqual(journals.tips(), []);
  });

  test(`${title}: many callers at once all get their batch in`, async (t) => {
    const { journals } = await open();
    const many = [...chain(journalA, 30), ...chain(journalB, 30)];
    await Promise.all(many.map((batch) => journals.append([batch])));
    t.deepEqual(await allOf(journals, journalA), chain(journalA, 30));
    t.deepEqual(await allOf(journals, journalB), chain(journalB, 30));
  });

  test(`${title}: two callers with two next batches: one of them wins`, async (t) => {
    const { journals } = await open();
    const rivals = ['left', 'right'].map((branch) => batchOf(journalA, 1, { branch }));
    const results = await Promise.allSettled(rivals.map((batch) => journals.append([batch])));
    t.is(results.filter(({ status }) => status === 'fulfilled').length, 1);
    t.is((await allOf(journals, journalA)).length, 1);
  });

  test(`${title}: small records are found by their id, and only theirs`, async (t) => {
    const { journals } = await open();
    const small = [smallOf('tiny'), smallOf(''), smallOf('x'.repeat(8192))];
    await journals.append([batchOf(journalA, 1, { small })]);
    for (const { id, body } of small) {
      t.true(journals.hasSmall(id));
      t.deepEqual(await journals.haveSmall([id, id]), [true, true]);
      t.deepEqual(await journals.readSmall(id), body);
    }
    const { id } = smallOf('never stored');
    t.false(journals.hasSmall(id));
    t.true(isVaultError(await t.throwsAsync(journals.readSmall(id)), 'chunk-missing'));
  });

  test(`${title}: a small record under a wrong id is damaged, then comes again`, async (t) => {
    const { journals } = await open();
    const good = smallOf('right');
    const wrong = { id: good.id, body: Buffer.from('wrong') };
    await journals.append([batchOf(journalA, 1, { small: [wrong] })]);
    t.deepEqual(await journals.haveSmall([good.id]), [true], 'as far as anybody knows');
    t.true(isVaultError(await t.throwsAsync(journals.readSmall(good.id)), 'damaged'));
    t.false(journals.hasSmall(good.id));
    t.deepEqual(await journals.haveSmall([good.id]), [false]);
    await journals.append([batchOf(journalA, 1, { small: [good] })]);
    t.deepEqual(await journals.readSmall(good.id), good.body);
    t.is((await allOf(journals, journalA)).length, 1);
  });

  test(`${title}: appending nothing is fine`, async (t) => {
    const { journals, statements } = await open();
    await journals.append([]);
    await statements.append([]);
    t.deepEqual(statements.all(), []);
  });

  test(`${title}: statements stay in order`, async (t) => {
    const { statements } = await open();
    await statements.append([Buffer.from('one'), Buffer.from('two')]);
    await Promise.all(['three', 'four'].map((text) => statements.append([Buffer.from(text)])));
    t.deepEqual(
      statements.all().map((bytes) => Buffer.from(bytes).toString()),
      ['one', 'two', 'three', 'four'],
    );
  });
}
