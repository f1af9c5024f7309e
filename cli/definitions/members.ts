/** Commands about who belongs to the vault: inviting, confirming, roles, sending away, keys, recovery. */
import type { CommandDefinition } from './types.ts';

const none = { operands: '', operandsMin: 0, operandsMax: 0 } as const;
const yes = { name: 'yes', short: 'y', describe: 'do not ask; for scripts' } as const;
const words = {
  name: 'recovery-file',
  value: 'FILE',
  describe:
    'read the words from a file, or - for standard input, instead of asking on the terminal',
} as const;
const roles = ['blind', 'reader', 'writer', 'admin'] as const;

export const memberCommands = [
  {
    name: 'invite',
    summary: 'make a ticket that lets another device join',
    details:
      'The ticket is written to standard output, and as a QR code where the terminal has room for it. ' +
      'It works once. Whoever has it can join: send it on a safe way, or use --approve.',
    ...none,
    options: [
      {
        name: 'role',
        value: 'ROLE',
        choices: roles,
        describe: 'what the device may do [writer]; blind: store, but read nothing',
      },
      { name: 'expires', value: 'TIME', describe: 'how long it is valid: 30m, 24h, 7d [24h]' },
      { name: 'approve', describe: 'the device waits until vault approve confirms it' },
      {
        name: 'address',
        value: 'HOST:PORT',
        multiple: true,
        describe: 'where this agent is reached, instead of what it knows of itself',
      },
      {
        name: 'qr-file',
        value: 'FILE',
        describe: 'also write the ticket as a QR code into this new file: an SVG image',
      },
    ],
    examples: [
      ['vault invite', 'for a device of your own'],
      ['vault invite --role blind --expires 30m', 'for one that only stores'],
      ['vault invite --approve --qr-file ticket.svg', 'for somebody else, confirmed by you'],
    ],
  },
  {
    name: 'approve',
    summary: 'confirm a device that waits to join, by the words that it shows',
    details:
      'Run it on the device that made the ticket. Both sides show the same six words; when they differ, ' +
      'somebody else holds the ticket: use --reject, which ends the ticket too. Without DEVICE the only ' +
      'one that waits is meant.',
    operands: '[DEVICE]',
    operandsMin: 0,
    operandsMax: 1,
    options: [
      { name: 'list', describe: 'only list who waits' },
      { name: 'reject', describe: 'turn it down, and end its ticket' },
      yes,
    ],
    examples: [
      ['vault approve', 'shows the words and asks'],
      ['vault approve --list --json', 'for scripts'],
      ['vault approve 4e1f90 --yes', 'when the words were compared already'],
    ],
  },
  {
    name: 'members',
    summary: 'list the devices of the vault',
    ...none,
    options: [{ name: 'fingerprints', describe: 'with the six words of each device' }],
    examples: [['vault members', 'names, roles, who admitted whom']],
  },
  {
    name: 'role',
    summary: 'change what a device may do',
    details:
      'What it wrote so far stays when it may not write any more. A device that may not read any more ' +
      'keeps what it has read; what is written from then on has new keys. Only the owner makes and ' +
      'changes admins.',
    operands: 'DEVICE ROLE',
    operandsMin: 2,
    operandsMax: 2,
    options: [],
    examples: [
      ['vault role nas writer', 'it may write from now on'],
      ['vault role vps blind', 'it only stores from now on'],
    ],
  },
  {
    name: 'revoke',
    summary: 'send a device away, for good',
    details:
      'Its connections end, what is written from then on has new keys, and what it writes later is kept ' +
      'and hidden everywhere; vault journal list shows how much. What it wrote so far stays, unless --until ' +
      'says otherwise. Run it again with --until to move that line. What the device has read already ' +
      'cannot be taken back. It comes back only with new keys: vault invite.',
    operands: 'DEVICE',
    operandsMin: 1,
    operandsMax: 1,
    options: [
      {
        name: 'reason',
        value: 'REASON',
        choices: ['lost', 'replaced', 'left', 'misbehaved'],
        describe: 'why, for the others',
      },
      {
        name: 'until',
        value: 'BATCH',
        multiple: true,
        describe:
          'the last batch that counts, as [INCARNATION/]SEQUENCE of vault journal list; all: everything ' +
          'that is here; none [what counts now]',
      },
      {
        name: 'until-statement',
        value: 'ID',
        describe:
          'of an admin: the last of its statements that counts; all or none [all that count now]',
      },
      yes,
    ],
    examples: [
      ['vault revoke laptop --reason lost', 'asks for its name once more'],
      [
        'vault revoke laptop --until 9f3c/41 --yes',
        'nothing after batch 41 of that journal counts',
      ],
      [
        'vault revoke laptop --until all --yes',
        'all that it wrote, and that is here, counts after all',
      ],
    ],
  },
  {
    name: 'keys',
    summary: 'list the epochs and member keys, and who has them',
    details: 'The same as vault keys list.',
    ...none,
    options: [],
    examples: [['vault keys', 'the present epoch first']],
  },
  {
    name: 'keys list',
    summary: 'list the epochs and member keys, and who has them',
    ...none,
    options: [],
    examples: [['vault keys list --json', 'for scripts']],
  },
  {
    name: 'keys rotate',
    summary: 'open a new epoch: what is written from now on has new keys',
    details:
      'On a device of the owner or an admin. What is there stays readable and is not stored again. It ' +
      'happens by itself after keys.rotate-after, and when a device that could read is sent away.',
    ...none,
    options: [],
    examples: [['vault keys rotate', 'when a key may have leaked']],
  },
  {
    name: 'recover',
    summary: 'say whether recovery words belong to this vault',
    details: 'The same as vault recover check.',
    ...none,
    options: [words],
    examples: [['vault recover', 'asks for the words']],
  },
  {
    name: 'recover check',
    summary: 'say whether recovery words belong to this vault',
    details: 'Nothing is changed. The exit status is 5 when they are those of another vault.',
    ...none,
    options: [words],
    examples: [
      ['vault recover check', 'asks for the words and does not show them'],
      ['vault recover check --recovery-file words.txt', 'from a file'],
    ],
  },
  {
    name: 'recover restore',
    summary: 'make this device the owner of the vault, with the recovery words',
    details:
      'For when the device of the owner is lost, or its key was cloned. This device becomes an admin. ' +
      'Send the lost one away afterwards: vault revoke DEVICE --reason lost.',
    ...none,
    options: [
      words,
      {
        name: 'until-statement',
        value: 'ID',
        describe: 'the last statement of the owner before that counts; none [all that count now]',
      },
      yes,
    ],
    examples: [
      ['vault recover restore', 'asks for the words and does not show them'],
      ['vault recover restore --recovery-file FILE --yes', 'in a script'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
