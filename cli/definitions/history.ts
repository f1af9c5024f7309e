/** Commands about the past of a path, and about what was deleted. */
import { at } from './past.ts';
import type { CommandDefinition } from './types.ts';

export const historyCommands = [
  {
    name: 'log',
    summary: 'show what happened to a path',
    details:
      'Every version and every change, the latest first, across renames and across programs that save ' +
      'by replacing the file. Of a directory, what came, left or was renamed in it. PATH may be deleted.',
    operands: '[PATH]',
    operandsMin: 0,
    operandsMax: 1,
    completes: 'vault',
    options: [{ name: 'number', short: 'n', value: 'N', describe: 'only the N latest' }],
    examples: [
      ['vault log docs/report.pdf', 'its versions'],
      ['vault log -n 20 docs', 'what happened in a directory'],
    ],
  },
  {
    name: 'diff',
    summary: 'compare two paths, or two versions',
    details:
      'A and B are paths or PATH@VERSION. One PATH alone is compared with its version before, one ' +
      'PATH@VERSION with the current one; with --at, PATH as it was then with PATH as it is. Of ' +
      'directories, names that were added (+), removed (-) or changed (M). Only content counts, not ' +
      'modes and times. The exit status is 0 when both are the same and 1 when they differ; any other ' +
      'one, and every message on standard error, is trouble.',
    operands: 'A [B]',
    operandsMin: 1,
    operandsMax: 2,
    completes: 'vault',
    options: [
      { name: 'unified', short: 'U', value: 'N', describe: 'N lines around each change [3]' },
      at,
    ],
    examples: [
      ['vault diff notes.txt', 'what the last version changed'],
      ['vault diff notes.txt@3f2a notes.txt@91bc', 'two versions'],
      ['vault diff docs docs-2026', 'two directories'],
    ],
  },
  {
    name: 'restore',
    summary: 'bring an earlier version back',
    details:
      'It becomes a new version, with the content and the mode of then; nothing is lost, and no content ' +
      'is read or written again. DEST is read like that of cp.',
    operands: 'PATH@VERSION [DEST]',
    operandsMin: 1,
    operandsMax: 2,
    completes: 'vault',
    options: [
      { name: 'version', value: 'V', describe: 'the version, instead of @VERSION behind the path' },
    ],
    examples: [
      ['vault restore notes.txt@3f2a', 'in its place'],
      ['vault restore notes.txt@3f2a old.txt', 'beside the current one'],
    ],
  },
  {
    name: 'undelete',
    summary: 'bring back what was deleted',
    details:
      'A file comes back with its history, a directory with everything that went with it: what the ' +
      'same device removed below it, each within ten seconds of the next. What was deleted from it ' +
      'before stays deleted. DEST is read like that of cp.',
    operands: 'PATH [DEST]',
    operandsMin: 1,
    operandsMax: 2,
    completes: 'vault',
    options: [{ name: 'version', value: 'V', describe: 'of a file, this version of it' }],
    examples: [
      ['vault undelete docs', 'a directory as it was when it was removed'],
      ['vault undelete docs/report.pdf old.pdf', 'at another place'],
    ],
  },
  {
    name: 'trash',
    summary: 'list what was deleted',
    details:
      'At and below DIR, the latest first: when, by whom, how much. Nothing of it is dropped yet, ' +
      'however old it is. vault trash ls is the same.',
    operands: '[ls] [DIR]',
    operandsMin: 0,
    operandsMax: 2,
    completes: 'vault',
    options: [{ name: 'bytes', describe: 'sizes in bytes' }],
    examples: [
      ['vault trash', 'in the whole vault'],
      ['vault trash docs', 'in a directory; it may be deleted itself'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
