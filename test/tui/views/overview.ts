import test from 'ava';
import { someEvents, troubledStatus } from '../../fixtures/console-reports.ts';
import { consoleState, drawn } from '../../helpers/console-state.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { shownEvents, shownReasons } from '../../../tui/views/overview/slice.ts';

const state = consoleState(
  'overview',
  { type: 'data', name: 'status', value: troubledStatus, atMs: 0 },
  { type: 'events', events: someEvents },
);

test('the filter finds what happened and what needs somebody; the health is told whatever it is', (t) => {
  const found = reduce(state, { type: 'filter', text: 'DAMAGED' });
  t.deepEqual(
    shownEvents(found).map(({ type }) => type),
    ['chunk-damaged'],
  );
  t.is(shownReasons(found).length, 0);
  t.regex(drawn(found).join('\n'), /attention: nas/);
  const none = reduce(state, { type: 'filter', text: 'nothing like this' });
  t.regex(drawn(none).join('\n'), /nothing fits the filter/);
  t.is(shownEvents(reduce(state, { type: 'filter', text: '!damaged' })).length, 1);
  t.is(shownReasons(reduce(state, { type: 'filter', text: 'vaultd' })).length, 1);
});

test('a list that was scrolled shows what the filter leaves', (t) => {
  const up = [0, 1, 2, 3].reduce(
    (before) =>
      reduce(before, {
        ...{ type: 'view', view: 'overview' },
        message: { type: 'move', unit: 'end', by: -1 },
      }),
    reduce(
      reduce(state, { type: 'events', events: Array.from({ length: 90 }, () => someEvents[0]!) }),
      { type: 'focus', pane: 3 },
    ),
  );
  const left = drawn(reduce(up, { type: 'filter', text: 'chunk-damaged' })).join('\n');
  t.notRegex(left, /fits the filter/);
  t.regex(left, /a chunk of/);
});

test('mounting shows its command; what is mounted can be taken away', (t) => {
  t.deepEqual(actionById('overview.mount')?.command?.(state, ['/mnt/x']), ['mount', '/mnt/x']);
  t.truthy(actionById('overview.umount')?.unless?.(state));
});
