import test from 'ava';
import {
  describeGaps,
  dropSnapshot,
  findSnapshot,
  gapsOf,
  takeSnapshot,
} from '../../../agent/vault/snapshots.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';
import { treePublisher } from '../../helpers/tree-publisher.ts';
import type { VaultParts } from '../../../agent/vault/vault.ts';

function partsOf(device: TreeDevice): VaultParts {
  return {
    tree: device.tree,
    publisher: treePublisher(device),
    random: seededRandom(`snapshots ${device.id}`),
    clock: createManualClock(Date.UTC(2026, 10, 21)),
  } as unknown as VaultParts;
}

test('a snapshot names the batches that were there before it', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  nas.put('f', 'nas');
  laptop.hear(nas);
  laptop.put('g', 'laptop');
  const parts = partsOf(laptop);
  const snapshot = await takeSnapshot(parts, 'x');
  t.deepEqual(
    new Map(snapshot.vector),
    new Map([
      [nas.journal, 1],
      [laptop.journal, 1],
    ]),
  );
  t.is(snapshot.name, 'x');
  t.is((await takeSnapshot(parts, '')).name, '2026-11-21T00:00:00.000Z');
});

test('names that cannot be, and names that are taken, are refused', async (t) => {
  const device = new TreeDevice('a');
  const parts = partsOf(device);
  await takeSnapshot(parts, 'x');
  await t.throwsAsync(takeSnapshot(parts, 'x'), { message: /snapshot x: it exists already/ });
  for (const name of ['a/b', '..', 'x'.repeat(256)]) {
    await t.throwsAsync(takeSnapshot(parts, name), { name: 'VaultError' }, name);
  }
  t.is(device.tree.snapshots().length, 1);
});

test('a snapshot is found by its name, else by the beginning of its id', async (t) => {
  const device = new TreeDevice('a');
  const parts = partsOf(device);
  const first = await takeSnapshot(parts, 'x');
  const named = await takeSnapshot(parts, first.id);
  t.is(findSnapshot(device.tree, 'x').id, first.id);
  t.is(findSnapshot(device.tree, first.id).id, named.id, 'the name wins');
  t.is(findSnapshot(device.tree, first.id.slice(0, 8).toUpperCase()).id, first.id);
  t.throws(() => findSnapshot(device.tree, first.id.slice(0, 3)), { message: /is called so/ });
  t.throws(() => findSnapshot(device.tree, 'y'), { message: /no snapshot is called so/ });
});

test('two devices that gave one name at once: the id decides', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  await takeSnapshot(partsOf(laptop), 'x');
  await takeSnapshot(partsOf(nas), 'x');
  exchange(laptop, nas);
  t.throws(() => findSnapshot(laptop.tree, 'x'), { message: /2 snapshots are called so/ });
  const [first, second] = laptop.tree.snapshots();
  await dropSnapshot(partsOf(laptop), first!.id);
  exchange(laptop, nas);
  for (const { tree } of [laptop, nas]) t.is(findSnapshot(tree, 'x').id, second!.id);
  await t.throwsAsync(dropSnapshot(partsOf(nas), first!.id), { message: /is called so/ });
});

test('what is not here and what cannot be read are gaps; what does not count is none', async (t) => {
  const [laptop, nas, vps] = [new TreeDevice('a'), new TreeDevice('b'), new TreeDevice('c')];
  for (const device of [nas, vps]) {
    for (const name of ['f', 'g', 'h']) device.put(`${name}${device.id[0]!}`, 'x');
  }
  laptop.put('own', 'x');
  laptop.hear(nas, vps);
  const snapshot = await takeSnapshot(partsOf(laptop), 'x');
  const stored = new Map<JournalId, number>([
    [laptop.journal, 1],
    [nas.journal, 1],
    [vps.journal, 3],
  ]);
  const reach = {
    applied: new Map<JournalId, number>([
      [laptop.journal, 1],
      [nas.journal, 1],
      [vps.journal, 1],
    ]),
    stored: (journal: JournalId) => stored.get(journal) ?? 0,
    isUnreadable: (journal: JournalId) => journal === vps.journal,
  };
  const gaps = gapsOf(snapshot, reach);
  t.deepEqual(
    new Set(gaps),
    new Set([
      { journal: nas.journal, batches: 2, state: 'missing' as const },
      { journal: vps.journal, batches: 2, state: 'no-key' as const },
    ]),
  );
  t.is(
    describeGaps([gaps[0]!], labelOf),
    `2 batches of changes by ${labelOf(gaps[0]!.journal.slice(0, 32) as TreeDevice['id'])} ${
      gaps[0]!.state === 'missing' ? 'are not here' : 'cannot be read here'
    }`,
  );
  t.deepEqual(
    gapsOf(snapshot, { ...reach, isUnreadable: () => false }).map(({ journal }) => journal),
    [nas.journal],
  );
});
