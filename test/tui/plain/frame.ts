import test from 'ava';
import { plainFrame, plainSize } from '../../../tui/plain/frame.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { Message } from '../../../tui/state/message.ts';
import { createTheme } from '../../../tui/theme/theme.ts';
import { anyView } from '../../../tui/views/all.ts';
import { viewIds } from '../../../tui/views/slices.ts';
import {
  roomyDisk,
  someEvents,
  someMembers,
  troubledStatus,
  twoPeers,
} from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState } from '../../helpers/console-state.ts';
import { sameAsKept } from '../../helpers/golden.ts';

process.env['TZ'] = 'UTC';

const theme = createTheme({ name: 'default', glyphs: 'plain', asciiText: false });
const atMs = consoleNowMs;
const news: readonly Message[] = [
  { type: 'resized', size: plainSize(undefined) },
  { type: 'data', name: 'status', value: troubledStatus, atMs },
  { type: 'data', name: 'peers', value: twoPeers, atMs },
  { type: 'data', name: 'members', value: someMembers, atMs },
  { type: 'data', name: 'disk', value: roomyDisk, atMs },
  { type: 'events', events: someEvents },
];

for (const id of viewIds) {
  test(`${id} is told in words, all of its panes, without anything drawn`, (t) => {
    const state = consoleState(id, ...news);
    const lines = plainFrame(state, theme);
    t.is(lines[0], 'vault-tui, laptop (admin), ! attention, 1 of 2 devices online');
    t.is(lines[1], anyView(id).title);
    const drawnSigns = /[\u2190-\u28ff\p{Cc}\p{Cf}]/u;
    for (const line of lines) {
      t.notRegex(line, drawnSigns);
      t.is(line, line.trimEnd());
      t.true(line.length <= 120);
    }
    const panes = anyView(id).panes.length - (anyView(id).pictures?.length ?? 0);
    const titles = lines.filter((_, at) => lines[at - 1] === '');
    t.true(titles.length >= panes, lines.join('\n'));
  });
}

test('what the overview says', (t) => {
  sameAsKept(t, 'overview-plain', plainFrame(consoleState('overview', ...news), theme));
});

test('a list that is too long says how much more there is', (t) => {
  const members = Array.from({ length: 700 }, (_, at) => ({
    ...someMembers[1]!,
    deviceId: at.toString(16).padStart(32, '0'),
    name: `device-${String(at)}`,
  }));
  const state = reduce(consoleState('devices', ...news), {
    ...{ type: 'data', name: 'members', value: members, atMs },
  });
  const lines = plainFrame(state, theme);
  const shown = lines.filter((line) => line.includes('device-')).length;
  t.true(lines.includes(` and ${String(700 - shown + 1)} more`), lines.slice(490, 510).join('\n'));
});
