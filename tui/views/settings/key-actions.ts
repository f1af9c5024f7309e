/** What can be done about keys, passphrases and recovery words. What is typed for that is never shown. */
import { VaultError } from '../../../protocol/errors.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import type { Action, ActionIo, Outcome } from '../../keymap/action.ts';
import { localFile } from '../../keymap/local-file.ts';
import { row } from '../../screen/span.ts';
import type { Field } from '../../state/modal.ts';
import { factRows } from '../../widgets/facts.ts';
import { keyFacts, keyName, selectedKey } from './keys.ts';

const hidden = (label: string, hint?: string): Field => ({ label, hint, secret: true });
const present = hidden('present passphrase');
const twice = [hidden('new passphrase'), hidden('the same again')] as const;
const words = hidden('the 24 recovery words', 'as vaultd init wrote them; they may be pasted');

/**
 * What was typed into two fields.
 * @throws VaultError `usage` when it is not the same
 */
function same({ secret }: ActionIo, first: number, second: number): Buffer {
  const typed = secret(first);
  if (typed.equals(secret(second))) return typed;
  throw new VaultError('usage', {
    op: 'tui.passphrase',
    subject: 'the passphrase',
    detail: 'it was not the same twice',
    next: 'type it again',
  });
}

function keysAction(action: Omit<Action, 'place'>): Action {
  return { ...action, place: 'settings' };
}

export const keyActions: readonly Action[] = [
  keysAction({
    id: 'settings.key',
    title: 'Who has the key, and what it is for',
    keys: ['enter'],
    pane: 'keys',
    group: 'show',
    bar: 'details',
    unless: (state) => (selectedKey(state) === undefined ? 'no key is selected' : undefined),
    command: () => ['keys', 'list'],
    run({ state, dispatch }) {
      const selected = selectedKey(state());
      if (selected === undefined) return undefined;
      const width = Math.min(state().size.columns - 4, 116);
      const rows = [row(), ...factRows(keyFacts(selected), width)];
      dispatch({
        type: 'open-modal',
        modal: { type: 'document', title: keyName(selected), rows, top: 0 },
      });
      return undefined;
    },
  }),
  keysAction({
    id: 'settings.rotate',
    title: 'Open a new epoch: what is written from now on has new keys',
    keys: ['r'],
    group: 'change',
    bar: 'rotate',
    changes: true,
    confirm: () => ({
      title: 'Open a new epoch?',
      detail: [
        'What is written from now on has new keys, which every device that reads gets.',
        'What is there stays readable and is not stored again.',
      ],
    }),
    command: () => ['keys', 'rotate'],
    async run(io) {
      const { currentEpoch } = await io.client().keysRotate();
      return {
        text: `What is written from now on has new keys: epoch ${currentEpoch.slice(0, 8)}`,
      };
    },
  }),
  keysAction({
    id: 'settings.recover-check',
    title: 'Do these recovery words belong to this vault?',
    keys: ['w'],
    group: 'show',
    bar: 'words',
    fields: () => [words],
    command: () => ['recover', 'check'],
    async run(io) {
      const { matches } = await io
        .client()
        .recoverCheck({ words: io.secret(0).toString('utf8').trim() });
      return matches
        ? { text: 'The words are those of this vault' }
        : { text: 'The words are well formed, but those of another vault', kind: 'warning' };
    },
  }),
  keysAction({
    id: 'settings.recover-restore',
    title: 'Make this device the owner of the vault, with the recovery words',
    keys: ['W'],
    group: 'change',
    changes: true,
    fields: () => [
      words,
      {
        label: 'the last statement of the owner before that counts',
        hint: 'its id or the beginning of it, or none; empty: all that count now',
      },
    ],
    confirm: () => ({
      title: 'Become the owner of the vault?',
      detail: [
        'This device takes the place of the present owner, and becomes an admin.',
        'A lost device has to be sent away afterwards: D in Devices.',
      ],
      word: 'owner',
    }),
    command: (_state, [, lastStatement = '']) => [
      ...['recover', 'restore', '--yes'],
      ...(lastStatement === '' ? [] : ['--until-statement', lastStatement]),
    ],
    async run(io, [, typed = '']) {
      const { admins } = await io.client().recoverRestore({
        words: io.secret(0).toString('utf8').trim(),
        lastStatement: typed.trim() === '' ? undefined : typed.trim(),
      });
      const others = admins.length === 0 ? '' : `; admins: ${admins.map(escapeText).join(', ')}`;
      return { text: `This device is the owner of the vault now${others}`, kind: 'warning' };
    },
  }),
  keysAction({
    id: 'settings.backup',
    title: 'Write the keys of this device into a file, protected by a passphrase',
    keys: ['b'],
    group: 'show',
    bar: 'backup',
    fields: () => [
      { label: 'new file of this machine', hint: 'keep it where this machine is not' },
      hidden('passphrase of the backup', 'that of the keys, where one protects them'),
      hidden('the same again'),
    ],
    command: (_state, [file = '']) => ['keys', 'backup', localFile(file)],
    async run(io, [file = '']) {
      const input = same(io, 1, 2);
      const command = ['keys', 'backup', localFile(file), '--passphrase-file', '-'];
      await io.task('Writing the keys', ({ signal }) => io.vault(command, signal, input));
      return { text: `The keys of this device are in ${escapeText(file)}` };
    },
  }),
  keysAction({
    id: 'settings.passphrase-set',
    title: 'Protect the keys on the disk with a passphrase',
    keys: ['p'],
    group: 'change',
    changes: true,
    fields: () => twice,
    command: () => ['passphrase', 'set'],
    async run(io) {
      const next = same(io, 0, 1);
      await io.task('Protecting the keys', ({ client }) =>
        client.passphrase({ change: 'set', next }),
      );
      return { text: 'A passphrase protects the keys: the agent needs it at its next start' };
    },
  }),
  keysAction({
    id: 'settings.passphrase-change',
    title: 'Protect the keys with another passphrase',
    keys: ['P'],
    group: 'change',
    bar: 'passphrase',
    changes: true,
    fields: () => [present, ...twice],
    command: () => ['passphrase', 'change'],
    async run(io) {
      const next = same(io, 1, 2);
      const current = io.secret(0);
      await io.task('Protecting the keys', ({ client }) =>
        client.passphrase({ change: 'change', current, next }),
      );
      return { text: 'Another passphrase protects the keys' };
    },
  }),
  keysAction({
    id: 'settings.passphrase-remove',
    title: 'Leave the keys on the disk without a passphrase',
    keys: ['x'],
    group: 'change',
    changes: true,
    fields: () => [present],
    confirm: () => ({
      title: 'Leave the keys without a passphrase?',
      detail: ['Then only the mode of the files protects them.'],
    }),
    command: () => ['passphrase', 'remove'],
    async run(io) {
      const current = io.secret(0);
      await io.task('Taking the passphrase away', ({ client }) =>
        client.passphrase({ change: 'remove', current }),
      );
      return { text: 'No passphrase protects the keys any more', kind: 'warning' };
    },
  }),
  keysAction({
    id: 'settings.lock',
    title: 'Take the keys out of the memory of the agent',
    keys: ['l'],
    group: 'change',
    bar: 'lock',
    changes: true,
    confirm: () => ({
      title: 'Lock the keys?',
      detail: [
        'Mounts and connections to other devices are closed. Until ! unlocks it again, the agent reads, ' +
          'writes and sends nothing.',
      ],
    }),
    command: () => ['lock'],
    run: lock,
  }),
];

async function lock(io: ActionIo): Promise<Outcome> {
  await io.task('Locking the keys', ({ client }) => client.lock());
  return { text: 'The keys are locked: the agent starts anew without them', kind: 'warning' };
}
