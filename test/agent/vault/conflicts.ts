import test from 'ava';
import { renameOp, removeTreeOps } from '../../../agent/namespace/author.ts';
import { ConflictIndex } from '../../../agent/vault/conflict-index.ts';
import { conflictsBelow, type ConflictParts } from '../../../agent/vault/conflicts.ts';
import type { VaultPath } from '../../../agent/vault/path.ts';
import { formatVersion } from '../../../agent/vault/version-id.ts';
import { rootNodeId } from '../../../protocol/ids.ts';
import { control as limits } from '../../../protocol/limits.ts';
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { MemoryHistory } from '../../helpers/memory-history.ts';
import { contentOf, exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';

const pathOf = (path: string): VaultPath =>
  path
    .split('/')
    .filter((name) => name !== '')
    .map((name) => Buffer.from(name));

/** What `device` answers, with everything known that `others` said. */
async function conflicts(
  device: TreeDevice,
  others: readonly TreeDevice[],
  path = '',
): Promise<Conflict[]> {
  const history = new MemoryHistory();
  for (const { batches } of [device, ...others]) history.observe(batches);
  const parts = {
    tree: device.tree,
    device: device.id,
    deviceName: labelOf,
    history,
    conflicts: new ConflictIndex(createManualClock()),
  } as unknown as ConflictParts;
  const found: Conflict[] = [];
  for await (const conflict of conflictsBelow(parts, pathOf(path))) found.push(conflict);
  return found;
}

const namesIn = ({ versions }: Conflict): string[] => versions.map(({ name }) => name.toString());

function edited(): [TreeDevice, TreeDevice] {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.makeDirectory('docs');
  laptop.put('docs/f.txt', 'base');
  exchange(laptop, nas);
  laptop.put('docs/f.txt', 'from the laptop');
  nas.nowMs += 60_000;
  nas.put('docs/f.txt', 'nas');
  exchange(laptop, nas);
  return [laptop, nas];
}

test('two edits: both versions, who wrote them, their names, and where they come from', async (t) => {
  const [laptop, nas] = edited();
  const [conflict, ...others] = await conflicts(laptop, [nas]);
  t.deepEqual(others, []);
  t.is(conflict?.path.toString(), 'docs/f.txt');
  t.is(conflict?.kind, 'edit');
  t.is(conflict?.versionsOmitted, 0);
  const [latest, older] = conflict!.versions;
  t.deepEqual(
    [latest?.author, latest?.own, latest?.size, latest?.name.toString()],
    ['dev-b', false, 3, 'f.txt'],
  );
  t.deepEqual([older?.author, older?.own, older?.size], ['dev-a', true, 15]);
  t.regex(older?.name.toString() ?? '', /^f \(conflict 2026-11-21 dev-a [0-9a-f]{4}\)\.txt$/);
  t.is(latest?.version, formatVersion(laptop.at('docs/f.txt').version!.op));
  t.is(latest?.timeMs, laptop.at('docs/f.txt').version?.stamp.wallMs);
  t.is(conflict?.ancestor?.size, 4);
  t.is(conflict?.ancestor?.author, 'dev-a');
  // The other device says the same, but for who it is.
  const [other] = await conflicts(nas, [laptop]);
  t.deepEqual(
    other?.versions.map((version) => ({ ...version, own: !version.own })),
    conflict?.versions,
  );
});

test('a path may be the name, a name that a version is shown under, or a directory above', async (t) => {
  const [laptop, nas] = edited();
  laptop.put('docs/g', 'laptop');
  nas.put('docs/g', 'nas');
  exchange(laptop, nas);
  const suffixed = laptop.list('docs')!.find((name) => name.startsWith('f (conflict'))!;
  for (const path of ['docs/f.txt', `docs/${suffixed}`]) {
    const found = await conflicts(laptop, [nas], path);
    t.deepEqual(
      found.map(({ path: shown }) => shown.toString()),
      ['docs/f.txt'],
      path,
    );
  }
  t.is((await conflicts(laptop, [nas], 'docs')).length, 2);
  t.is((await conflicts(laptop, [nas], 'do')).length, 0);
  t.is((await conflicts(laptop, [nas], 'docs/f.txt/below')).length, 0);
});

test('files that want one name: no common past', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'laptop');
  nas.put('f', 'nas');
  exchange(laptop, nas);
  const [conflict] = await conflicts(laptop, [nas]);
  t.is(conflict?.kind, 'name');
  t.is(conflict?.ancestor, undefined);
  t.is(conflict?.versions.length, 2);
  t.is(namesIn(conflict!)[0], 'f');
});

test('files that were saved by renaming on both sides are two edits of one file', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'base');
  exchange(laptop, nas);
  for (const device of [laptop, nas]) {
    device.put('f~', device.id);
    const place = { parent: rootNodeId, name: Buffer.from('f') };
    device.say(renameOp(device.tree, device.at('f~'), place));
  }
  exchange(laptop, nas);
  const [conflict] = await conflicts(laptop, [nas]);
  t.is(conflict?.kind, 'edit');
  t.is(conflict?.ancestor?.size, 4);
});

test('a file and a directory that want one name', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.makeDirectory('x');
  nas.put('x', 'nas');
  exchange(laptop, nas);
  const [conflict] = await conflicts(laptop, [nas]);
  t.is(conflict?.kind, 'name');
  t.deepEqual(
    conflict?.versions.map(({ kind }) => kind),
    ['directory', 'file'],
  );
  t.true(conflict?.versions.every(({ version }) => version !== undefined));
});

test('directories of one name are no conflict', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.makeDirectory('x');
  nas.makeDirectory('x');
  exchange(laptop, nas);
  t.deepEqual(await conflicts(laptop, [nas]), []);
});

test('an edit that a deletion did not see is shown again, and told of', async (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'base');
  exchange(laptop, nas);
  laptop.say(removeTreeOps(laptop.tree, laptop.at('f')));
  nas.put('f', 'edited');
  exchange(laptop, nas);
  const [conflict] = await conflicts(laptop, [nas]);
  t.is(conflict?.kind, 'deleted');
  t.deepEqual(namesIn(conflict!), ['f']);
  t.is(conflict?.versions[0]?.author, 'dev-b');
});

test('more versions than one message takes are counted', async (t) => {
  const laptop = new TreeDevice('a');
  laptop.put('f', 'base');
  const node = laptop.at('f').node.id;
  for (let at = 0; at < limits.conflictVersionsMax + 3; at += 1) {
    const content = contentOf(`version ${String(at)}`);
    laptop.say([{ type: 'write', node, supersedes: [], content, attributes: {}, replaces: [] }]);
  }
  const [conflict] = await conflicts(laptop, []);
  t.is(conflict?.versions.length, limits.conflictVersionsMax);
  t.is(conflict?.versionsOmitted, 4);
});
