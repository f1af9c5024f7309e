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
] as const satisfies readonly CommandDefinition[];
