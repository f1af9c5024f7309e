import test from 'ava';
import type { ConfigRow } from '../../../protocol/control/reports.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { listedSettings, selectedSetting } from '../../../tui/views/settings/slice.ts';
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
