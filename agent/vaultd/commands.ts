/**
 * The commands of `vaultd` as data: what yargs parses, what `--help` shows, and what a test compares
 * with the manual page. The code of a command is loaded when it runs.
 */
import type { Options } from 'yargs';
import { mountDrivers, type MountDriver } from '../../protocol/control/reports.ts';

/** The parsed command line; yargs has checked it against the options below. */
export interface CommandLine {
  readonly home?: string;
  readonly socket?: string;
  readonly name?: string;
  readonly recoveryFile?: string;
  readonly ticket?: string;
  readonly ticketFile?: string;
  readonly listen?: string;
  readonly mount?: string;
  readonly allowOther?: boolean;
  readonly driver?: MountDriver;
  readonly detach?: boolean;
  readonly passphraseFile?: string;
  readonly passphrase?: boolean;
  readonly file?: string;
  readonly json?: boolean;
}

export interface Command {
  /** With its positional arguments, as yargs wants it. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Options>>;
  readonly examples: readonly (readonly [string, string])[];
  /** Resolves with the exit status. */
  load(): Promise<(line: CommandLine) => Promise<number>>;
}

/** Every command takes these. */
export const commonOptions = {
  home: {
    type: 'string',
    requiresArg: true,
    describe: 'Directory of this agent (VAULT_HOME; default: ~/.local/share/peervault)',
  },
  socket: {
    type: 'string',
    requiresArg: true,
    describe: 'Control socket (VAULT_SOCKET; default: agent.sock in the home)',
  },
} as const satisfies Record<string, Options>;

const name = {
  type: 'string',
  requiresArg: true,
  describe: 'Name of this device, for people (default: name of the machine)',
} as const;

const passphraseOptions = {
  'passphrase-file': {
    type: 'string',
    requiresArg: true,
    describe: 'Protect the keys of this device with the passphrase in this file',
  },
  passphrase: {
    type: 'boolean',
    describe: 'Ask for a passphrase that protects the keys of this device',
  },
} as const;

export const commands: readonly Command[] = [
  {
    usage: 'init',
    summary: 'create a vault, and show its recovery words once',
    options: {
      name,
      'recovery-file': {
        type: 'string',
        requiresArg: true,
        describe: 'Write the recovery words into this new file, not to the terminal',
      },
      ...passphraseOptions,
    },
    examples: [
      ['vaultd init --name laptop', 'on the terminal'],
      ['vaultd init --recovery-file words.txt', 'in a script'],
    ],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    usage: 'join [ticket]',
    summary: 'join a vault with a ticket from "vault invite"; - reads it from standard input',
    options: {
      name,
      'ticket-file': { type: 'string', requiresArg: true, describe: 'Read the ticket from a file' },
      ...passphraseOptions,
    },
    examples: [
      ['vaultd join pv1abc…', 'with the ticket itself'],
      ['vaultd join - < ticket', 'without it in the list of processes'],
    ],
    load: async () => (await import('./commands/join.ts')).join,
  },
  {
    usage: 'start',
    summary: 'run the agent; in the foreground, unless --detach is given',
    options: {
      listen: {
        type: 'string',
        requiresArg: true,
        describe: 'HOST:PORT for other devices (default: :7420; port 0: a free one, which is kept)',
      },
      detach: {
        type: 'boolean',
        describe: 'Return when the agent is ready; it logs to log/ in the home',
      },
      mount: {
        type: 'string',
        requiresArg: true,
        describe: 'Mount the vault at a directory, for as long as the agent runs',
      },
      'allow-other': {
        type: 'boolean',
        describe: 'With --mount: other users of this machine may look into it',
      },
      driver: {
        type: 'string',
        requiresArg: true,
        choices: mountDrivers,
        describe: 'With --mount: who speaks with the kernel (default: kernel)',
      },
      'passphrase-file': {
        type: 'string',
        requiresArg: true,
        describe: 'File with the passphrase of the keys; it has to stay where it is',
      },
    },
    examples: [
      ['vaultd start', 'until Ctrl-C'],
      ['vaultd start --detach --listen 192.168.1.5:7420', 'in the background'],
    ],
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    usage: 'restore [file]',
    summary: 'put a device back from a backup of its keys, into an empty home',
    options: {
      name,
      'passphrase-file': {
        type: 'string',
        requiresArg: true,
        describe: 'Read the passphrase of the backup from this file',
      },
    },
    examples: [['vaultd restore laptop.keys', 'asks for the passphrase']],
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    usage: 'stop',
    summary: 'end the agent, and wait until it is gone',
    options: {},
    examples: [['vaultd stop', '']],
    load: async () => (await import('./commands/stop.ts')).stop,
  },
  {
    usage: 'status',
    summary: 'say whether the agent runs, and how it is',
    options: { json: { type: 'boolean', describe: 'One JSON object' } },
    examples: [['vaultd status --json', 'for a script']],
    load: async () => (await import('./commands/status.ts')).status,
  },
];
