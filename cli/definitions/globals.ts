/** Options that every command has. */
import type { OptionDefinition } from './types.ts';

export const globalOptions = [
  { name: 'json', describe: 'write JSON instead of text; errors too, on standard error' },
  { name: 'quiet', short: 'q', describe: 'only results and errors' },
  { name: 'no-progress', describe: 'no progress bar' },
  { name: 'home', value: 'DIR', describe: 'home of the agent (VAULT_HOME)' },
  { name: 'socket', value: 'PATH', describe: 'socket of the agent (VAULT_SOCKET)' },
  {
    name: 'ssh',
    value: 'HOST',
    describe: 'the agent of another machine, through vault relay there (VAULT_RSH)',
  },
  {
    name: 'escaped-paths',
    describe: 'vault paths are written as they are printed: \\xNN, \\u{N}, \\n, \\\\',
  },
  { name: 'help', short: 'h', describe: 'show this help' },
] as const satisfies readonly OptionDefinition[];
