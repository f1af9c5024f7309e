/** Commands about the past, about how much is where, and about why something is as it is. */
import type { CommandDefinition, OptionDefinition } from './types.ts';

/** For every command that reads the tree. */
export const at = {
  name: 'at',
  value: 'WHEN',
  describe: 'as it was then: a snapshot, 2026-11-01T12:00, yesterday, "2h ago"',
} as const satisfies OptionDefinition;

const list = {
  summary: 'list the snapshots',
  operands: '',
  operandsMin: 0,
  operandsMax: 0,
  options: [],
} as const;

export const pastCommands = [
  {
    name: 'snapshot',
    ...list,
    details: 'The same as vault snapshot list.',
    examples: [['vault snapshot', 'names, times, who took them']],
  },
  {
    name: 'snapshot list',
    ...list,
    details:
      'One that names changes which are not on this device yet is working, and says what is missing.',
    examples: [['vault snapshot list --json', 'for scripts']],
  },
  {
    name: 'snapshot create',
    summary: 'give the present tree a name that lasts',
    details:
      'A snapshot is small: it names how far each device had come. All devices know it. What it shows ' +
      'is kept as long as it is there. Without a name it is called after the time.',
    operands: '[NAME]',
    operandsMin: 0,
    operandsMax: 1,
    options: [],
    examples: [['vault snapshot create before-upgrade', 'then vault ls --at before-upgrade']],
  },
  {
    name: 'snapshot rm',
    summary: 'let snapshots go, on every device',
    details: 'A snapshot is named by its name, or by its id or the beginning of it.',
    operands: 'SNAPSHOT...',
    operandsMin: 1,
    operandsMax: Number.MAX_SAFE_INTEGER,
    options: [],
    examples: [['vault snapshot rm before-upgrade', 'the name may be given again']],
  },
  {
    name: 'snapshot diff',
    summary: 'list what is different between two moments',
    details:
      'A and B are snapshots or times; without B, the present is compared with A. What was renamed is ' +
      'one line. The exit status is 0 whether or not there are differences.',
    operands: 'A [B]',
    operandsMin: 1,
    operandsMax: 2,
    options: [{ name: 'path', value: 'PATH', describe: 'only at and below this path' }],
    examples: [
      ['vault snapshot diff before-upgrade', 'what has changed since'],
      ['vault snapshot diff yesterday now --path docs', 'in one directory'],
    ],
  },
  {
    name: 'snapshot restore',
    summary: 'bring something back as it was',
    details:
      'SNAPSHOT may also be a time. Without DEST it comes back to where it was: files get a new version, ' +
      'what came since stays. DEST is the exact new path. No content is read or written again.',
    operands: 'SNAPSHOT PATH [DEST]',
    operandsMin: 2,
    operandsMax: 3,
    options: [],
    examples: [
      ['vault snapshot restore before-upgrade docs', 'to where it was'],
      ['vault snapshot restore yesterday a.txt old.txt', 'beside it'],
    ],
  },
  {
    name: 'du',
    summary: 'show how much directories hold',
    details:
      'Bytes and files of each directory with all that is below it, and how many sealed bytes of that ' +
      'are stored on this device; a chunk that several files share is counted in the first of them.',
    operands: '[PATH]',
    operandsMin: 0,
    operandsMax: 1,
    completes: 'vault',
    options: [
      { name: 'depth', short: 'd', value: 'N', describe: 'lines for directories up to N levels' },
      { name: 'bytes', describe: 'sizes in bytes' },
      at,
    ],
    examples: [['vault du -d 1', 'what is in the root']],
  },
  {
    name: 'why',
    summary: 'explain why a path is as it is, here and on the other devices',
    details:
      'Which version is shown and who wrote it, which devices have it, what is missing, what stands in ' +
      'the way and what to do. Of a directory, the sums and the worst. Of what is not there, who ' +
      'removed it and when.',
    operands: 'PATH',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'vault',
    options: [],
    examples: [['vault why docs/report.pdf', 'is it safe on another device?']],
  },
] as const satisfies readonly CommandDefinition[];
