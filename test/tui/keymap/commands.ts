/** Every command of the command line can be done in the console, or is left out for a reason. */
import test from 'ava';
import { commands } from '../../../cli/definitions/all.ts';
import type { CommandName } from '../../../cli/definitions/all.ts';
import { parseFully } from '../../../cli/parse/full.ts';
import type { LogRow, TrashRow } from '../../../protocol/messages/control-history.ts';
import type { ApprovalRow } from '../../../protocol/control/member-reports.ts';
import type { SnapshotRow } from '../../../protocol/control/reports.ts';
import {
  healthyStatus,
  someEntries,
  someKeys,
  someMembers,
  someSettings,
  someTransfers,
  twoPeers,
} from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState } from '../../helpers/console-state.ts';
import { allActions } from '../../../tui/keymap/action-list.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { Message } from '../../../tui/state/message.ts';
import type { State } from '../../../tui/state/state.ts';
import { listingKey } from '../../../tui/views/files/reduce.ts';
import type { FilesMessage } from '../../../tui/views/files/slice.ts';
import { viewIds } from '../../../tui/views/slices.ts';

/** What a whole view, or a part of one, is instead of an action. */
const shown: Partial<Record<CommandName, string>> = {
  tree: 'the list of files: Enter and h go through the tree',
  stat: 'the details beside the list of files',
  members: 'the list of devices',
  peers: 'the list of devices',
  'peers list': 'the list of devices',
  transfers: 'the list of transfers',
  'transfers list': 'the list of transfers',
  status: 'the overview, and the header of every view',
  config: 'the list of settings',
  'config show': 'the list of settings',
  'config explain': 'the details of a setting',
  df: 'the overview, and the space in the copies',
  keys: 'the list of keys',
  retention: 'the same as retention show',
  recover: 'the same as recover check',
  journal: 'the same as journal list',
  'snapshot list': 'the same as snapshot',
  'transfers pieces': 'the map beside the list of files',
};

const leftOut: Partial<Record<CommandName, string>> = {
  relay: 'it is for programs: --ssh starts it',
  completion: 'it is for shells',
};

const files = (message: FilesMessage): Message => ({ type: 'view', view: 'files', message });
const data = { type: 'data', atMs: consoleNowMs } as const;

function filled(): State {
  const mount = { path: '/mnt/vault', state: 'mounted', readOnly: false, driver: 'kernel' };
  const status = { ...healthyStatus, mounts: [mount] } as unknown as typeof healthyStatus;
  const approvals: readonly ApprovalRow[] = [
    {
      ...{ deviceId: '55'.repeat(16), name: 'new', role: 'reader', address: '' },
      ...{ fingerprint: '', since: '', expires: '' },
    },
  ];
  return consoleState(
    'files',
    { ...data, name: 'status', value: status },
    { ...data, name: 'members', value: someMembers },
    { ...data, name: 'peers', value: twoPeers },
    { ...data, name: 'approvals', value: approvals },
    { ...data, name: 'transfers', value: someTransfers },
    { ...data, name: 'config', value: someSettings },
    { ...data, name: 'keys', value: someKeys },
    files({
      type: 'listed',
      key: listingKey(consoleState('files').slices.files),
      listing: { entries: someEntries, complete: true },
    }),
  );
}

const log: LogRow = {
  ...{ what: 'changed', kind: 'file', timeMs: 2, author: 'laptop', deviceId: '11'.repeat(16) },
  ...{ path: Buffer.from('a.txt'), version: 'cd'.repeat(16), size: 1, isCurrent: true },
};
const trashed = {
  ...{ path: Buffer.from('gone.txt'), kind: 'file', timeMs: 1, author: 'nas', size: 1, entries: 1 },
  ...{ deviceId: '22'.repeat(16), version: 'ab'.repeat(16) },
} as unknown as TrashRow;
const snapshot: SnapshotRow = {
  ...{ id: 'ab'.repeat(16), name: 'monday', deviceId: '11'.repeat(16), author: 'laptop' },
  ...{ time: '2026-11-20T06:44:28.000Z', state: 'ready', gaps: [] },
};
const conflict = {
  ...{ path: Buffer.from('a.txt'), kind: 'content', versionsOmitted: 0, base: undefined },
  versions: [
    { name: Buffer.from('a.txt'), version: 'cd'.repeat(16), author: 'laptop', own: true, size: 1 },
    { name: Buffer.from('b.txt'), version: 'ef'.repeat(16), author: 'nas', own: false, size: 1 },
  ],
} as unknown as Extract<FilesMessage, { type: 'conflicts' }>['rows'][number];

/** States in which something of every kind is selected. */
function states(): readonly State[] {
  const state = filled();
  const path = log.path;
  const modes = [
    [
      { type: 'history', path } as const,
      {
        type: 'history',
        path,
        rows: [log, { ...log, timeMs: 1, version: '01'.repeat(16), isCurrent: false }],
      } as const,
    ],
    [{ type: 'mode', mode: 'trash' } as const, { type: 'trash', rows: [trashed] } as const],
    [
      { type: 'mode', mode: 'conflicts' } as const,
      { type: 'conflicts', rows: [conflict] } as const,
    ],
    [
      { type: 'mode', mode: 'snapshots' } as const,
      { type: 'snapshots', rows: [snapshot] } as const,
    ],
  ].map((messages) => messages.map(files).reduce(reduce, state));
  const views = viewIds.map((view) => reduce(state, { type: 'go', view }));
  const devices = [0, 1, 2].map((index) =>
    reduce(reduce(state, { type: 'go', view: 'devices' }), {
      ...{ type: 'view', view: 'devices' },
      message: { type: 'pick', index },
    }),
  );
  const audit = reduce(state, {
    ...{ type: 'view', view: 'activity' },
    message: { type: 'source', source: 'audit' },
  });
  return [state, ...modes, ...views, ...devices, audit];
}

/** Names of commands that actions show in some state. */
function reachable(): ReadonlySet<string> {
  const names = commands.map(({ name }) => name);
  const found = new Set<string>();
  const args = ['one', 'two', 'three'];
  for (const state of states()) {
    for (const action of allActions()) {
      const words = wordsOf(() => action.command?.(state, args));
      const two = words.slice(0, 2).join(' ');
      const name = names.find((each) => each === two) ?? words[0];
      if (name !== undefined) found.add(name);
    }
  }
  return found;
}

/** Some actions have nothing to say where nothing is selected. */
function wordsOf(words: () => readonly string[] | undefined): readonly string[] {
  return words() ?? [];
}

test('every command is an action, shown by a view, or left out with a reason', (t) => {
  const found = reachable();
  for (const { name } of commands) {
    const ways = [found.has(name), name in shown, name in leftOut].filter(Boolean).length;
    t.true(ways >= 1, `vault ${name} cannot be done in the console`);
    t.false(found.has(name) && name in leftOut, `vault ${name} is left out no more`);
  }
});

test('no action shows a command that there is not', (t) => {
  const names = new Set<string>(commands.map(({ name }) => name));
  for (const name of reachable()) t.true(names.has(name), name);
});

test('whatever an action shows is a command line that there is, with all of its options', async (t) => {
  for (const state of states()) {
    for (const { id, command, unless } of allActions()) {
      const args = id === 'files.retention-set' ? ['keep-last=3'] : ['one', 'two', 'three'];
      if (unless?.(state) !== undefined) continue;
      const words = wordsOf(() => command?.(state, args));
      if (words.length > 0) await t.notThrowsAsync(parseFully(words), `${id}: ${words.join(' ')}`);
    }
  }
});
