import test from 'ava';
import { healthyStatus, twoPeers } from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState } from '../../helpers/console-state.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { createStore, batchMs } from '../../../tui/state/store.ts';
import type { Message } from '../../../tui/state/message.ts';

const status: Message = { type: 'data', name: 'status', value: healthyStatus, atMs: consoleNowMs };

test('the same news again changes nothing, so that nothing is drawn', (t) => {
  const state = consoleState('overview', status);
  t.is(reduce(state, { ...status, value: { ...healthyStatus }, atMs: consoleNowMs + 5000 }), state);
  t.not(reduce(state, { ...status, value: { ...healthyStatus, files: 1 } }), state);
});

test('figures that stand still do not change', (t) => {
  const state = reduce(consoleState('overview', status), { type: 'freeze' });
  t.is(reduce(state, { ...status, value: { ...healthyStatus, files: 1 } }), state);
});

test('rates come from counters, and a new connection begins at zero', (t) => {
  const peers = (bytesIn: number) => twoPeers.map((peer) => ({ ...peer, bytesIn }));
  const at = (bytesIn: number, seconds: number): Message => ({
    type: 'data',
    name: 'peers',
    value: peers(bytesIn),
    atMs: consoleNowMs + seconds * 1000,
  });
  const state = consoleState('overview', at(0, 0), at(1000, 1), at(5000, 3), at(300, 4));
  t.deepEqual(state.series.in, [1000, 2000, 300]);
  // Nothing, and nothing before it: the list is the same one.
  const quiet = consoleState('overview', at(0, 0), at(0, 1), at(0, 2));
  t.is(reduce(quiet, at(0, 3)), quiet);
});

test('back and forward go through the views that were seen', (t) => {
  const seen = consoleState(
    'overview',
    { type: 'go', view: 'files' },
    { type: 'go', view: 'transfers' },
  );
  const back = reduce(seen, { type: 'travel', by: -1 });
  t.is(back.view, 'files');
  t.is(reduce(back, { type: 'travel', by: 1 }).view, 'transfers');
  t.is(
    reduce(reduce(back, { type: 'travel', by: -1 }), { type: 'travel', by: -1 }).view,
    'overview',
  );
});

test('what a person does is seen at once, what the agent says a few times a second', (t) => {
  const waiting: { delayMs: number; action: () => void }[] = [];
  const store = createStore(consoleState('overview'), {
    after(delayMs, action) {
      waiting.push({ delayMs, action });
      return { cancel: () => undefined };
    },
  });
  let drawn = 0;
  store.subscribe(() => {
    drawn += 1;
  });
  store.dispatch({ type: 'zoom' });
  t.is(drawn, 1);
  for (let count = 0; count < 500; count += 1) {
    const event = { time: '2026-11-21T06:44:28Z', type: 'test', message: String(count) };
    store.later({ type: 'events', events: [event] });
  }
  t.is(drawn, 1);
  t.deepEqual(
    waiting.map(({ delayMs }) => delayMs),
    [batchMs],
  );
  waiting[0]!.action();
  t.is(drawn, 2);
  t.is(store.state().events.length, 500);
});
