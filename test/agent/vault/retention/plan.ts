/**
 * What would go, in trees of several devices: nothing that a tree, a snapshot or a rule needs, whatever the
 * history; and what the rules say in plain cases.
 */
import test from 'ava';
import fc from 'fast-check';
import { buildTreeAt } from '../../../../agent/vault/at-tree.ts';
import { rootOf } from '../../../../agent/vault/content-root.ts';
import { neededOf } from '../../../../agent/vault/retention/objections.ts';
import {
  planForgetting,
  type ForgetPlan,
  type PlanParts,
} from '../../../../agent/vault/retention/plan.ts';
import { retentionOf } from '../../../../agent/vault/retention/show.ts';
import { ruleName } from '../../../../agent/vault/retention/rules.ts';
import { Slices } from '../../../../agent/vault/slices.ts';
import {
  linkOps,
  removeTreeOps,
  renameOp,
  setAttributesOp,
} from '../../../../agent/namespace/author.ts';
import type { Snapshot } from '../../../../agent/namespace/snapshots.ts';
import type { CountedRelease } from '../../../../agent/members/membership.ts';
import type { BatchHash, ChunkId, EntryId, StatementId } from '../../../../protocol/ids.ts';
import { pastOf, sourceOf } from '../../../helpers/past.ts';
import { contentOf, exchange, nextId, TreeDevice } from '../../../helpers/tree-device.ts';

const dayMs = 24 * 3_600_000;
const namesOf = (path: string): Buffer[] =>
  path === '/' ? [] : path.split('/').map((part) => Buffer.from(part));

function partsOf(device: TreeDevice, all: readonly TreeDevice[]): PlanParts {
  const past = pastOf(device, all);
  const source = sourceOf(device, all);
  const clock = { ...past.clock, nowMs: () => device.nowMs };
  const here = { has: () => true, hasSmall: () => true };
  const treeAt = ({ vector }: Snapshot) => {
    const slices = new Slices(past.clock);
    const parts = { source, deviceName: past.deviceName, seed: () => 1 };
    return buildTreeAt(parts, vector, { slices, onBatch: () => undefined });
  };
  const store = { chunks: here, journals: here };
  return { ...past, source, clock, store, treeAt, isReleased: () => false } as unknown as PlanParts;
}

function setRule(device: TreeDevice, path: string, rule: string | undefined): void {
  const node = path === '/' ? device.tree.root().id : device.at(path).node.id;
  const value = rule === undefined ? undefined : Buffer.from(rule);
  device.say([setAttributesOp(device.tree, node, { xattrs: new Map([[ruleName, value]]) })]);
}

function remove(device: TreeDevice, path: string): void {
  device.say(removeTreeOps(device.tree, device.at(path)));
}

function takeSnapshot(device: TreeDevice, name: string): void {
  const vector = [...device.tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
  device.say([{ type: 'take-snapshot', id: nextId(), name, vector }]);
}

const idOf = (text: string): ChunkId => rootOf(contentOf(text)) as ChunkId;
const goesOf = ({ versions }: ForgetPlan): string[] =>
  versions
    .filter(({ fate }) => fate === 'goes')
    .map(({ version }) => rootOf(version.content) ?? '');
const whyOf = ({ versions }: ForgetPlan): Record<string, string> =>
  Object.fromEntries(
    versions.map(({ version, fate, reasons }) => [
      Buffer.from(rootOf(version.content) ?? '', 'hex')
        .toString()
        .replaceAll('.', ''),
      [fate, ...reasons].join(' '),
    ]),
  );

test('older versions go by the nearest rule, the present one stays', async (t) => {
  const a = new TreeDevice('a');
  a.makeDirectory('d');
  for (const text of ['one', 'two', 'three']) a.put('d/x', text);
  for (const text of ['uno', 'due']) a.put('y', text);
  setRule(a, '/', 'keep-last=1');
  setRule(a, 'd', 'keep-last=2');
  const plan = await planForgetting(partsOf(a, [a]), []);
  t.deepEqual(whyOf(plan), {
    three: 'kept current',
    two: 'kept last',
    one: 'goes',
    due: 'kept current',
    uno: 'goes',
  });
  t.deepEqual([...plan.chunks.keys()].sort(), [idOf('one'), idOf('uno')].sort());
  const below = await planForgetting(partsOf(a, [a]), namesOf('d'));
  t.deepEqual(goesOf(below), [idOf('one')]);
  const shown = await retentionOf(a.tree, namesOf('d/x'), new Slices(partsOf(a, [a]).clock));
  t.deepEqual(shown.keep, { rule: 'keep-last=2', path: '/d' });
});

test('what is folded while it is planned is read from the state, once more', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'three', 'four']) a.put('x', text);
  setRule(a, '/', 'keep-last=3');
  const parts = partsOf(a, [a]);
  let folded = 0;
  const hash = 'f'.repeat(64) as BatchHash;
  const source: PlanParts['source'] = {
    tips: () => parts.source.tips(),
    beginningOf: () => (folded > 0 ? { sequence: folded, hash } : undefined),
    read: (journal, after) => parts.source.read(journal, Math.max(after, folded)),
  };
  const slices = new Slices(parts.clock);
  const state = await buildTreeAt(
    { source, deviceName: (device) => device, seed: () => 1 },
    new Map([[a.journal, 2]]),
    { slices, onBatch: () => undefined },
  );
  let asked = 0;
  const plan = await planForgetting(
    {
      ...parts,
      source,
      folded: () => {
        asked += 1;
        if (folded > 0) return Promise.resolve(state);
        // It is adopted right after this was asked.
        void Promise.resolve().then(() => (folded = 2));
        return Promise.resolve(undefined);
      },
    },
    [],
  );
  t.is(asked, 2);
  t.deepEqual(whyOf(plan), {
    four: 'kept current',
    three: 'kept last',
    two: 'kept last',
  });
});

test('a journal that does not go on where it was to is damaged', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two', 'three']) a.put('x', text);
  const parts = partsOf(a, [a]);
  const read: PlanParts['source']['read'] = (journal) => parts.source.read(journal, 1);
  const plan = planForgetting({ ...parts, source: { tips: () => parts.source.tips(), read } }, []);
  await t.throwsAsync(plan, { message: /journal .* is damaged/ });
});

test('without a rule nothing is even listed', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two']) a.put('x', text);
  remove(a, 'x');
  t.deepEqual((await planForgetting(partsOf(a, [a]), [])).versions, []);
});

test('what was deleted goes when its days are over, with all its versions', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two']) a.put('x', text);
  setRule(a, '/', 'keep-last=5 trash-days=30');
  remove(a, 'x');
  a.nowMs += 29 * dayMs;
  t.deepEqual(goesOf(await planForgetting(partsOf(a, [a]), [])), []);
  a.nowMs += 2 * dayMs;
  const gone = goesOf(await planForgetting(partsOf(a, [a]), []));
  t.deepEqual(gone.sort(), [idOf('one'), idOf('two')].sort());
});

test('the trash is kept for ever when only versions have a rule', async (t) => {
  const a = new TreeDevice('a');
  for (const text of ['one', 'two']) a.put('x', text);
  setRule(a, '/', 'keep-last=1');
  remove(a, 'x');
  a.nowMs += 10_000 * dayMs;
  t.deepEqual(whyOf(await planForgetting(partsOf(a, [a]), [])), { two: 'kept trash', one: 'goes' });
});

test('a rename over a file goes on with its history', async (t) => {
  const a = new TreeDevice('a');
  setRule(a, '/', 'keep-last=2');
  for (const text of ['one', 'two', 'three']) {
    a.put('tmp', text);
    a.say(renameOp(a.tree, a.at('tmp'), { parent: a.tree.root().id, name: Buffer.from('x') }));
  }
  t.deepEqual(whyOf(await planForgetting(partsOf(a, [a]), [])), {
    three: 'kept current',
    two: 'kept last',
    one: 'goes',
  });
});

test('a snapshot keeps what it shows, and a copy what it shares', async (t) => {
  const a = new TreeDevice('a');
  setRule(a, '/', 'keep-last=1');
  for (const text of ['one', 'two']) a.put('x', text);
  takeSnapshot(a, 'then');
  for (const text of ['three', 'four']) a.put('x', text);
  a.put('copy', 'three');
  t.deepEqual(whyOf(await planForgetting(partsOf(a, [a]), [])), {
    four: 'kept current',
    three: 'shared',
    two: 'kept snapshot then',
    one: 'goes',
  });
});

test('both sides of a conflict stay', async (t) => {
  const [a, b] = [new TreeDevice('a'), new TreeDevice('b')];
  setRule(a, '/', 'keep-last=1');
  a.put('x', 'base');
  exchange(a, b);
  a.put('x', 'left');
  b.put('x', 'right');
  exchange(a, b);
  const why = whyOf(await planForgetting(partsOf(a, [a, b]), []));
  t.deepEqual(why, { left: 'kept conflict', right: 'kept conflict', base: 'goes' });
});

type Step = readonly [kind: number, device: number, path: number, text: number];

function act(devices: readonly TreeDevice[], [kind, which, at, text]: Step): void {
  const device = devices[which % devices.length]!;
  const path = ['x', 'y', 'z'][at % 3]!;
  device.nowMs += (text % 5) * dayMs;
  const view = device.find(path);
  if (kind < 8) device.put(path, `text ${String(text % 12)}`);
  else if (kind < 10 && view !== undefined) remove(device, path);
  else if (kind < 12 && view !== undefined) {
    const name = Buffer.from(['x', 'y', 'z'][text % 3]!);
    if (!view.name.equals(name))
      device.say(renameOp(device.tree, view, { parent: device.tree.root().id, name }));
  } else if (kind < 13 && view !== undefined) {
    const fresh = { newEntry: nextId() as EntryId, healedEntry: nextId() as EntryId };
    const name = Buffer.from(`link ${String(text)}`);
    device.say(linkOps(device.tree, { view, parent: device.tree.root().id, name, ...fresh }));
  } else if (kind < 14) takeSnapshot(device, `s ${String(text)}`);
  else exchange(...devices);
}

const someSteps = fc.array(
  fc.tuple(fc.nat({ max: 16 }), fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 60 })),
  { maxLength: 40 },
);

/** The second device takes a snapshot of what the first one has written over, and has not told it yet. */
const unheard: Step[] = [
  [0, 0, 0, 1],
  [16, 0, 0, 0],
  [0, 0, 0, 2],
  [13, 1, 0, 5],
];

test('nothing goes that a tree or a snapshot shows, and every device names what it needs of it', async (t) => {
  let objected = 0;
  await fc.assert(
    fc.asyncProperty(someSteps, fc.constantFrom(1, 2), async (steps, last) => {
      const devices = ['a', 'b', 'c'].map((digit) => new TreeDevice(digit));
      const [a] = devices as [TreeDevice];
      setRule(a, '/', `keep-last=${String(last)} trash-days=3`);
      exchange(...devices);
      for (const step of steps) act(devices, step);
      const parts = partsOf(a, devices);
      const plan = await planForgetting(parts, []);
      for (const id of plan.chunks.keys()) t.false((await shownBy(a, parts)).has(id));
      // The others have said things that the one that lets go has not heard. Each answers when it knows
      // what was known there, and before it has heard of what else the others said.
      const named = new Set<ChunkId>();
      for (const device of devices) {
        for (const other of devices) {
          const known = other.batches.slice(0, plan.vector.get(other.journal) ?? 0);
          if (other !== device) device.tree.applyAll(known);
        }
        for (const id of await objectionsOf(device, devices, plan)) named.add(id);
      }
      exchange(...devices);
      const shown = await shownBy(a, parts);
      for (const id of plan.chunks.keys()) {
        if (!shown.has(id)) continue;
        objected += 1;
        t.true(named.has(id));
      }
    }),
    { numRuns: Number(process.env['RETENTION_RUNS'] ?? 100), examples: [[unheard, 1]] },
  );
  // Histories in which nobody needs anything that went would prove nothing.
  t.true(objected > 0);
});

async function objectionsOf(
  device: TreeDevice,
  devices: readonly TreeDevice[],
  plan: ForgetPlan,
): Promise<ReadonlySet<ChunkId>> {
  const release = {
    id: '00'.repeat(32) as StatementId,
    chunks: [...plan.chunks.keys()],
    vector: [...plan.vector].map(([journal, sequence]) => ({ journal, sequence })),
  } as unknown as CountedRelease;
  const isOwn = (journal: string): boolean => journal === device.journal;
  const parts = { ...partsOf(device, devices), isOwn };
  return new Set((await neededOf(parts, [release])).map(({ id }) => id));
}

/** Chunks of everything that a device shows, and of its snapshots. */
async function shownBy(device: TreeDevice, parts: PlanParts): Promise<ReadonlySet<ChunkId>> {
  const ids = new Set<ChunkId>();
  const trees = [device.tree as PlanParts['tree']];
  for (const snapshot of device.tree.snapshots()) trees.push(await parts.treeAt(snapshot));
  for (const tree of trees) {
    for (const { content } of tree.contents()) {
      const root = rootOf(content);
      if (root !== undefined) ids.add(root);
    }
  }
  return ids;
}
