import test from 'ava';
import type { ApprovalRow } from '../../../protocol/control/member-reports.ts';
import type { PeerRow } from '../../../protocol/control/reports.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import type { State } from '../../../tui/state/state.ts';
import { allDevices, listedDevices, selectedDevice } from '../../../tui/views/devices/rows.ts';
import { someMembers, twoPeers } from '../../fixtures/console-reports.ts';
import { consoleNowMs, consoleState, drawn } from '../../helpers/console-state.ts';

const approvals: readonly ApprovalRow[] = [
  {
    ...{ deviceId: '55'.repeat(16), name: 'new\u001b[31m', role: 'reader', address: '192.0.2.9:1' },
    ...{ fingerprint: 'one two three four five six', since: '', expires: 'soon' },
  },
];

function withData(peers: readonly PeerRow[], atMs = consoleNowMs, before?: State): State {
  const state = before ?? consoleState('devices');
  const data = { type: 'data', atMs } as const;
  return [
    { ...data, name: 'members', value: someMembers } as const,
    { ...data, name: 'approvals', value: approvals } as const,
    { ...data, name: 'peers', value: peers } as const,
  ].reduce(reduce, state);
}

const select = (state: State, name: string) =>
  reduce(state, {
    ...{ type: 'view', view: 'devices' },
    message: { type: 'pick', index: listedDevices(state).findIndex((each) => each.name === name) },
  });

test('those that wait come first, then members, then addresses that nobody answered at', (t) => {
  const unknown = { ...twoPeers[1]!, deviceId: null, name: '?', address: '192.0.2.44:7420' };
  const names = allDevices(withData([...twoPeers, unknown]))?.map(({ name }) => name);
  t.deepEqual(names, ['new\u001b[31m', 'laptop', 'nas', 'vps', 'old phone', '192.0.2.44:7420']);
  t.is(allDevices(consoleState('devices')), undefined);
});

test('each has its own rate', (t) => {
  const [nas, vps] = [twoPeers[0]!, twoPeers[1]!];
  let state = withData([nas, vps]);
  const later = [{ ...nas, bytesIn: 3 * 2 ** 20 }, { ...vps }];
  state = withData(later, consoleNowMs + 1000, state);
  t.is(listedDevices(state).find(({ name }) => name === 'nas')?.rate?.in, 3 * 2 ** 20);
  t.is(state.series.in.at(-1), 3 * 2 ** 20);
});

test('state, round trip and what is lacking are on the screen; hostile names do no harm', (t) => {
  const screen = drawn(withData(twoPeers)).join('\n');
  t.regex(screen, /nas +writer ● online +12 ms .* nothing/);
  t.regex(screen, /vps +writer ○ 3 h ago/);
  t.regex(screen, /old phone +writer ✗ sent away/);
  t.regex(screen, /▲ waiting/);
  t.false(screen.includes('\u001b'));
});

test('what cannot be done says why, and what can shows its command', (t) => {
  const state = withData(twoPeers);
  const refusal = (id: string, at: State) => actionById(id)?.unless?.(at);
  t.regex(refusal('devices.revoke', select(state, 'laptop')) ?? '', /device itself/);
  t.regex(refusal('devices.role', select(state, 'old phone')) ?? '', /away already/);
  t.regex(refusal('devices.approve', select(state, 'nas')) ?? '', /waits/);
  const nas = select(state, 'nas');
  t.is(refusal('devices.revoke', nas), undefined);
  t.deepEqual(actionById('devices.revoke')?.command?.(nas, ['lost']), [
    ...['revoke', '22'.repeat(16), '--reason', 'lost', '--yes'],
  ]);
  t.is(actionById('devices.revoke')?.confirm?.(nas, ['lost'])?.word, 'nas');
});

test('whoever confirms a newcomer sees the words first', (t) => {
  const state = select(withData(twoPeers), 'new\u001b[31m');
  t.is(selectedDevice(state)?.waiting?.role, 'reader');
  const question = actionById('devices.approve')?.confirm?.(state, []);
  t.true(question?.detail.includes('one two three four five six'));
});

test('in the smallest terminal the names of devices are read whole', (t) => {
  const small = reduce(withData(twoPeers), { type: 'resized', size: { columns: 40, rows: 10 } });
  const screen = drawn(small).join('\n');
  for (const name of ['laptop', 'nas', 'vps', 'old phone'])
    t.regex(screen, new RegExp(`${name} +[●○✗]`));
});
