import fc from 'fast-check';
import test from 'ava';
import { logOf } from '../../../agent/vault/path-log.ts';
import { findVersion } from '../../../agent/vault/past-versions.ts';
import { formatVersion } from '../../../agent/vault/version-id.ts';
import {
  linkOps,
  removeTreeOps,
  renameOp,
  setAttributesOp,
} from '../../../agent/namespace/author.ts';
import { rootNodeId, type EntryId, type NodeId } from '../../../protocol/ids.ts';
import type { LogRow } from '../../../protocol/messages/control-history.ts';
import { Dice } from '../../helpers/dice.ts';
import { honestOps } from '../../helpers/namespace-work.ts';
import { pastOf, type Past } from '../../helpers/past.ts';
import { contentOf, exchange, nextId, TreeDevice } from '../../helpers/tree-device.ts';

const pathOf = (text: string): Buffer[] => text.split('/').map((part) => Buffer.from(part));

async function rowsOf(past: Past, path: string): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for await (const row of logOf(past, path === '' ? [] : pathOf(path))) rows.push(row);
  return rows;
}

const told = async (past: Past, path: string): Promise<string[]> =>
  (await rowsOf(past, path)).map(({ what, path: at, from }) =>
    [what, at.toString(), ...(from === undefined ? [] : [from.toString()])].join(' '),
  );

const move = (device: TreeDevice, from: string, parent: NodeId, name: string): void => {
  device.say(renameOp(device.tree, device.at(from), { parent, name: Buffer.from(name) }));
};

test('a file: made, changed, renamed, moved, its mode, removed, the latest first', async (t) => {
  const a = new TreeDevice('a');
  const docs = a.makeDirectory('docs');
  a.put('x', 'one');
  a.put('x', 'two');
  a.say([setAttributesOp(a.tree, a.at('x').node.id, { mode: 0o600 })]);
  move(a, 'x', rootNodeId, 'y');
  move(a, 'y', docs, 'y');
  const shown = a.at('docs/y').version!.op;
  const past = pastOf(a, [a]);
  t.deepEqual(await told(past, 'docs/y'), [
    'moved docs/y y',
    'renamed y x',
    'mode x',
    'changed x',
    'created x',
  ]);
  const rows = await rowsOf(past, 'docs/y');
  t.is(rows[2]?.mode, 0o600);
  t.deepEqual(
    rows.map(({ isCurrent }) => isCurrent),
    [false, false, false, true, false],
  );
  t.is(rows[3]?.version, formatVersion(shown));
  t.deepEqual([rows[4]?.size, rows[4]?.author, rows[4]?.deviceId], [3, 'dev-a', a.id]);
  a.say(removeTreeOps(a.tree, a.at('docs/y')));
  await past.history.rebuild();
  t.deepEqual((await told(past, 'docs/y')).slice(0, 2), ['removed docs/y', 'moved docs/y y']);
  // A name that it had before leads to the same.
  t.deepEqual(await told(past, 'x'), await told(past, 'docs/y'));
});

test('an editor that writes another file and renames it goes on with the history', async (t) => {
  const a = new TreeDevice('a');
  a.put('doc', 'one');
  a.put('tmp', 'two');
  move(a, 'tmp', rootNodeId, 'doc');
  const rows = await rowsOf(pastOf(a, [a]), 'doc');
  t.deepEqual(
    rows.map(({ what }) => what),
    ['renamed', 'created', 'created'],
  );
  t.is(rows.filter(({ version }) => version !== undefined).length, 2);
});

test('what had the name before a deletion is in the log of the name', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  a.say(removeTreeOps(a.tree, a.at('x')));
  a.put('x', 'two');
  t.deepEqual(await told(pastOf(a, [a]), 'x'), ['created x', 'removed x', 'created x']);
});

test('a conflict, and how it was settled', async (t) => {
  const a = new TreeDevice('a');
  const b = new TreeDevice('b');
  a.put('x', 'one');
  exchange(a, b);
  a.put('x', 'of a');
  b.put('x', 'of b');
  exchange(a, b);
  const node = a.at('x').node.id;
  a.say([
    {
      type: 'write',
      node,
      supersedes: a.tree.headsOf(node),
      content: contentOf('one'),
      attributes: {},
      replaces: [],
    },
  ]);
  const rows = await rowsOf(pastOf(a, [a, b]), 'x');
  t.deepEqual(
    rows.map(({ what }) => what),
    ['resolved', 'conflict', 'changed', 'created'],
  );
});

test('content that comes back names the version that it came from', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'one']) a.put('x', text);
  const rows = await rowsOf(pastOf(a, [a]), 'x');
  t.deepEqual(
    rows.map(({ what }) => what),
    ['restored', 'changed', 'created'],
  );
  t.is(rows[0]?.restored, rows[2]?.version);
});

test('a second name, and its end', async (t) => {
  const a = new TreeDevice('a');
  a.put('x', 'one');
  const entries = { newEntry: nextId() as EntryId, healedEntry: nextId() as EntryId };
  a.say(
    linkOps(a.tree, { view: a.at('x'), parent: rootNodeId, name: Buffer.from('y'), ...entries }),
  );
  a.say(removeTreeOps(a.tree, a.at('y')));
  t.deepEqual(await told(pastOf(a, [a]), 'x'), ['unlinked y', 'linked y', 'created x']);
});

test('a directory: what came, left, and got another name in it, once each', async (t) => {
  const a = new TreeDevice('a');
  const docs = a.makeDirectory('docs');
  a.put('docs/1', '1');
  a.put('docs/2', '2');
  a.put('3', '3');
  move(a, '3', docs, '3');
  move(a, 'docs/1', docs, 'one');
  move(a, 'docs/2', rootNodeId, '2');
  a.say(removeTreeOps(a.tree, a.at('docs/3')));
  const past = pastOf(a, [a]);
  t.deepEqual(await told(past, 'docs'), [
    'removed docs/3',
    'moved 2 docs/2',
    'renamed docs/one docs/1',
    'moved docs/3 3',
    'created docs/2',
    'created docs/1',
    'created docs',
  ]);
  a.say(removeTreeOps(a.tree, a.at('docs')));
  await past.history.rebuild();
  t.deepEqual((await told(past, 'docs')).slice(0, 3), [
    'removed docs',
    'removed docs/one',
    'removed docs/3',
  ]);
  t.true((await told(past, '')).includes('created docs'));
});

test('a version is found by the beginning of its id, also when the file is gone', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'three']) a.put('x', text);
  const past = pastOf(a, [a]);
  const [, second] = (await rowsOf(past, 'x')).toReversed();
  const asked = second!.version!.slice(0, 6).toUpperCase();
  for (const removed of [false, true]) {
    if (removed) a.say(removeTreeOps(a.tree, a.at('x')));
    await past.history.rebuild();
    const found = await findVersion(past, pathOf('x'), asked);
    t.deepEqual(found.view?.version?.content, contentOf('two'));
    t.is(found.node.kind, 'file');
  }
});

test('a version that is not there, or is meant by too few digits, says what to do', async (t) => {
  const a = new TreeDevice('a');
  for (let at = 0; at < 40; at += 1) a.put('x', String(at));
  const past = pastOf(a, [a]);
  const path = pathOf('x');
  const unknown = await t.throwsAsync(findVersion(past, path, 'ffffffffffffffff'));
  t.like(unknown, { code: 'not-found', next: 'vault log /x lists the versions' });
  const groups = Map.groupBy(await rowsOf(past, 'x'), ({ version }) => version![0]);
  const [digit] = [...groups].find(([, rows]) => rows.length > 1)!;
  const ambiguous = await t.throwsAsync(findVersion(past, path, digit));
  t.like(ambiguous, { code: 'usage', subject: `/x@${digit!}` });
  const never = await t.throwsAsync(findVersion(past, pathOf('never/was'), 'ffff'));
  t.like(never, { code: 'not-found', next: 'vault log / shows what was' });
});

test('every version that a path ever showed is in its log, and is found by its id', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const dice = new Dice(seed);
      const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
      const watched = devices[0]!;
      const shown = new Map<string, Set<string>>();
      for (let step = 0; step < 40; step += 1) {
        const device = dice.pick(devices);
        if (dice.chance(0.3)) device.hear(dice.pick(devices));
        else {
          for (const ops of honestOps(dice, device.tree)) {
            if (ops.length > 0) device.say(ops);
            note(watched, shown);
          }
        }
        note(watched, shown);
      }
      watched.hear(...devices);
      const past = pastOf(watched, devices);
      for (const [key, versions] of shown) {
        const path = key.split('/').map((part) => Buffer.from(part, 'latin1'));
        const logged = new Set<string | undefined>();
        for await (const { version } of logOf(past, path)) logged.add(version);
        for (const version of versions) {
          t.true(logged.has(version), `seed ${String(seed)}: ${key}@${version}`);
          const found = await findVersion(past, path, version);
          t.is(formatVersion(found.view!.version!.op), version);
        }
      }
    }),
    { numRuns: 40 },
  );
});

/** What every path shows that is no conflict's name. */
function note({ tree }: TreeDevice, shown: Map<string, Set<string>>): void {
  const walk = (directory: NodeId, path: readonly string[]): void => {
    for (const { name, node, version, conflict } of tree.list(directory) ?? []) {
      if (conflict) continue;
      const at = [...path, name.toString('latin1')];
      if (version !== undefined) {
        const key = at.join('/');
        const versions = shown.get(key) ?? new Set();
        shown.set(key, versions.add(formatVersion(version.op)));
      }
      if (node.kind === 'directory') walk(node.id, at);
    }
  };
  walk(rootNodeId, []);
}
