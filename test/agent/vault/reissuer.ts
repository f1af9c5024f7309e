import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import { rootNodeId, splitJournalId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import type { Op } from '../../../protocol/messages/op.ts';
import { openStored } from '../../../agent/vault/load-tree.ts';
import type { IndexedStore, StoredBatch } from '../../../agent/store/store.ts';
import { Desk } from '../../helpers/journal-desk.ts';
import { smallVault } from '../../helpers/small-vault.ts';

const id = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(16);

function makeOf(kind: 'directory' | 'symlink', byte: number, parent: NodeId, name: string): Op {
  return {
    type: 'make',
    node: id(byte) as NodeId,
    kind,
    entry: id(byte + 100) as EntryId,
    parent,
    name: Buffer.from(name),
    attributes: { mode: 0o755 },
    ...(kind === 'symlink' && { target: Buffer.from('elsewhere') }),
  };
}

/** A restored home that has written a little of everything, and the two batches that show it the fork. */
async function restored(
  seed: string,
): Promise<{ store: IndexedStore; open: () => Promise<Desk>; foreign: readonly StoredBatch[] }> {
  const vault = smallVault(seed);
  const identity = vault.admit('writer');
  const first = await Desk.open(vault, { identity, seed: `${seed} first` });
  await first.put('kept', 1);
  const { incarnation } = splitJournalId(first.journal);
  const store = await first.copyStore();
  await first.put('forgotten', 2);
  const foreign = (await first.batches()).slice(-1);
  const back = await Desk.open(vault, { identity, store, incarnation, seed: `${seed} back` });
  const directory = id(1) as NodeId;
  await back.put('file', 3);
  await back.say(
    makeOf('directory', 1, rootNodeId, 'dir'),
    makeOf('symlink', 2, directory, 'link'),
    makeOf('directory', 3, directory, 'gone'),
  );
  await back.put('file', 4);
  await back.say(
    {
      type: 'remove-directory',
      node: id(3) as NodeId,
      replaces: back.tree.livenessOpsOf(id(3) as NodeId),
    },
    {
      type: 'move',
      node: directory,
      entry: id(101) as EntryId,
      parent: rootNodeId,
      name: Buffer.from('moved'),
      replaces: back.tree.positionOpsOf(id(101) as EntryId, directory),
    },
  );
  await back.put('kept', 5);
  await back.publisher.publish({
    keys: [],
    build: () => ({ ops: [], chunksAdded: [{ id: 'cc'.repeat(32) as never, length: 100 }] }),
  });
  let count = 0;
  const open = (): Promise<Desk> => {
    count += 1;
    return Desk.open(vault, { identity, store, seed: `${seed} life ${String(count)}` });
  };
  return { store, open, foreign };
}

function pictureOf(desk: Desk): string {
  const below = (path: Buffer[]): string[] =>
    desk.tree.list(desk.tree.resolve(path)?.node.id ?? rootNodeId)!.flatMap((row) => {
      const at = [...path, row.name];
      const content = row.version?.content;
      const size = content === undefined || content.type === 'empty' ? '' : String(content.size);
      const own = `${at.map(String).join('/')} ${row.node.kind} ${size}`;
      return row.node.kind === 'directory' ? [own, ...below(at)] : [own];
    });
  return below([]).join('\n');
}

async function countSaidAgain(desk: Desk): Promise<number> {
  let count = 0;
  for (const { journal } of desk.store.journals.tips()) {
    for await (const stored of desk.store.journals.read(journal, 0)) {
      const batch = openStored(stored, (epoch) => desk.members.keyring().epoch(epoch)?.opKey)!;
      for (const note of batch.body.reissued ?? []) count += note.count;
    }
  }
  return count;
}

test('everything that only the hidden branch says is said again, and means the same', async (t) => {
  const { open, foreign } = await restored('meaning');
  const desk = await open();
  const before = pictureOf(desk);
  t.is(
    before,
    ['file file 4', 'kept file 5', 'moved directory ', 'moved/link symlink '].join('\n'),
  );
  for (const batch of foreign) await desk.receive(batch);
  await desk.settle();
  t.is(pictureOf(desk), before);
  t.deepEqual(desk.reissued, [8]);
  const rows = await desk.book.rows();
  t.deepEqual(
    rows.map(({ state, counts }) => [state, counts]),
    [
      ['forked', 1],
      ['counts', 6],
    ],
  );
  // What needs a chunk names it, in the new journal too.
  const named: string[] = [];
  for await (const stored of desk.store.journals.read(desk.journal, 0)) {
    const batch = openStored(stored, (epoch) => desk.members.keyring().epoch(epoch)?.opKey)!;
    named.push(...batch.header.chunksReused.map((chunk) => chunk.id));
    t.is(batch.body.reissued?.length, 1);
  }
  t.deepEqual(named, ['cc'.repeat(32)]);
  await desk.settle();
  t.deepEqual(desk.reissued, [8], 'once');
});

test('an operation that follows sees what was said again, not the hidden one', async (t) => {
  const { open, foreign } = await restored('follows');
  const desk = await open();
  for (const batch of foreign) await desk.receive(batch);
  await desk.settle();
  await desk.put('file', 9);
  t.true(desk.shows().includes('file 9'));
  t.is(desk.shows().filter((row) => row.startsWith('file')).length, 1);
});

test('a stop anywhere in the middle says nothing twice and loses nothing', async (t) => {
  const whole = await restored('stops');
  const desk = await whole.open();
  for (const batch of whole.foreign) await desk.receive(batch);
  await desk.settle();
  const picture = pictureOf(desk);
  for (let stopAfter = 0; stopAfter < 7; stopAfter += 1) {
    const { store, open, foreign } = await restored(`stops ${String(stopAfter)}`);
    const { append } = store.journals;
    let left = Infinity;
    Object.assign(store.journals, {
      append: (batches: readonly StoredBatch[]) => {
        if (left < 1) return Promise.reject(new VaultError('io', { op: 'test' }));
        left -= 1;
        return append(batches);
      },
    });
    const first = await open();
    for (const batch of foreign) await first.receive(batch);
    await first.door.idle();
    left = stopAfter;
    await first.settle();
    left = Infinity;
    // The journal that it was writing goes on, or another one: both are allowed.
    const second = await open();
    await second.settle();
    t.is(pictureOf(second), picture, `after ${String(stopAfter)}`);
    t.is(await countSaidAgain(second), 8, 'each once');
    const third = await open();
    await third.settle();
    t.deepEqual(third.reissued, []);
    t.is(pictureOf(third), picture);
  }
});

test('what counts after all is not said again', async (t) => {
  const { open, foreign } = await restored('chosen');
  const desk = await open();
  for (const batch of foreign) await desk.receive(batch);
  await desk.door.idle();
  await desk.kept.refresh();
  const row = (await desk.book.rows())[0]!;
  const own = row.branches.find(({ last }) => last === row.sequence)!;
  const { device, incarnation } = splitJournalId(`${row.deviceId}${row.incarnation}` as never);
  await desk.members.issue((log) => [
    log.issue(desk.vault.owner, {
      type: 'choose-branch',
      device,
      incarnation,
      sequence: row.forkedAt!,
      hash: own.hash as never,
    }),
  ]);
  await desk.settle();
  t.deepEqual(desk.reissued, []);
  t.true(desk.shows().includes('file 4'));
});
