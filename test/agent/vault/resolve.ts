import test from 'ava';
import { removeTreeOps } from '../../../agent/namespace/author.ts';
import { ConflictIndex } from '../../../agent/vault/conflict-index.ts';
import { clashesIn, clashAt, opOf, type Clash } from '../../../agent/vault/conflicts.ts';
import type { VaultPath } from '../../../agent/vault/path.ts';
import { publishResolution, resolve, type ResolveParts } from '../../../agent/vault/resolve.ts';
import { formatVersion } from '../../../agent/vault/version-id.ts';
import type { NodeId } from '../../../protocol/ids.ts';
import type { Op } from '../../../protocol/messages/op.ts';
import { Dice } from '../../helpers/dice.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { contentOf, exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';
import { treePublisher } from '../../helpers/tree-publisher.ts';

const pathOf = (path: string): VaultPath => path.split('/').map((name) => Buffer.from(name));

function partsOf(device: TreeDevice) {
  const publisher = treePublisher(device);
  const parts = {
    tree: device.tree,
    released: { isReleased: () => false, use: () => undefined },
    publisher,
    random: seededRandom(`resolve ${device.id}`),
    device: device.id,
    deviceName: labelOf,
  } as unknown as ResolveParts;
  return { parts, publisher };
}

const keep = (device: TreeDevice, path: string, what: string) =>
  resolve(partsOf(device).parts, pathOf(path), what);

const isSettled = (device: TreeDevice, path: string): boolean =>
  clashAt(device.tree, pathOf(path)) === undefined;

function edited(): [TreeDevice, TreeDevice] {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f.txt', 'base');
  exchange(laptop, nas);
  laptop.put('f.txt', 'laptop');
  nas.nowMs += 60_000;
  nas.put('f.txt', 'nas');
  exchange(laptop, nas);
  return [laptop, nas];
}

for (const [what, content] of [
  ['mine', 'laptop'],
  ['theirs', 'nas'],
] as const) {
  test(`keep ${what}: one file, the same on both devices, and nothing in conflict`, async (t) => {
    const [laptop, nas] = edited();
    const { entries, version } = await keep(laptop, 'f.txt', what);
    t.is(entries, 1, 'one operation');
    exchange(laptop, nas);
    for (const device of [laptop, nas]) {
      t.deepEqual(device.list(), ['f.txt']);
      t.is(device.read('f.txt'), content);
      t.true(isSettled(device, 'f.txt'));
      t.is(version, formatVersion(device.at('f.txt').version!.op));
    }
    t.deepEqual(laptop.tree.treeHash(), nas.tree.treeHash());
  });
}

test('keep a version by the beginning of its id, through a conflict name', async (t) => {
  const [laptop] = edited();
  const name = laptop.list()!.find((each) => each.includes('(conflict'))!;
  const version = formatVersion(laptop.at(name).version!.op);
  await keep(laptop, name, version.slice(0, 6).toUpperCase());
  t.deepEqual(laptop.list(), ['f.txt']);
  t.is(laptop.read('f.txt'), 'laptop');
});

test('keep both: the loser becomes an ordinary file under the name that it is shown under', async (t) => {
  const [laptop, nas] = edited();
  const shown = laptop.list()!;
  await keep(laptop, 'f.txt', 'both');
  exchange(laptop, nas);
  for (const device of [laptop, nas]) {
    t.deepEqual(device.list(), shown);
    t.is(device.read('f.txt'), 'nas');
    t.is(device.read(shown[0]!), 'laptop');
    t.false(device.at(shown[0]!).conflict);
    t.true(isSettled(device, 'f.txt') && isSettled(device, shown[0]!));
  }
  // Each goes its own way from now on.
  nas.put(shown[0]!, 'changed');
  t.is(nas.read('f.txt'), 'nas');
});

test('two devices that settle one conflict in the same way at once agree', async (t) => {
  for (const what of ['both', 'mine']) {
    const [laptop, nas] = edited();
    await keep(laptop, 'f.txt', what);
    await keep(nas, 'f.txt', what === 'mine' ? 'theirs' : what);
    exchange(laptop, nas);
    t.true(isSettled(laptop, 'f.txt'), what);
    t.is(laptop.list()?.length, what === 'both' ? 2 : 1, what);
    t.deepEqual(laptop.tree.treeHash(), nas.tree.treeHash());
  }
});

test('an edit that the decision did not see stays in conflict', async (t) => {
  const [laptop, nas] = edited();
  await keep(laptop, 'f.txt', 'mine');
  nas.put('f.txt', 'nas again');
  exchange(laptop, nas);
  const contents = clashAt(laptop.tree, pathOf('f.txt'))!.rows.map(({ version }) =>
    version!.content.type === 'empty' ? 0 : version!.content.size,
  );
  t.deepEqual(contents.sort(), ['laptop'.length, 'nas again'.length].sort());
});

test('files that want one name: the loser makes way, and has one history with the winner', async (t) => {
  for (const what of ['mine', 'theirs'] as const) {
    const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
    laptop.put('f', 'laptop');
    nas.put('f', 'nas');
    exchange(laptop, nas);
    const keeper = laptop.at('f').node.id;
    await keep(laptop, 'f', what);
    exchange(laptop, nas);
    for (const device of [laptop, nas]) {
      t.deepEqual(device.list(), ['f']);
      t.is(device.read('f'), what === 'mine' ? 'laptop' : 'nas');
      t.is(device.at('f').node.id, keeper, 'the file that has the name goes on');
    }
    const move = laptop.batches.flatMap(({ body }) => body.ops).find(({ type }) => type === 'move');
    t.is(move?.type === 'move' ? move.over?.heads.length : 0, 1, 'history follows what made way');
  }
});

test('files that want one name, both kept', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  exchange(laptop, nas);
  const shown = laptop.list();
  await keep(nas, 'f', 'both');
  exchange(laptop, nas);
  t.deepEqual(laptop.list(), shown);
  t.true(isSettled(laptop, 'f'));
});

test('a directory keeps its name: a file that wants it can only get another one', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.makeDirectory('x');
  nas.put('x', 'nas');
  exchange(laptop, nas);
  const error = await t.throwsAsync(keep(laptop, 'x', 'theirs'), { code: 'conflict' });
  t.regex(String((error as unknown as { next: string }).next), /--keep both/);
  await keep(laptop, 'x', 'both');
  t.true(isSettled(laptop, 'x'));
  t.deepEqual(laptop.list()?.[0], 'x');
  t.is(laptop.list()?.length, 2);
});

test('what was deleted and changed at once: keeping it makes it an ordinary file again', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'base');
  exchange(laptop, nas);
  laptop.say(removeTreeOps(laptop.tree, laptop.at('f')));
  nas.put('f', 'edited');
  exchange(laptop, nas);
  await t.throwsAsync(keep(laptop, 'f', 'mine'), { code: 'conflict' });
  await keep(laptop, 'f', 'theirs');
  exchange(laptop, nas);
  for (const device of [laptop, nas]) {
    t.is(device.read('f'), 'edited');
    t.false(device.tree.isShownAgain(device.at('f').entry, device.at('f').node.id));
    t.true(isSettled(device, 'f'));
  }
});

test('a word that means none or several lists what there is to choose from', async (t) => {
  const [laptop, nas] = edited();
  const vps = new TreeDevice('c');
  exchange(laptop, nas, vps);
  const error = await t.throwsAsync(keep(vps, 'f.txt', 'theirs'), { code: 'conflict' });
  t.regex(error?.message ?? '', /theirs means 2 .*[0-9a-f]{16} by dev-b, [0-9a-f]{16} by dev-a/);
  await t.throwsAsync(keep(vps, 'f.txt', 'mine'), { message: /mine means none/ });
  await t.throwsAsync(keep(vps, 'f.txt', 'zz'), { code: 'conflict' });
  await t.throwsAsync(keep(vps, 'gone', 'mine'), { code: 'not-found' });
  vps.put('alone', 'x');
  await t.throwsAsync(keep(vps, 'alone', 'mine'), {
    code: 'not-found',
    message: /nothing is in conflict/,
  });
});

test('a new content takes the place of the versions that it names, and of no other', async (t) => {
  const [laptop, nas] = edited();
  const versions = clashAt(laptop.tree, pathOf('f.txt'))!.rows.map(({ version }) =>
    formatVersion(version!.op),
  );
  const file = {
    item: {
      path: pathOf('f.txt'),
      kind: 'file',
      size: 6,
      mode: 0o600,
      mtime: { seconds: 1, nanoseconds: 2 },
      target: undefined,
      fingerprint: Buffer.alloc(0),
    },
    content: contentOf('merged'),
    contribution: { chunksAdded: [] },
  } as const;
  const { parts, publisher } = partsOf(laptop);
  const version = await publishResolution(parts, file, versions);
  t.is(publisher.contributions.length, 1);
  t.is(publisher.contributions[0]?.chunksAdded, file.contribution.chunksAdded);
  t.is(laptop.read('f.txt'), 'merged');
  t.is(laptop.at('f.txt').version?.mode, 0o600);
  t.is(formatVersion(laptop.at('f.txt').version!.op), version);
  nas.put('f.txt', 'unseen');
  exchange(laptop, nas);
  t.is(clashAt(nas.tree, pathOf('f.txt'))?.rows.length, 2);
  await t.throwsAsync(publishResolution(partsOf(nas).parts, file, versions), {
    code: 'conflict',
    message: /other versions/,
  });
});

test('more versions than one operation may name go in several steps', async (t) => {
  for (const what of ['one', 'both']) {
    const laptop = new TreeDevice('a');
    laptop.put('f', 'base');
    const node = laptop.at('f').node.id;
    for (let at = 0; at < 70; at += 1) {
      const content = contentOf(`version ${String(at)}`);
      laptop.say([{ type: 'write', node, supersedes: [], content, attributes: {}, replaces: [] }]);
    }
    const version = formatVersion(laptop.at('f').version!.op);
    await keep(laptop, 'f', what === 'one' ? version : what);
    t.true(isSettled(laptop, 'f'), what);
    t.is(laptop.list()?.length, what === 'one' ? 1 : 71);
    t.is(laptop.read('f'), 'version 69');
    t.is(laptop.tree.rejected, 0);
  }
});

/** There is no store here to read a manifest from. */
function withoutManifest(op: Op): Op {
  if ((op.type !== 'make' && op.type !== 'write') || op.content?.type !== 'manifest') return op;
  const { manifest: chunk } = op.content;
  return { ...op, content: { type: 'chunk', size: chunk.plainLength, chunk } };
}

/** Every conflict of a tree. */
function clashes(device: TreeDevice): Clash[] {
  const { tree } = device;
  const below = (directory: NodeId, path: VaultPath): Clash[] => [
    ...clashesIn(tree, { node: directory, directory: path }),
    ...(tree.list(directory) ?? []).flatMap(({ node, name }) =>
      node.kind === 'directory' ? below(node.id, [...path, name]) : [],
    ),
  ];
  return below(tree.root().id, []);
}

test('after random histories every conflict can be settled, and all devices see it', async (t) => {
  let settled = 0;
  for (let seed = 1; seed <= 80; seed += 1) {
    const dice = new Dice(seed);
    const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
    for (let step = 0; step < 60; step += 1) {
      const device = dice.pick(devices);
      if (dice.chance(0.85)) {
        for (const ops of honestOps(dice, device.tree)) {
          if (ops.length > 0) device.say(ops.map(withoutManifest));
        }
      } else device.hear(dice.pick(devices));
    }
    exchange(...devices);
    for (let round = 0; ; round += 1) {
      const device = dice.pick(devices);
      const [clash] = clashes(device);
      if (clash === undefined) break;
      t.true(round < 200, `seed ${String(seed)}: it comes to an end`);
      await settleOne(device, clash, dice);
      settled += 1;
      exchange(...devices);
    }
    const hashes = new Set(devices.map(({ tree }) => tree.treeHash().toString('hex')));
    t.is(hashes.size, 1, `seed ${String(seed)}`);
    const index = new ConflictIndex(createManualClock());
    t.deepEqual(await index.directories(devices[0]!.tree), []);
  }
  t.true(settled > 100, `${String(settled)} conflicts`);

  async function settleOne(device: TreeDevice, clash: Clash, dice: Dice): Promise<void> {
    const { tree } = device;
    const path = [
      ...clash.directory,
      dice.pick([clash.name, ...clash.rows.map(({ name }) => name)]),
    ];
    const row = dice.pick(clash.rows);
    const hasDirectory = clash.rows.some(({ node }) => node.kind === 'directory');
    const both = dice.chance(0.4) || (hasDirectory && clash.rows.length > 1);
    const { content } = row.version ?? {};
    const node = row.node.id;
    const what = both ? 'both' : formatVersion(opOf(tree, row)!);
    await resolve(partsOf(device).parts, path, what);
    t.is(clashAt(tree, [...clash.directory, clash.name]), undefined, `settled: ${what}`);
    if (both) return;
    const shown = tree.resolve([...clash.directory, clash.name]);
    t.deepEqual(shown?.version?.content, content, 'what was chosen is shown');
    if (content === undefined) t.is(shown?.node.id, node);
  }
});
