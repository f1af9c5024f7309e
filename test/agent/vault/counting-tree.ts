import test from 'ava';
import fc from 'fast-check';
import { Desk, deskOf, meet } from '../../helpers/journal-desk.ts';
import { revocationOf, smallVault } from '../../helpers/small-vault.ts';
import { splitJournalId } from '../../../protocol/ids.ts';

/** A device and a copy of it that has gone another way, and a third one that knows neither's news. */
async function forked(seed: string): Promise<{ one: Desk; copy: Desk; third: Desk }> {
  const vault = smallVault(seed);
  const identity = vault.admit('writer');
  const third = await Desk.open(vault, { identity: vault.first, seed: `${seed} third` });
  const one = await Desk.open(vault, { identity, seed: `${seed} one` });
  await one.put('before', 1);
  await one.put('edited', 2);
  await third.takeFrom(one);
  const { incarnation } = splitJournalId(one.journal);
  const store = await one.copyStore();
  const copy = await Desk.open(vault, { identity, store, incarnation, seed: `${seed} copy` });
  await one.put('edited', 3);
  await one.put('one', 4);
  await copy.put('edited', 5);
  await copy.put('copy', 6);
  return { one, copy, third };
}

test('a fork hides what comes behind it, and what both sides said is issued again', async (t) => {
  const { one, copy, third } = await forked('hides');
  await third.takeFrom(one);
  t.deepEqual(third.shows(), ['before 1', 'edited 3', 'one 4']);
  // The copy has not heard of anything and says nothing again yet.
  for (const batch of await copy.batches()) await third.receive(batch);
  await third.settle();
  t.is(third.rebuilt, 1);
  t.deepEqual(third.shows(), ['before 1', 'edited 2'], 'only the common part');
  await meet(one, copy, third);
  const rows = third.shows();
  for (const desk of [one, copy]) t.deepEqual(desk.shows(), rows);
  for (const said of ['before 1', 'one 4', 'copy 6']) t.true(rows.includes(said), rows.join());
  const edits = rows.filter((row) => row.startsWith('edited'));
  t.deepEqual(
    edits.map((row) => row.split(' ').at(-1)).sort(),
    ['3', '5'],
    'a conflict, nothing lost',
  );
  t.is((await third.book.rows()).length, 3, 'the forked journal, and a new one of each side');
});

test('a choice brings a branch back everywhere, whoever hears of it when', async (t) => {
  const { one, copy, third } = await forked('choice');
  for (const batch of await one.batches()) await third.receive(batch);
  for (const batch of await copy.batches()) await third.receive(batch);
  await third.settle();
  const [row] = await third.book.rows();
  t.is(row?.state, 'forked');
  t.is(row?.forkedAt, 3);
  t.is(row?.hidden, 4);
  t.deepEqual(
    row?.branches.map(({ here }) => here),
    [true, true],
  );
  const wanted = copy.store.journals.tip(copy.journal)!;
  const branch = row!.branches.find(
    ({ hash }) => hash !== third.store.journals.branches()[0]?.hash,
  )!;
  t.truthy(branch);
  const chosen = await third.book.choose({ ...row!, sequence: 3, hash: branch.hash });
  t.is(chosen.state, 'counts');
  t.is(chosen.counts, wanted.sequence);
  t.is(third.book.waiting().length, 0);
  const shown = third.shows();
  t.is(shown.length, 3);
  await meet(copy, third, one);
  for (const desk of [one, copy]) t.deepEqual(desk.shows(), third.shows());
  t.true(third.shows().includes('one 4') && third.shows().includes('copy 6'));
  // Named again, the other branch takes its place.
  const other = row!.branches.find(({ hash }) => hash !== branch.hash)!;
  await third.book.choose({ journal: row!.journal, sequence: 3, hash: other.hash.slice(0, 12) });
  await meet(third, one, copy);
  for (const desk of [one, copy]) t.deepEqual(desk.shows(), third.shows());
  t.is((await one.book.rows()).filter(({ state }) => state === 'forked').length, 0);
});

test('only the owner and admins choose, and only what is there', async (t) => {
  const { one, copy, third } = await forked('who');
  await one.takeFrom(copy);
  const row = (await one.book.rows()).find(({ state }) => state === 'forked')!;
  const choice = { journal: row.journal, sequence: 3, hash: row.branches[0]!.hash };
  await t.throwsAsync(one.book.choose(choice), { message: /only the owner and admins/ });
  await t.throwsAsync(third.book.choose(choice), { message: /no fork of this journal is known/ });
  await third.takeFrom(one);
  await t.throwsAsync(third.book.choose({ ...choice, hash: 'beef' }), {
    message: /the branches known at 3 are/,
  });
  await t.throwsAsync(third.book.choose({ ...choice, sequence: 2 }), { message: /no fork/ });
  await t.throwsAsync(third.book.choose({ ...choice, journal: 'ffff/00' }), { message: /no such/ });
});

test('whatever the order of branches, proofs, choices and statements: one tree', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.infiniteStream(fc.nat()), async (seed, order) => {
      const { one, copy, third } = await forked(`order ${String(seed)}`);
      await meet(third, one, copy);
      const row = (await third.book.rows()).find(({ state }) => state === 'forked')!;
      const { hash } = row.branches[seed % 2]!;
      if (seed % 3 > 0) await third.book.choose({ journal: row.journal, sequence: 3, hash });
      await meet(third, one, copy);
      // Somebody new hears of it all in any order, again and again, as far as it can take it in.
      const late = await Desk.open(third.vault, { identity: third.vault.first, seed: 'late' });
      const news: (() => Promise<unknown>)[] = [
        ...(await third.batches()).map((batch) => () => late.receive(batch)),
        ...third.lines.proofs().map((proof) => () => late.learnForks([proof])),
        () => late.members.learn(third.members.statements()),
      ];
      for (let round = 0; round < 40; round += 1) {
        for (const item of shuffled(news, order)) {
          await item();
          if ((order.next().value as number) % 16 === 0) await late.settle();
        }
        await late.door.idle();
        if ((await late.batches()).length === (await third.batches()).length) break;
      }
      await late.settle();
      if (late.shows().join() !== third.shows().join()) {
        throw new Error(`${late.shows().join()} instead of ${third.shows().join()}`);
      }
      if (!late.tree.treeHash().equals(third.tree.treeHash())) throw new Error('another tree');
    }),
    { numRuns: 12 },
  );
  t.pass();
});

test('what a device wrote beyond its revocation is kept and hidden, and comes back', async (t) => {
  const vault = smallVault('cut');
  const third = await Desk.open(vault, { identity: vault.first, seed: 'third' });
  const writer = await deskOf(vault, 'writer', 'writer');
  await third.members.learn(vault.log.all());
  for (const name of ['a', 'b', 'c']) await writer.put(name, name.charCodeAt(0));
  await third.takeFrom(writer);
  t.is(third.shows().length, 3);
  const { incarnation } = splitJournalId(writer.journal);
  const batches = await writer.batches();
  const cutAt = (sequence: number) =>
    third.members.issue((log) => [
      log.issue(vault.owner, {
        ...revocationOf(writer.identity),
        lastBatches: [{ incarnation, sequence, hash: batches[sequence - 1]!.hash }],
      }),
    ]);
  await cutAt(1);
  await third.settle();
  t.deepEqual(third.shows(), ['a 97']);
  const row = (await third.book.rows()).find(
    ({ deviceId }) => deviceId === writer.identity.device,
  )!;
  t.is(row.state, 'cut-off');
  t.deepEqual([row.sequence, row.counts, row.hidden], [3, 1, 2]);

  // It does not know, names the heads that it knows from before, and goes on: nothing of that counts.
  await writer.put('d', 1);
  const [fourth] = (await writer.batches()).slice(-1);
  t.is(await third.receive(fourth!), 'queued', 'kept');
  await third.settle();
  t.deepEqual(third.shows(), ['a 97']);
  writer.publisher.openNewJournal();
  await writer.put('e', 1);
  await third.takeFrom(writer);
  t.deepEqual(third.shows(), ['a 97'], 'nor does a fresh journal');

  await cutAt(3);
  await third.settle();
  t.deepEqual(third.shows(), ['a 97', 'b 98', 'c 99']);
  const late = await Desk.open(vault, { identity: vault.first, seed: 'late' });
  await late.takeFrom(third);
  t.deepEqual(late.shows(), third.shows());
});

test('nothing that a reader or a blind device signs counts', async (t) => {
  const vault = smallVault('readers');
  const third = await Desk.open(vault, { identity: vault.first, seed: 'third' });
  const writer = await deskOf(vault, 'writer', 'writer');
  await third.members.learn(vault.log.all());
  await writer.put('kept', 1);
  await third.takeFrom(writer);
  t.deepEqual(third.shows(), ['kept 1']);
  const member = third.members.current().members.get(writer.identity.device)!;
  for (const [capabilities, shown] of [
    [3, []],
    [1, []],
    [7, ['kept 1']],
  ] as const) {
    await third.members.issue((log) => [
      log.issue(vault.owner, {
        type: 'grant',
        certificate: { ...member, capabilities },
        memberKey: undefined,
        epochs: [],
        ticket: undefined,
        lastBatches: [],
      }),
    ]);
    await third.settle();
    t.deepEqual(third.shows(), [...shown], String(capabilities));
  }
});

function shuffled<T>(items: readonly T[], order: Iterator<number>): T[] {
  return items
    .map((item) => [item, order.next().value as number] as const)
    .sort(([, a], [, b]) => a - b)
    .map(([item]) => item);
}

test('what was folded here counts, also when the word of who folded it does not any more', async (t) => {
  const vault = smallVault('folded here');
  const third = await Desk.open(vault, { identity: vault.first, seed: 'folded here third' });
  const writer = await deskOf(vault, 'writer', 'folded here writer');
  await third.members.learn(vault.log.all());
  for (const [at, name] of ['a', 'b', 'c'].entries()) await writer.put(name, at + 1);
  await third.takeFrom(writer);
  const batches = await writer.batches();
  const { incarnation } = splitJournalId(writer.journal);
  const last = { sequence: 2, hash: batches[1]!.hash };
  third.counting.beginAt({
    places: new Map([[writer.journal, last.sequence]]),
    hashAt: () => last.hash,
  });
  await third.members.issue((log) => [
    log.issue(vault.owner, {
      ...revocationOf(writer.identity),
      lastBatches: [{ incarnation, sequence: 1, hash: batches[0]!.hash }],
    }),
  ]);
  await third.counting.refresh();
  t.is(third.counting.tip(writer.journal)?.sequence, 2);
  t.is(await third.counting.hashAt(writer.journal, 2), last.hash);
});
