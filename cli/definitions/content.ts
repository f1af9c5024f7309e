/** Commands about files and directories. */
import { at } from './past.ts';
import { many } from './types.ts';
import type { CommandDefinition } from './types.ts';

const version = {
  name: 'version',
  value: 'V',
  describe: 'of this version (its id or the beginning of it) instead of the current one',
} as const;

export const contentCommands = [
  {
    name: 'put',
    summary: 'store files in the vault',
    details:
      'DEST is read like that of cp: into an existing directory, else the new name. Modes, times ' +
      'and symbolic links are kept; sockets, devices and pipes are skipped. A file that did not ' +
      'change since it was stored is not read again. An item that fails is named, and the others ' +
      'are stored. SRC may be - for standard input.',
    operands: 'SRC... DEST',
    operandsMin: 2,
    operandsMax: many,
    completes: 'local-then-vault',
    options: [
      { name: 'recursive', short: 'r', describe: 'directories with all that is below them' },
      { name: 'parents', short: 'p', describe: 'make missing directories above DEST' },
      { name: 'checksum', describe: 'read every file, even when its times did not change' },
    ],
    examples: [
      ['vault put report.pdf docs/', 'into the directory docs'],
      ['vault put -r photos /', 'a directory with all that is in it'],
      ['pg_dump db | vault put -p - backup/db.sql', 'from standard input'],
    ],
  },
  {
    name: 'get',
    summary: 'copy files out of the vault',
    details:
      'DEST is a local path, read like that of cp; - is standard output. An existing file is ' +
      'replaced in one step when the new one is complete. An item that fails is named, and the ' +
      'others are copied. Symbolic links are never followed.',
    operands: 'SRC... DEST',
    operandsMin: 2,
    operandsMax: many,
    completes: 'vault-then-local',
    options: [
      { name: 'recursive', short: 'r', describe: 'directories with all that is below them' },
      version,
      at,
    ],
    examples: [
      ['vault get docs/report.pdf .', 'into this directory'],
      ['vault get -r photos /mnt/usb', 'a directory with all that is in it'],
      ['vault get docs/report.pdf@3f2a old.pdf', 'an older version'],
    ],
  },
  {
    name: 'cat',
    summary: 'write files to standard output',
    operands: 'PATH...',
    operandsMin: 1,
    operandsMax: many,
    completes: 'vault',
    options: [
      { name: 'offset', value: 'N', describe: 'begin at byte N of each file' },
      { name: 'length', value: 'N', describe: 'at most N bytes of each file' },
      version,
      at,
    ],
    examples: [
      ['vault cat notes.txt', 'all of it'],
      ['vault cat --offset 1000 --length 24 data.bin | xxd', 'a part of it'],
    ],
  },
  {
    name: 'ls',
    summary: 'list directories',
    operands: '[PATH...]',
    operandsMin: 0,
    operandsMax: many,
    completes: 'vault',
    options: [
      { name: 'long', short: 'l', describe: 'mode, size, time, and where the content is' },
      { name: 'all', short: 'a', describe: 'nothing else: no name is ever left out' },
      { name: 'recursive', short: 'R', describe: 'with all that is below' },
      { name: 'directory', short: 'd', describe: 'directories themselves, not what is in them' },
      { name: 'bytes', describe: 'sizes in bytes' },
      at,
    ],
    examples: [
      ['vault ls', 'the root of the vault'],
      ['vault ls -l docs', 'with details'],
      ["vault ls -R --json | jq '.[].path'", 'every path'],
    ],
  },
  {
    name: 'tree',
    summary: 'show directories as a tree',
    operands: '[PATH]',
    operandsMin: 0,
    operandsMax: 1,
    completes: 'vault',
    options: [
      { name: 'level', short: 'L', value: 'N', describe: 'at most N levels deep' },
      { name: 'directories', short: 'd', describe: 'directories only' },
      at,
    ],
    examples: [['vault tree -L 2', 'the two upper levels']],
  },
  {
    name: 'stat',
    summary: 'show everything about one path',
    operands: 'PATH',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'vault',
    options: [version, at],
    examples: [['vault stat docs/report.pdf', 'size, times, version, copies here']],
  },
  {
    name: 'rm',
    summary: 'remove files and directories',
    details: 'What was removed stays in the history of the vault.',
    operands: 'PATH...',
    operandsMin: 1,
    operandsMax: many,
    completes: 'vault',
    options: [
      { name: 'recursive', short: 'r', describe: 'directories with all that is below them' },
      { name: 'force', short: 'f', describe: 'a missing path is no failure' },
    ],
    examples: [['vault rm -r old', 'a directory with all that is in it']],
  },
  {
    name: 'mv',
    summary: 'move or rename',
    operands: 'SRC... DEST',
    operandsMin: 2,
    operandsMax: many,
    completes: 'vault',
    options: [{ name: 'no-clobber', short: 'n', describe: 'do not replace an existing file' }],
    examples: [
      ['vault mv draft.txt final.txt', 'a new name'],
      ['vault mv a.txt b.txt docs', 'into the directory docs'],
    ],
  },
  {
    name: 'cp',
    summary: 'copy inside the vault',
    details: 'No content is read or written again: the copy shares it.',
    operands: 'SRC... DEST',
    operandsMin: 2,
    operandsMax: many,
    completes: 'vault',
    options: [
      { name: 'recursive', short: 'r', describe: 'directories with all that is below them' },
      { ...version, describe: 'this version of the source (its id or the beginning of it)' },
      { ...at, describe: 'the source as it was then: a snapshot or a time' },
    ],
    examples: [
      ['vault cp -r docs docs-2026', 'a directory with all that is in it'],
      ['vault cp notes.txt@3f2a old.txt', 'an older version'],
    ],
  },
  {
    name: 'mkdir',
    summary: 'make directories',
    operands: 'PATH...',
    operandsMin: 1,
    operandsMax: many,
    completes: 'vault',
    options: [
      { name: 'parents', short: 'p', describe: 'missing ones above too; an existing one is fine' },
      { name: 'mode', short: 'm', value: 'MODE', describe: 'permission bits, octal [755]' },
    ],
    examples: [['vault mkdir -p docs/2026/november', 'with those above']],
  },
  {
    name: 'df',
    summary: 'show how much the vault holds and how much room there is',
    operands: '',
    operandsMin: 0,
    operandsMax: 0,
    options: [{ name: 'bytes', describe: 'sizes in bytes' }],
    examples: [['vault df', 'sizes of the vault and of the disk']],
  },
] as const satisfies readonly CommandDefinition[];
