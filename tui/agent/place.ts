/** Which agent the console shows, and how it and the programs that it starts get there. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { openRelay, relayCommand } from '../../protocol/control/relay.ts';
import type { RelayPlace, RelayedSession } from '../../protocol/control/relay.ts';
import { findSocketPath } from '../../protocol/control/socket-path.ts';
import type { Options } from '../options.ts';
import { openSocket, rpcClock } from './connect.ts';
import type { Open } from './link.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface AgentPlace {
  readonly open: Open;
  /** Options of `vault` that lead to the same agent. */
  readonly words: readonly string[];
  /** Of them, what `vault` needs on the same command line elsewhere: nothing where it finds the agent by itself. */
  readonly shown: readonly string[];
}

/**
 * Through ssh the first connection is made here, while the terminal is still free for its questions.
 * @throws VaultError `usage`, and what keeps ssh from getting there
 */
export async function placeOf(
  { ssh: host, home, socket }: Options,
  environment: Environment = process.env,
): Promise<AgentPlace> {
  if (host !== undefined) return placeBehind({ host, home, socket });
  const path = findSocketPath({ socket, home, environment, userHome: homedir() });
  const shown = shownWords({ home, socket }, environment);
  return { open: openSocket(path), words: ['--socket', path], shown };
}

/** The command lines are to be pasted into any shell, wherever that stands and whatever is set there. */
function shownWords(
  { home, socket }: Pick<Options, 'home' | 'socket'>,
  environment: Environment,
): readonly string[] {
  if (isGiven(socket)) return ['--socket', resolve(socket)];
  if (isGiven(home)) return ['--home', resolve(home)];
  const { VAULT_SOCKET: socketSet, VAULT_HOME: homeSet } = environment;
  if (isGiven(socketSet)) return ['--socket', resolve(socketSet)];
  return isGiven(homeSet) ? ['--home', resolve(homeSet)] : [];
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

async function placeBehind(place: RelayPlace): Promise<AgentPlace> {
  const { host, home, socket } = place;
  let first: RelayedSession | undefined = await start(place, []);
  const words = [
    ...['--ssh', host],
    ...(home === undefined ? [] : ['--home', home]),
    ...(socket === undefined ? [] : ['--socket', socket]),
  ];
  return {
    async open(onClosed) {
      const relayed = first ?? (await start(place, quietly()));
      first = undefined;
      void relayed.closed.then(onClosed);
      return relayed.session;
    },
    words,
    shown: words,
  };
}

/** Later on nobody can answer: the console has the terminal. Other programs have options of their own. */
function quietly(): readonly string[] {
  return (process.env['VAULT_RSH'] ?? '') === '' ? ['-o', 'BatchMode=yes'] : [];
}

function start(place: RelayPlace, options: readonly string[]): Promise<RelayedSession> {
  const { program, args } = relayCommand(place, process.env['VAULT_RSH']);
  const child = spawn(program, [...options, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  return openRelay(child, place.host, { clock: rpcClock });
}
