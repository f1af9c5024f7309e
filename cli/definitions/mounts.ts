/** Commands about the mount. */
import { mountDrivers } from '../../protocol/control/reports.ts';
import type { CommandDefinition } from './types.ts';

export const mountCommands = [
  {
    name: 'mount',
    summary: 'make the vault a folder of this machine',
    details:
      'The directory has to be there. The mount lasts as long as the agent runs. See vaultd(8).',
    operands: 'DIR',
    operandsMin: 1,
    operandsMax: 1,
    options: [
      { name: 'allow-other', describe: 'other users of this machine may look into it' },
      {
        name: 'driver',
        value: 'NAME',
        choices: mountDrivers,
        describe: 'who speaks with the kernel: kernel (as a rule), or fuse-native',
      },
    ],
    examples: [['vault mount ~/vault', 'and then as any folder']],
  },
  {
    name: 'umount',
    summary: 'take the mount away',
    details: 'It works without the agent, too: the next one publishes what was written.',
    operands: 'DIR',
    operandsMin: 1,
    operandsMax: 1,
    options: [
      { name: 'force', short: 'f', describe: 'also when programs use it: they get errors' },
    ],
    examples: [['vault umount ~/vault', 'what was written is in the vault then']],
  },
  {
    name: 'trace',
    summary: 'show what programs wait for in the mount',
    details:
      'What runs now, then the latest operations that had to wait for something, and how long each kind took. ' +
      'What is answered at once is in none of it. With --follow, one line for each as it ends.',
    operands: '',
    operandsMin: 0,
    operandsMax: 0,
    options: [{ name: 'follow', short: 'f', describe: 'go on with what ends until interrupted' }],
    examples: [
      ['vault trace', 'why a program in the mount does not go on'],
      ['vault trace --follow --json', 'one JSON object a line, as they end'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
