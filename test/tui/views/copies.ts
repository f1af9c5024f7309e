import test from 'ava';
import type { WhyDevice, WhyReport } from '../../../protocol/control/reports.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { State } from '../../../tui/state/state.ts';
import { copiesOf, lossesOf } from '../../../tui/views/copies/loss.ts';
import type { Part } from '../../../tui/views/copies/loss.ts';
import { above, listedLosses, listedParts, selectedPart } from '../../../tui/views/copies/slice.ts';
import type { CopiesMessage } from '../../../tui/views/copies/slice.ts';
import { consoleState, drawn } from '../../helpers/console-state.ts';

function device(name: string, holds: boolean | null): WhyDevice {
  const self = name === 'laptop';
  const seen = { lastSeen: null, seen: holds, holds };
  return { deviceId: name, name, self, role: 'writer', online: holds !== null, ...seen };
}

function why(path: string, bytes: number, devices: readonly WhyDevice[]): WhyReport {
  return {
    ...{ path, kind: 'directory', health: 'ok', summary: 'it is so', version: null, author: null },
    ...{ deviceId: null, time: null, deleted: null, files: 1, bytes, filesHere: 1 },
    ...{ missingChunks: 0, missingBytes: 0, filesUnknown: 0, conflicts: [], devices, reasons: [] },
  };
}

const part = (name: string, report?: WhyReport): Part => ({
  name: Buffer.from(name),
  kind: 'directory',
  why: report,
});
const root = Buffer.alloc(0);
const tell = (state: State, message: CopiesMessage) =>
  reduce(state, { type: 'view', view: 'copies', message });

const parts = [
  part(
    'docs',
    why('docs', 100, [device('laptop', true), device('nas', true), device('vps', null)]),
  ),
  part(
    'photos',
    why('photos', 900, [device('laptop', true), device('nas', false), device('vps', false)]),
  ),
  part(
    'maybe',
    why('maybe', 50, [device('laptop', true), device('nas', false), device('vps', null)]),
  ),
  part('empty', why('empty', 0, [device('laptop', true)])),
  part('waiting'),
];

test('only devices that said that they hold everything are counted', (t) => {
  t.deepEqual(copiesOf(parts[0]!.why!), { holders: 2, unknown: 1, devices: 3 });
});

test('a device takes with it what nobody else is known to hold', (t) => {
  const [laptop, nas, vps] = lossesOf(parts);
  t.like(laptop, { name: 'laptop', onlyParts: 2, onlyBytes: 950, unsureParts: 1 });
  t.like(nas, { onlyParts: 0, onlyBytes: 0 });
  t.like(vps, { onlyParts: 0 });
});

test('an answer about a directory that is not shown any more changes nothing', (t) => {
  const state = tell(consoleState('copies'), { type: 'open', path: Buffer.from('docs') });
  const late = { type: 'parts', path: root, parts, cut: false } as const;
  t.is(tell(state, late), state);
});

test('what was known of a part is shown until it is looked at anew, and the selection stays', (t) => {
  let state = tell(consoleState('copies'), { type: 'parts', path: root, parts, cut: false });
  const told = parts[1]!;
  state = tell(state, { type: 'why', path: root, name: told.name, why: told.why! });
  state = tell(state, { type: 'pick', index: 1 });
  const fresh = [part('a-new-one'), ...parts.map(({ name }) => part(name.toString()))];
  state = tell(state, { type: 'parts', path: root, parts: fresh, cut: false });
  t.is(selectedPart(state)?.name.toString(), 'photos');
  t.is(selectedPart(state)?.why?.bytes, 900);
});

test('above', (t) => {
  t.is(above(root), undefined);
  t.is(above(Buffer.from('docs'))?.toString(), '');
  t.is(above(Buffer.from('docs/old/a'))?.toString(), 'docs/old');
});

test('copies, losses and holders are on the screen, names made harmless', (t) => {
  let state = tell(consoleState('copies'), {
    ...{ type: 'parts', path: root, cut: false },
    parts: [part('photos'), part('\u001b[31m\u202e')],
  });
  state = tell(state, {
    type: 'why',
    path: root,
    name: Buffer.from('photos'),
    why: parts[1]!.why!,
  });
  const lines = drawn(state);
  const screen = lines.join('\n');
  t.regex(screen, /photos\/ +900 B ▲ 1 of 3/);
  t.regex(screen, /laptop .*✗ 900 B, 1 part/);
  t.regex(screen, /nas +◐ not all/);
  t.false(screen.includes('\u001b') || screen.includes('\u202e'));
});

test('the filter counts for the list that has the focus', (t) => {
  const state = tell(consoleState('copies'), { type: 'parts', path: root, parts, cut: false });
  const known = parts.flatMap(({ name, why: each }) =>
    each === undefined ? [] : [{ name, why: each }],
  );
  const full = known.reduce(
    (before, { name, why: each }) => tell(before, { type: 'why', path: root, name, why: each }),
    state,
  );
  const found = reduce(full, { type: 'filter', text: 'nas' });
  t.is(listedParts(found).length, 0);
  t.is(listedLosses(found).length, 3);
  const focused = reduce(found, { type: 'focus', pane: 1 });
  t.is(listedParts(focused).length, parts.length);
  t.deepEqual(
    listedLosses(focused).map(({ name }) => name),
    ['nas'],
  );
  t.regex(drawn(focused).join('\n'), /▸ . nas/);
});
