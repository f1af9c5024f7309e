/** Commands about the keys of this device, and about what was done on it. */
import type { CommandDefinition } from './types.ts';

const none = { operands: '', operandsMin: 0, operandsMax: 0 } as const;
const passphraseFile = {
  name: 'passphrase-file',
  value: 'FILE',
  describe: 'read the passphrase from this file, - for standard input, instead of asking',
} as const;
const newPassphraseFile = {
  name: 'new-passphrase-file',
  value: 'FILE',
  describe: 'read the new passphrase from this file instead of asking',
} as const;

export const keyCommands = [
  {
    name: 'unlock',
    summary: 'give the agent the passphrase of its keys',
    details:
      'Until then it reads, writes and sends nothing. A wrong passphrase takes as long as a right ' +
      'one, and after five of them each next try has to wait longer.',
    ...none,
    options: [passphraseFile],
    examples: [['vault unlock', 'asks for the passphrase']],
  },
  {
    name: 'lock',
    summary: 'take the keys out of the memory of the agent',
    details:
      'Mounts and connections to other devices are closed first. The process that had the keys ends; ' +
      'the one that follows waits for vault unlock. The keys need a passphrase for that.',
    ...none,
    options: [],
    examples: [['vault lock', 'before somebody else has the machine']],
  },
  {
    name: 'passphrase set',
    summary: 'protect the keys on the disk with a passphrase',
    details:
      'From the next start on the agent needs it: vaultd start asks for it, or vault unlock.',
    ...none,
    options: [passphraseFile],
    examples: [['vault passphrase set', 'asks for it twice']],
  },
  {
    name: 'passphrase change',
    summary: 'protect the keys with another passphrase',
    ...none,
    options: [passphraseFile, newPassphraseFile],
    examples: [['vault passphrase change', 'asks for the old one and the new one']],
  },
  {
    name: 'passphrase remove',
    summary: 'leave the keys on the disk without a passphrase',
    ...none,
    options: [passphraseFile],
    examples: [['vault passphrase remove', 'then only the mode of the files protects them']],
  },
  {
    name: 'keys backup',
    summary: 'write the keys of this device into a file, protected by a passphrase',
    details:
      'Keep it where this machine is not. vaultd restore FILE makes the device again in an empty home; ' +
      'files and changes come from the other devices then. Where a passphrase protects the keys, it has ' +
      'to be the same one.',
    operands: 'FILE',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'local',
    options: [passphraseFile],
    examples: [['vault keys backup laptop.keys', 'a new file that only you can read']],
  },
  {
    name: 'audit',
    summary: 'show what was done on this device, and whether that record is whole',
    details:
      'Members, keys, settings, mounts, refused connections and changes, repairs, many deletions at ' +
      'once: one entry each, in a chain that shows when one is changed, moved or taken away. Names ' +
      'and paths of the vault are never in it. With --verify the exit status is 8 when it is not whole.',
    ...none,
    options: [
      { name: 'since', value: 'TIME', describe: 'from then on: 2h, yesterday, 12:00, 2026-11-21' },
      { name: 'verify', describe: 'only say whether it is whole, and where it is not' },
      { name: 'follow', short: 'f', describe: 'go on with new entries until interrupted' },
    ],
    examples: [
      ['vault audit --since yesterday', 'the last day'],
      ['vault audit --verify', 'whether somebody changed it'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
