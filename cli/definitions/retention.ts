/** Commands about what is kept of the past, what goes for good, and getting its space back. */
import type { CommandDefinition } from './types.ts';

const show = {
  summary: 'show what is kept of older and deleted versions, and which rule says so',
  details:
    'Rules belong to directories and files; the nearest one at or above a path decides, for older ' +
    'versions and for the trash by itself. Without a rule everything is kept. Rules of their own below ' +
    'the path are listed too.',
  operands: '[PATH]',
  operandsMin: 0,
  operandsMax: 1,
  completes: 'vault',
  options: [],
} as const;

const count = 'N';

export const retentionCommands = [
  {
    name: 'retention',
    ...show,
    examples: [['vault retention docs', 'what is kept below docs']],
  },
  {
    name: 'retention show',
    ...show,
    examples: [['vault retention show docs --json', 'for scripts']],
  },
  {
    name: 'retention set',
    summary: 'say what a path keeps of its past',
    details:
      'A version stays when one of the numbers keeps it: the newest version of each of the last N hours, ' +
      'days, weeks, months or years that have one, the last N, and whatever was the present one within a ' +
      'time. The present version, both sides of a conflict and what a snapshot shows always stay. ' +
      'What was deleted stays for the days of the trash, and for ever when no rule says how long. ' +
      'The rule takes the place of the one that the path had. Nothing goes before vault forget, ' +
      'which an admin also runs once a day by itself.',
    operands: 'PATH',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'vault',
    options: [
      { name: 'keep-last', value: count, describe: 'the last N versions' },
      { name: 'keep-hourly', value: count, describe: 'the last version of each of N hours' },
      { name: 'keep-daily', value: count, describe: 'the last version of each of N days' },
      { name: 'keep-weekly', value: count, describe: 'the last version of each of N weeks' },
      { name: 'keep-monthly', value: count, describe: 'the last version of each of N months' },
      { name: 'keep-yearly', value: count, describe: 'the last version of each of N years' },
      {
        name: 'keep-within',
        value: 'TIME',
        describe: 'all that were the present one within TIME: 36h, 90d, 2w, 1y6m',
      },
      { name: 'trash-days', value: count, describe: 'what was deleted stays so many days' },
    ],
    examples: [
      ['vault retention set / --keep-daily 14', 'for everything'],
      ['vault retention set a --trash-days 30', 'and for one directory'],
    ],
  },
  {
    name: 'retention unset',
    summary: 'take the rule of a path away',
    details: 'The rule above decides from then on, or none: then everything is kept.',
    operands: 'PATH',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'vault',
    options: [],
    examples: [['vault retention unset photos', 'the rule of / decides again']],
  },
  {
    name: 'retention fold',
    summary: 'put a state that all agree on in the place of the oldest changes',
    details:
      'Says up to where the record of old changes could be replaced by what it amounts to: rules, snapshots ' +
      'and the trash keep the versions that they speak of, and devices that are away hold it up. An admin ' +
      'issues a checkpoint over that; every device that may write makes the same state by itself, compares, ' +
      'and agrees. Then what the old changes said goes from the journals of every device that reads, and ' +
      '--at shows no moment before that state any more. It cannot be undone.',
    operands: '',
    operandsMin: 0,
    operandsMax: 0,
    options: [{ name: 'dry-run', short: 'n', describe: 'only show what could be folded' }],
    examples: [
      [
        'vault retention fold --dry-run',
        'what could be folded, what holds it up, and what is folded',
      ],
    ],
  },
  {
    name: 'forget',
    summary: 'let old versions go for good that no rule keeps',
    details:
      'Lists each version with what becomes of it and why, and how many bytes come back: chunks that ' +
      'nothing else needs. Only the owner and admins let versions go. Every device drops them when all ' +
      'devices that may write have agreed; vault gc shows which it waits for.',
    operands: '[PATH]',
    operandsMin: 0,
    operandsMax: 1,
    completes: 'vault',
    options: [{ name: 'dry-run', short: 'n', describe: 'only show what would go' }],
    examples: [
      ['vault forget --dry-run', 'what would go, and how much comes back'],
      ['vault forget photos', 'only below photos'],
    ],
  },
  {
    name: 'gc',
    summary: 'give the space of what went back, on this device',
    details:
      'The agent does so by itself, slowly; this does it now, and says what waits for whom. Files that ' +
      'hold little else are emptied and removed while everything else goes on.',
    operands: '',
    operandsMin: 0,
    operandsMax: 0,
    options: [{ name: 'dry-run', short: 'n', describe: 'only show what could be freed' }],
    examples: [['vault gc --dry-run', 'what could be freed, and what waits for other devices']],
  },
] as const satisfies readonly CommandDefinition[];
