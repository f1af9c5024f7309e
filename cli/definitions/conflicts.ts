/** Commands about conflicts. */
import type { CommandDefinition } from './types.ts';

export const conflictCommands = [
  {
    name: 'conflicts',
    summary: 'list what was changed on several devices at once',
    details:
      'Shows every version with the device that wrote it, its time, size and id, the name that it is ' +
      'shown under, and the version that all of them come from. Files that want one name, and what was ' +
      'deleted on one device and changed on another, are listed too.',
    operands: '[PATH]',
    operandsMin: 0,
    operandsMax: 1,
    completes: 'vault',
    options: [],
    examples: [
      ['vault conflicts', 'everything that waits for a decision'],
      ["vault conflicts --json | jq -r '.[].path'", 'the paths only'],
    ],
  },
  {
    name: 'resolve',
    summary: 'settle a conflict',
    details:
      'PATH is the name of the file, or the name that one of its versions is shown under. What is ' +
      'decided is a version like any other; the versions that made way stay in the history. Where ' +
      'lines of a merge clash, they are written out, nothing is stored, and the exit status is 4.',
    operands: 'PATH',
    operandsMin: 1,
    operandsMax: 1,
    completes: 'vault',
    options: [
      {
        name: 'keep',
        value: 'WHICH',
        describe:
          'mine (what this device wrote), theirs (the other one), both (each as a file of its own), ' +
          'or the id of a version',
      },
      { name: 'with', value: 'FILE', describe: 'this local file in the place of all; - is stdin' },
      { name: 'merge', describe: 'the changes of all versions, for text' },
    ],
    examples: [
      ['vault resolve notes.txt --merge', 'take in the changes of both sides'],
      ['vault resolve notes.txt --keep mine', 'what this device wrote'],
      ['vault resolve notes.txt --with merged.txt', 'what you made of them'],
    ],
  },
] as const satisfies readonly CommandDefinition[];
