/** What can be done with transfers. */
import { formatRate, parseRate } from '../../../protocol/text/rate.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { LimitRequest, TransferAction } from '../../../protocol/messages/control-transfers.ts';
import type { Action, ActionIo, Outcome } from '../../keymap/action.ts';
import type { State } from '../../state/state.ts';
import { selectedTransfer } from './slice.ts';

const nothingSelected = (state: State): string | undefined =>
  selectedTransfer(state) === undefined ? 'no transfer is selected' : undefined;

/** What the key does with the selected one. */
function holding(state: State): TransferAction {
  return selectedTransfer(state)?.state === 'paused' ? 'resume' : 'pause';
}

async function steer(io: ActionIo, id: string, action: TransferAction): Promise<Outcome> {
  const client = io.client();
  await client.transferSteer({ id, action });
  if (action === 'cancel') return { text: `${id} is given up` };
  if (id === 'all') return { text: action === 'pause' ? 'All transfers wait' : 'All go on' };
  const back = action === 'pause' ? 'resume' : 'pause';
  return {
    text: action === 'pause' ? `${id} waits` : `${id} goes on`,
    undo: {
      title: `${id} as it was`,
      command: ['transfers', back, id],
      async run(later) {
        await later.transferSteer({ id, action: back });
      },
    },
  };
}

/** undefined: it stays as it is. */
function rateOf(typed: string): number | undefined {
  if (typed.trim() === '') return undefined;
  const rate = parseRate(typed);
  if (rate !== undefined) return rate;
  const detail = 'a rate is needed, as 500KiB, 2MiB or off';
  throw new VaultError('usage', { op: 'tui.limit', subject: typed, detail });
}

async function limit(io: ActionIo, asked: LimitRequest): Promise<Outcome> {
  const client = io.client();
  const before = await client.limit({});
  const now = await client.limit(asked);
  const back = {
    inBytesPerSecond: before.inBytesPerSecond ?? 0,
    outBytesPerSecond: before.outBytesPerSecond ?? 0,
  };
  return {
    text: `in: ${formatRate(now.inBytesPerSecond)}, out: ${formatRate(now.outBytesPerSecond)}`,
    undo: {
      title: 'the limits as they were',
      command: [
        'limit',
        '--down',
        rateWord(back.inBytesPerSecond),
        '--up',
        rateWord(back.outBytesPerSecond),
      ],
      async run(later) {
        await later.limit(back);
      },
    },
  };
}

/** As `vault limit` takes it. */
function rateWord(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? 'off' : String(bytesPerSecond);
}

const rateHint = 'bytes a second: 500KiB, 2MiB, off; nothing: as it is';

export const transferActions: readonly Action[] = [
  {
    id: 'transfers.pause',
    title: 'Let the transfer wait, or go on',
    keys: ['p'],
    place: 'transfers',
    group: 'change',
    bar: 'pause',
    changes: true,
    unless: nothingSelected,
    command: (state) => ['transfers', holding(state), selectedTransfer(state)?.id ?? ''],
    run: (io) => steer(io, selectedTransfer(io.state())?.id ?? '', holding(io.state())),
  },
  {
    id: 'transfers.pause-all',
    title: 'Let all transfers wait',
    keys: ['P'],
    place: 'transfers',
    group: 'change',
    changes: true,
    command: () => ['transfers', 'pause', 'all'],
    run: (io) => steer(io, 'all', 'pause'),
  },
  {
    id: 'transfers.resume-all',
    title: 'Let all transfers go on',
    keys: ['R'],
    place: 'transfers',
    group: 'change',
    changes: true,
    command: () => ['transfers', 'resume', 'all'],
    run: (io) => steer(io, 'all', 'resume'),
  },
  {
    id: 'transfers.cancel',
    title: 'Give up the put or get',
    keys: ['x'],
    place: 'transfers',
    group: 'change',
    bar: 'cancel',
    changes: true,
    unless: (state) =>
      nothingSelected(state) ??
      (['put', 'get'].includes(selectedTransfer(state)?.kind ?? '')
        ? undefined
        : 'devices go on until each has everything: pause it'),
    confirm: (state) => ({
      title: `Give up ${selectedTransfer(state)?.id ?? ''}?`,
      detail: ['What was acknowledged stays. Its client is told.'],
    }),
    command: (state) => ['transfers', 'cancel', selectedTransfer(state)?.id ?? ''],
    run: (io) => steer(io, selectedTransfer(io.state())?.id ?? '', 'cancel'),
  },
  {
    id: 'transfers.limit',
    title: 'Limit how fast content comes and goes',
    keys: ['L'],
    place: 'transfers',
    group: 'change',
    bar: 'limit',
    changes: true,
    fields: () => [
      { label: 'from other devices', hint: rateHint },
      { label: 'to other devices', hint: rateHint },
    ],
    command: (_state, [down = '', up = '']) => [
      'limit',
      ...(down.trim() === '' ? [] : ['--down', down]),
      ...(up.trim() === '' ? [] : ['--up', up]),
    ],
    run: (io, [down = '', up = '']) =>
      limit(io, { inBytesPerSecond: rateOf(down), outBytesPerSecond: rateOf(up) }),
  },
  {
    id: 'transfers.copy-path',
    title: 'Copy the path of the selected transfer',
    keys: ['y'],
    place: 'transfers',
    group: 'select',
    unless: (state) =>
      typeof selectedTransfer(state)?.path === 'string' ? undefined : 'it has no path',
    run({ state, terminal }) {
      const { path, pathBytes } = selectedTransfer(state()) ?? {};
      terminal.copy(path ?? '');
      // With these bytes it is not UTF-8, and its text is the escaped form of it.
      const isEscaped = pathBytes !== undefined;
      return {
        text: isEscaped ? 'The path is copied, escaped: for --escaped-paths' : 'The path is copied',
      };
    },
  },
];
