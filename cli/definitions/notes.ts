/** Commands for messages between devices. */
import type { CommandDefinition } from './types.ts';

export const noteCommands = [
  {
    name: 'say',
    summary: 'leave a note for a device, for all, or at a path',
    details:
      'To a DEVICE: only it can read the note, and this device. Without one: all that read the vault can; ' +
      'with --path it is pinned to what is there and follows it when it is renamed. It arrives when the ' +
      'others are online, also through devices that store and read nothing. A TEXT of - is read ' +
      'from standard input, where other users of the machine do not see it. At most 2048 bytes.',
    operands: '[DEVICE] TEXT',
    operandsMin: 1,
    operandsMax: 2,
    options: [{ name: 'path', value: 'PATH', describe: 'pinned to this path' }],
    examples: [
      ['vault say "going offline until Monday"', 'to all who read'],
      ['vault say laptop "the key is in the drawer"', 'to one device'],
      ['vault say --path docs/plan.odt "not finished"', 'about a file'],
    ],
  },
  {
    name: 'notes',
    summary: 'show the notes that this device may read',
    details:
      'The oldest first. The latest 256 of each device are kept. With --json one list, with --follow one ' +
      'object a line.',
    operands: '',
    operandsMin: 0,
    operandsMax: 0,
    options: [
      { name: 'path', value: 'PATH', describe: 'only those that are pinned there and below' },
      { name: 'follow', short: 'f', describe: 'go on with new ones until interrupted' },
    ],
    examples: [
      ['vault notes', 'all of them'],
      ['vault notes --path docs', 'what was said about docs'],
      ['vault notes --follow --json', 'one JSON object a line, as they come'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
