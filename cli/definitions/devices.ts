/** Commands about devices and the agent itself. */
import { many } from './types.ts';
import type { CommandDefinition } from './types.ts';

const transferIds = { operands: 'ID...', operandsMin: 1, operandsMax: many } as const;
const none = { operands: '', operandsMin: 0, operandsMax: 0 } as const;

export const deviceCommands = [
  {
    name: 'peers',
    summary: 'list the other devices and how they are reached',
    details: 'The same as vault peers list.',
    ...none,
    options: [],
    examples: [['vault peers', 'who is online']],
  },
  {
    name: 'peers list',
    summary: 'list the other devices and how they are reached',
    ...none,
    options: [],
    examples: [['vault peers list --json', 'for scripts']],
  },
  {
    name: 'peers add',
    summary: 'add an address where a device is reached',
    operands: 'HOST:PORT',
    operandsMin: 1,
    operandsMax: 1,
    options: [
      { name: 'device', value: 'DEVICE', describe: 'whose address: name, id, or its beginning' },
    ],
    examples: [['vault peers add nas.example.org:7420', 'reach a device there']],
  },
  {
    name: 'peers rm',
    summary: 'forget an address',
    operands: 'HOST:PORT',
    operandsMin: 1,
    operandsMax: 1,
    options: [],
    examples: [['vault peers rm nas.example.org:7420', 'do not try there any more']],
  },
  {
    name: 'journal',
    summary: 'list the journals of all devices and how far each counts',
    details: 'The same as vault journal list.',
    ...none,
    options: [],
    examples: [['vault journal', 'forked ones first']],
  },
  {
    name: 'journal list',
    summary: 'list the journals of all devices and how far each counts',
    details:
      'A device that was restored from an old backup, or copied, may write two different histories. ' +
      'Only what comes before the fork counts then, until somebody names the branch that goes on. ' +
      'Batches beyond the revocation of a device are kept and hidden as well.',
    ...none,
    options: [],
    examples: [['vault journal list --json', 'for scripts']],
  },
  {
    name: 'journal choose',
    summary: 'name the branch of a forked journal that counts',
    details:
      'On a device of the owner or an admin. It counts on all devices; the other branch stays hidden ' +
      'and kept. A later choice takes the place of an earlier one.',
    operands: 'DEVICE/INCARNATION SEQUENCE HASH',
    operandsMin: 3,
    operandsMax: 3,
    options: [],
    examples: [['vault journal choose 4e1f/90 17 a3f0c2', 'beginnings of the names are enough']],
  },
  {
    name: 'transfers',
    summary: 'list what is being transferred',
    details: 'The same as vault transfers list.',
    ...none,
    options: [],
    examples: [['vault transfers', 'with rates and time left']],
  },
  {
    name: 'transfers list',
    summary: 'list what is being transferred',
    ...none,
    options: [],
    examples: [['vault transfers list --json', 'for scripts']],
  },
  {
    name: 'transfers pause',
    summary: 'let transfers wait until they are resumed',
    details:
      'Between devices it is content that waits; changes still travel, and what a person reads is fetched. ' +
      'It holds over restarts of the agent. A put or get waits as long as its client does.',
    ...transferIds,
    options: [],
    examples: [
      ['vault transfers pause in-5f3a9c01', 'nothing more comes from that device'],
      ['vault transfers pause all', 'in both directions, of all devices and clients'],
    ],
  },
  {
    name: 'transfers resume',
    summary: 'let paused transfers go on',
    ...transferIds,
    options: [],
    examples: [['vault transfers resume all', 'everything']],
  },
  {
    name: 'transfers cancel',
    summary: 'give up puts and gets of clients',
    details:
      'What was acknowledged stays. Devices among each other cannot be made to give up: pause them.',
    ...transferIds,
    options: [],
    examples: [['vault transfers cancel put-3', 'its client is told']],
  },
  {
    name: 'transfers first',
    summary: 'fetch what is missing of a path before everything else',
    operands: 'PATH...',
    operandsMin: 1,
    operandsMax: many,
    completes: 'vault',
    options: [],
    examples: [['vault transfers first films/tonight.mkv', 'the rest waits for it']],
  },
  {
    name: 'transfers pieces',
    summary: 'show which parts of a file are on this device',
    details:
      'A map of the file from its beginning to its end: # is here, - is here in part, . is not. ' +
      'Nothing is fetched for it.',
    operands: 'PATH...',
    operandsMin: 1,
    operandsMax: many,
    completes: 'vault',
    options: [],
    examples: [['vault transfers pieces films/tonight.mkv', 'as it comes, in whatever order']],
  },
  {
    name: 'limit',
    summary: 'show or set how fast content may come and go',
    details:
      'For all other devices together, as a RATE a second: 500KiB, 2MiB, or off. It holds over restarts of the ' +
      'agent. Without options it shows the limits.',
    ...none,
    options: [
      { name: 'up', value: 'RATE', describe: 'to other devices' },
      { name: 'down', value: 'RATE', describe: 'from other devices' },
      { name: 'off', describe: 'no limits' },
    ],
    examples: [
      ['vault limit --up 500KiB --down 2MiB', 'bytes a second'],
      ['vault limit --off', 'as fast as it goes'],
    ],
  },
  {
    name: 'status',
    summary: 'show how the agent and the vault are',
    ...none,
    options: [],
    examples: [['vault status', 'the reason and a next step for whatever is not well']],
  },
  {
    name: 'events',
    summary: 'show what happened',
    ...none,
    options: [
      { name: 'follow', short: 'f', describe: 'go on with new ones until interrupted' },
      { name: 'recent', short: 'n', value: 'N', describe: 'how many of the past [20]' },
    ],
    examples: [
      ['vault events -n 100', 'the last hundred'],
      ['vault events --follow --json', 'one JSON object a line, as they happen'],
    ],
  },
  {
    name: 'doctor',
    summary: 'check the installation and say what to mend',
    details: 'The exit status is 1 when a check fails.',
    ...none,
    options: [],
    examples: [['vault doctor', 'all checks']],
  },
  {
    name: 'config',
    summary: 'show all settings',
    details: 'The same as vault config show.',
    ...none,
    options: [],
    examples: [['vault config', 'all settings']],
  },
  {
    name: 'config show',
    summary: 'show all settings and where each value comes from',
    ...none,
    options: [],
    examples: [['vault config show', 'all settings']],
  },
  {
    name: 'config explain',
    summary: 'say what one setting is and which source won',
    operands: 'KEY',
    operandsMin: 1,
    operandsMax: 1,
    options: [],
    examples: [['vault config explain listen', 'flag, environment, file or default']],
  },
  {
    name: 'config set',
    summary: 'change a setting in config.toml',
    details:
      'The rest of the file stays as it is. It counts from the next start of the agent: vaultd stop, ' +
      'vaultd start. A flag or an environment variable still beats it.',
    operands: 'KEY VALUE',
    operandsMin: 2,
    operandsMax: 2,
    options: [],
    examples: [['vault config set log.level debug', 'more lines in the log']],
  },
  {
    name: 'config unset',
    summary: 'take a setting out of config.toml, so that its default counts',
    operands: 'KEY',
    operandsMin: 1,
    operandsMax: 1,
    options: [],
    examples: [['vault config unset log.level', 'as it was made']],
  },
  {
    name: 'completion',
    summary: 'write a completion script for the shell',
    operands: 'bash|zsh|fish|paths',
    operandsMin: 1,
    operandsMax: 2,
    details: 'The script asks vault completion paths PREFIX for paths of the vault.',
    options: [],
    examples: [
      ['source <(vault completion bash)', 'in ~/.bashrc'],
      ['source <(vault completion zsh)', 'in ~/.zshrc, after compinit'],
      ['vault completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
  },
  {
    name: 'relay',
    summary: 'connect standard input and output with the control socket',
    details:
      'What vault --ssh HOST and vault-tui --ssh HOST start on the other machine. It carries the control ' +
      'protocol as it is, and ends when either side does. Whoever may run it may do all that the agent allows.',
    ...none,
    options: [],
    examples: [['ssh nas vault relay', 'how the others start it']],
  },
] as const satisfies readonly CommandDefinition[];
