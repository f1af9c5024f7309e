/** What can be done about devices. */
import { VaultError } from '../../../protocol/errors.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { parseLifetime } from '../../../protocol/text/lifetime.ts';
import type { Action, ActionIo, Outcome } from '../../keymap/action.ts';
import { showReport } from '../../keymap/report.ts';
import { operandWords, optionWords } from '../../keymap/words.ts';
import type { State } from '../../state/state.ts';
import { noteHint, say } from '../activity/note-actions.ts';
import { selectedDevice } from './rows.ts';
import type { DeviceRow } from './rows.ts';
import { showTicket } from './ticket.ts';

const roles = ['blind', 'reader', 'writer', 'admin'] as const;
const reasons = ['lost', 'replaced', 'left', 'misbehaved'] as const;

/** Why the selected row is no other device of the vault. */
function noOther(state: State): string | undefined {
  const member = selectedDevice(state)?.member;
  if (member === undefined) return 'no device of the vault is selected';
  if (member.self) return 'this is the device itself';
  return member.state === 'revoked' ? 'it was sent away already' : undefined;
}

function notWaiting(state: State): string | undefined {
  return selectedDevice(state)?.waiting === undefined
    ? 'no device that waits is selected'
    : undefined;
}

function idOf(device: DeviceRow | undefined): string {
  return device?.member?.deviceId ?? device?.waiting?.deviceId ?? '';
}

async function invite(io: ActionIo, [role = '', expires = '', approve = '']: readonly string[]) {
  const expiresS = parseLifetime(expires);
  if (expiresS === undefined) {
    throw new VaultError('usage', {
      op: 'tui.invite',
      subject: escapeText(expires),
      next: 'give a time, as 30m, 24h or 7d',
    });
  }
  const report = await io
    .client()
    .invite({ role, expiresS, approve: approve === 'yes', addresses: [] });
  io.dispatch({ type: 'view', view: 'devices', message: { type: 'ticket', ticket: report } });
  await showTicket(io, report);
  return undefined;
}

async function decide(io: ActionIo, reject: boolean): Promise<Outcome> {
  const device = idOf(selectedDevice(io.state()));
  const { name } = await io.client().approve({ device, reject });
  return { text: `${escapeText(name)} is ${reject ? 'turned down' : 'confirmed'}` };
}

/** Who gets a note; undefined: all, when this device itself is selected. */
function toldDevice(state: State): string | undefined {
  const member = selectedDevice(state)?.member;
  return member === undefined || member.self ? undefined : member.deviceId;
}

function toldName(state: State): string | undefined {
  return toldDevice(state) === undefined ? undefined : selectedDevice(state)?.name;
}

export const deviceActions: readonly Action[] = [
  {
    id: 'devices.invite',
    title: 'Make a ticket that lets another device join',
    keys: ['i'],
    place: 'devices',
    group: 'change',
    bar: 'invite',
    changes: true,
    fields: () => [
      { label: 'role', initial: 'writer', options: roles },
      { label: 'valid for', initial: '24h', hint: '30m, 24h, 7d' },
      { label: 'confirm it here', initial: 'no', options: ['no', 'yes'] },
    ],
    command: (_state, [role = '', expires = '', approve = '']) => [
      ...['invite', '--role', role, '--expires', expires],
      ...(approve === 'yes' ? ['--approve'] : []),
    ],
    run: invite,
  },
  {
    id: 'devices.copy-ticket',
    title: 'Copy the latest ticket',
    keys: ['T'],
    place: 'devices',
    group: 'console',
    unless: ({ slices }) =>
      slices.devices.ticket === undefined ? 'no ticket was made in this console' : undefined,
    run({ state, terminal }) {
      terminal.copy(state().slices.devices.ticket?.ticket ?? '');
      return { text: 'The ticket is copied: whoever has it can join, once' };
    },
  },
  {
    id: 'devices.approve',
    title: 'Confirm the device that waits',
    keys: ['a'],
    place: 'devices',
    group: 'change',
    bar: 'confirm',
    changes: true,
    unless: notWaiting,
    confirm(state) {
      const waiting = selectedDevice(state)?.waiting;
      if (waiting === undefined) return undefined;
      return {
        title: `Does ${escapeText(waiting.name)} show these words?`,
        detail: [escapeText(waiting.fingerprint), `It becomes a ${waiting.role}.`],
      };
    },
    command: (state) => ['approve', idOf(selectedDevice(state)), '--yes'],
    run: (io) => decide(io, false),
  },
  {
    id: 'devices.reject',
    title: 'Turn the device that waits down, and end its ticket',
    keys: ['x'],
    place: 'devices',
    group: 'change',
    changes: true,
    unless: notWaiting,
    confirm: (state) => ({
      title: `Turn ${escapeText(selectedDevice(state)?.name ?? '')} down?`,
      detail: ['Its ticket ends too. You can make another one.'],
    }),
    command: (state) => ['approve', idOf(selectedDevice(state)), '--reject', '--yes'],
    run: (io) => decide(io, true),
  },
  {
    id: 'devices.role',
    title: 'Change what the device may do',
    keys: ['e'],
    place: 'devices',
    group: 'change',
    bar: 'role',
    changes: true,
    unless: noOther,
    fields: (state) => [
      { label: 'role', initial: selectedDevice(state)?.member?.role ?? '', options: roles },
    ],
    command: (state, [role = '']) => ['role', idOf(selectedDevice(state)), role],
    async run(io, [role = '']) {
      const member = selectedDevice(io.state())?.member;
      if (member === undefined) return undefined;
      const { deviceId: device, role: before } = member;
      const report = await io.client().role({ device, role });
      const name = escapeText(report.name);
      return {
        text: `${name} is ${report.role}${report.epoch === null ? '' : ', and new keys count'}`,
        undo: {
          title: `${name} is ${before} again`,
          command: ['role', device, before],
          async run(client) {
            await client.role({ device, role: before });
          },
        },
      };
    },
  },
  {
    id: 'devices.revoke',
    title: 'Send the device away, for good',
    keys: ['D'],
    place: 'devices',
    group: 'change',
    bar: 'send away',
    changes: true,
    unless: noOther,
    fields: () => [{ label: 'why', initial: 'lost', options: reasons }],
    confirm(state) {
      const name = escapeText(selectedDevice(state)?.name ?? '');
      return {
        title: `Send ${name} away?`,
        detail: [
          'Nothing that it writes from now on counts, and new keys are made without it.',
          'What it has read already cannot be taken back. It comes back only as a new device.',
        ],
        word: name,
      };
    },
    command: (state, [reason = '']) => [
      ...['revoke', idOf(selectedDevice(state)), ...optionWords('--reason', reason), '--yes'],
    ],
    async run(io, [reason = '']) {
      const device = idOf(selectedDevice(io.state()));
      const { name } = await io.client().revoke({ device, reason, until: [] });
      return { text: `${escapeText(name)} is sent away`, kind: 'warning' };
    },
  },
  {
    id: 'devices.add-address',
    title: 'Add an address where a device is reached',
    keys: ['+'],
    place: 'devices',
    group: 'change',
    bar: 'address',
    changes: true,
    fields: () => [{ label: 'address', hint: 'HOST:PORT' }],
    command: (state, [address = '']) => {
      const member = selectedDevice(state)?.member;
      const whose = member === undefined || member.self ? [] : ['--device', member.deviceId];
      return ['peers', 'add', address, ...whose];
    },
    async run(io, [address = '']) {
      const member = selectedDevice(io.state())?.member;
      const device = member === undefined || member.self ? undefined : member.deviceId;
      await io.client().peerAdd({ address, device });
      return {
        text: `${escapeText(address)} is tried from now on`,
        undo: {
          title: `forget ${escapeText(address)}`,
          command: ['peers', 'rm', address],
          async run(client) {
            await client.peerRemove({ address });
          },
        },
      };
    },
  },
  {
    id: 'devices.remove-address',
    title: 'Forget an address of the device',
    keys: ['-'],
    place: 'devices',
    group: 'change',
    changes: true,
    unless: (state) =>
      (selectedDevice(state)?.peer?.addresses.length ?? 0) === 0
        ? 'no address of it is known'
        : undefined,
    fields(state) {
      const addresses = selectedDevice(state)?.peer?.addresses ?? [];
      return [{ label: 'address', initial: addresses[0] ?? '', options: addresses }];
    },
    command: (_state, [address = '']) => ['peers', 'rm', address],
    async run(io, [address = '']) {
      const device = selectedDevice(io.state())?.peer?.deviceId ?? undefined;
      await io.client().peerRemove({ address });
      return {
        text: `${escapeText(address)} is forgotten`,
        undo: {
          title: `try ${escapeText(address)} again`,
          command: ['peers', 'add', address],
          async run(client) {
            await client.peerAdd({ address, device });
          },
        },
      };
    },
  },
  {
    id: 'devices.say',
    title: 'Leave a note for the device, or for all when it is this one',
    keys: ['s'],
    place: 'devices',
    group: 'change',
    bar: 'say',
    changes: true,
    unless: (state) =>
      selectedDevice(state)?.member === undefined
        ? 'no device of the vault is selected'
        : undefined,
    fields: (state) => [
      { label: `note to ${escapeText(toldName(state) ?? 'all who read')}`, hint: noteHint },
    ],
    command: (state, [text = '']) => {
      const device = toldDevice(state);
      return ['say', ...operandWords(...(device === undefined ? [] : [device]), text)];
    },
    run: (io, [text = '']) => say(io, text, toldDevice(io.state())),
  },
  {
    id: 'devices.notes',
    title: 'The notes between devices',
    keys: ['n'],
    place: 'devices',
    group: 'show',
    command: () => ['notes'],
    run({ dispatch }) {
      dispatch({ type: 'go', view: 'activity' });
      dispatch({ type: 'view', view: 'activity', message: { type: 'source', source: 'notes' } });
      return undefined;
    },
  },
  {
    id: 'devices.journals',
    title: 'The journals of all devices, and how far each counts',
    keys: ['J'],
    place: 'devices',
    group: 'show',
    command: () => ['journal', 'list'],
    run: (io) => showReport(io, 'Journals', ['journal', 'list']),
  },
  {
    id: 'devices.journal-choose',
    title: 'Name the branch of a forked journal that counts',
    keys: ['F'],
    place: 'devices',
    group: 'change',
    changes: true,
    fields: () => [
      { label: 'journal', hint: 'DEVICE/INCARNATION, as J lists it; beginnings are enough' },
      { label: 'sequence of the batch after the fork' },
      { label: 'hash of that batch', hint: 'its beginning is enough' },
    ],
    confirm: (_state, [journal = '']) => ({
      title: `Choose this branch of ${escapeText(journal)}?`,
      detail: ['It counts on all devices; the other one stays hidden and kept.'],
    }),
    command: (_state, args) => ['journal', 'choose', ...args.slice(0, 3)],
    async run(io, args) {
      const words = ['journal', 'choose', ...args.slice(0, 3)];
      await io.task('Choosing a branch', ({ signal }) => io.vault(words, signal));
      return { text: 'The branch counts now, on all devices' };
    },
  },
  {
    id: 'devices.copy',
    title: 'Copy the id of the device',
    keys: ['y'],
    place: 'devices',
    group: 'console',
    unless: (state) => (idOf(selectedDevice(state)) === '' ? 'it has none yet' : undefined),
    run({ state, terminal }) {
      terminal.copy(idOf(selectedDevice(state())));
      return { text: 'The id is copied' };
    },
  },
];
