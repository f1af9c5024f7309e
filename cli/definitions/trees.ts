/** Commands that bring whole trees in and out, and go on where they stopped. */
import type { CommandDefinition } from './types.ts';

export const treeCommands = [
  {
    name: 'import',
    summary: 'store a whole directory, or go on with it',
    details:
      'What is in DIR goes into DEST, which is made when it is missing. Run again after an ' +
      'interruption, it goes on where it stopped: what is stored is not read again. What a .vaultignore ' +
      'file in the tree names, in the syntax of .gitignore, is left out.',
    operands: 'DIR DEST',
    operandsMin: 2,
    operandsMax: 2,
    completes: 'local-then-vault',
    options: [
      {
        name: 'exclude',
        value: 'PATTERN',
        multiple: true,
        describe: 'leave out what it matches, as a line of .vaultignore at the top would',
      },
      {
        name: 'ignore-file',
        value: 'FILE',
        multiple: true,
        describe: 'read patterns from this file too; those in the tree come first',
      },
      { name: 'dry-run', short: 'n', describe: 'store nothing, list what would be done' },
      { name: 'checksum', describe: 'read every file, even when its times did not change' },
    ],
    examples: [
      ['vault import ~/photos photos', 'all of it, or what is missing'],
      ["vault import --exclude '*.tmp' --dry-run src /src", 'what would be stored'],
    ],
  },
  {
    name: 'export',
    summary: 'copy a whole directory out of the vault, or go on with it',
    details:
      'What is in PATH goes into DIR, which is made when it is missing, with modes, times, symbolic ' +
      'links and empty directories. Files that are there with the same size and time are skipped, so ' +
      'that an interrupted export goes on. Nothing is deleted from DIR.',
    operands: 'PATH DIR',
    operandsMin: 2,
    operandsMax: 2,
    completes: 'vault-then-local',
    options: [{ name: 'checksum', describe: 'compare the content of files that look the same' }],
    examples: [['vault export / /mnt/usb/vault', 'the whole vault']],
  },
] as const satisfies readonly CommandDefinition[];
