import test from 'ava';
import type { ConfigRow } from '../../../protocol/control/reports.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { keyFacts } from '../../../tui/views/settings/keys.ts';
import { listedSettings, selectedSetting } from '../../../tui/views/settings/slice.ts';
import { someKeys } from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState, drawn } from '../../helpers/console-state.ts';

function setting(key: string, rest: Partial<ConfigRow> = {}): ConfigRow {
  return {
    ...{ key, value: 'info', source: 'default', origin: null, default: 'info', type: 'choice' },
    ...{
      allowed: 'debug|info',
      environment: 'VAULT_X',
      flag: null,
      description: 'What it is for.',
    },
    overridden: [],
    ...rest,
  };
}

const config = {
  file: '/home/me/config.toml',
  settings: [
    setting('name', { value: 'laptop', source: 'file', origin: 'config.toml:4', type: 'text' }),
    setting('log.level', {
      ...{ value: 'debug', source: 'environment', origin: 'VAULT_LOG_LEVEL' },
      overridden: [{ source: 'config.toml:9', value: 'info' }],
    }),
    setting('peers.addresses', { value: [], type: 'addresses', allowed: null }),
  ],
};
const state = consoleState('settings', {
  type: 'data',
  name: 'config',
  value: config,
  atMs: consoleNowMs,
});

test('a setting is shown with what won, and why', (t) => {
  const moved = reduce(state, {
    ...{ type: 'view', view: 'settings' },
    message: { type: 'move', unit: 'line', by: 1 },
  });
  const screen = drawn(moved).join('\n');
  t.regex(screen, /▸ log\.level +debug +VAULT_LOG_LEVEL/);
  t.regex(screen, /Instead of +info \(config\.toml:9\)/);
  t.regex(screen, /Takes +choice: debug\|info/);
});

const withKeys = reduce(state, { type: 'data', name: 'keys', value: someKeys, atMs: consoleNowMs });

test('the keys are a list beside them: who has each, and which one counts', (t) => {
  const focused = reduce(withKeys, { type: 'focus', pane: 2 });
  const screen = drawn(focused).join('\n');
  t.regex(screen, /new ones at 2027-02-19 06:44/);
  t.regex(screen, /▸ epoch e1e1e1e1 +yes +yes .*laptop, nas/);
  t.regex(screen, /epoch e0e0e0e0 +no +no .*laptop/);
  t.regex(screen, /member key 2 +yes/);
  const down = reduce(focused, {
    ...{ type: 'view', view: 'settings' },
    message: { type: 'move', unit: 'line', by: 1 },
  });
  t.is(down.slices.settings.keys.index, 1);
  t.is(down.slices.settings.cursor.index, 0, 'the settings stay where they are');
  const picked = reduce(down, {
    type: 'view',
    view: 'settings',
    message: { type: 'pick-key', index: 2 },
  });
  t.is(picked.slices.settings.keys.key, 'member:2');
  // On a wide screen all of it is there at once.
  const wide = reduce(withKeys, { type: 'resized', size: { columns: 200, rows: 50 } });
  t.regex(drawn(wide).join('\n'), /Meaning[^]*epoch e1e1e1e1/);
});

test('the filter of the view counts for the keys too', (t) => {
  const focused = reduce(withKeys, { type: 'focus', pane: 2 });
  const screen = drawn(reduce(focused, { type: 'filter', text: 'member' })).join('\n');
  t.regex(screen, /member key 2/);
  t.notRegex(screen, /epoch e1/);
});

test('what a key says names no device raw', (t) => {
  const old = someKeys.epochs[1]!;
  const facts = keyFacts({ type: 'epoch', epoch: old });
  const text = facts.map(({ value }) => value).join('\n');
  t.regex(text, /cannot be read here/);
  t.regex(text, /who may not read any more/);
  t.notRegex(text, /[\u001b\u202e]/);
});

test('the filter finds settings by name, value and meaning', (t) => {
  const found = (text: string) =>
    listedSettings(reduce(state, { type: 'filter', text })).map(({ key }) => key);
  t.deepEqual(found('laptop'), ['name']);
  t.deepEqual(found('!log'), ['name', 'peers.addresses']);
  t.is(found('what it is for').length, 3);
});

test('an action shows the command that does the same, and asks with what is allowed', (t) => {
  t.is(selectedSetting(state)?.key, 'name');
  const set = actionById('settings.set');
  t.deepEqual(set?.command?.(state, ['my laptop']), ['config', 'set', 'name', 'my laptop']);
  t.like(set?.fields?.(state)[0], { initial: 'laptop', options: undefined });
  const second = reduce(state, {
    type: 'view',
    view: 'settings',
    message: { type: 'pick', index: 1 },
  });
  t.deepEqual(set?.fields?.(second)[0]?.options, ['debug', 'info']);
  // The file may say something that a variable beats.
  t.is(actionById('settings.unset')?.unless?.(second), undefined);
});
