/**
 * The control protocol through a program that reaches another machine, as ssh does: `vault relay` over
 * there connects its standard input and output with the socket of the agent. Who starts the program is
 * the business of the callers.
 */
import { Duplex, Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { VaultError, errorSentences, isVaultError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { exitStatuses } from '../exit-status.ts';
import type { RpcClock } from '../rpc/rpc.ts';
import { shellWord } from '../text/shell-word.ts';
import { createControlSession } from './session.ts';
import type { ControlSession } from './session.ts';

export interface RelayPlace {
  /** As ssh takes it: `HOST`, `USER@HOST`, or a name of its configuration. */
  readonly host: string;
  /** Of the agent over there. */
  readonly home?: string | undefined;
  readonly socket?: string | undefined;
}

export interface RelayCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** A child process, as far as it is needed. */
export interface RelayProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  once(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'close', listener: (status: number | null) => void): unknown;
  kill(): unknown;
}

export interface RelayedSession {
  readonly session: ControlSession;
  /** Resolves when the program is gone. */
  readonly closed: Promise<void>;
}

const op = 'control.relay';
const defaultProgram = 'ssh';
/** Of what the program says about its failure. */
const saidCharactersMax = 4096;

/**
 * @param program with its arguments, separated by spaces; undefined or empty: ssh
 * @throws VaultError `usage` when the host would be taken for an option
 */
export function relayCommand(place: RelayPlace, program: string | undefined): RelayCommand {
  const { host, home, socket } = place;
  if (host === '' || host.startsWith('-')) {
    throw new VaultError('usage', { op, subject: `--ssh ${host}`, detail: 'this is no host' });
  }
  const [file = defaultProgram, ...before] = (program ?? '')
    .split(' ')
    .filter((word) => word !== '');
  const words = [
    ...['vault', 'relay'],
    ...(home === undefined ? [] : ['--home', home]),
    ...(socket === undefined ? [] : ['--socket', socket]),
  ];
  // The shell over there takes it apart again.
  return { program: file, args: [...before, host, words.map(shellWord).join(' ')] };
}

/**
 * Resolves when the agent has answered.
 * @throws VaultError `peer-unreachable`, `no-agent`, `denied`, `cancelled`: as the program says
 */
export async function openRelay(
  child: RelayProcess,
  host: string,
  { clock, signal }: { readonly clock: RpcClock; readonly signal?: AbortSignal | undefined },
): Promise<RelayedSession> {
  const said = tailOf(child.stderr);
  const end = new Promise<Error | number | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  const duplex = Duplex.from({ readable: child.stdout, writable: takenWhenWritten(child.stdin) });
  const relayed = createControlSession(duplex, clock);
  const session: ControlSession = {
    ...relayed,
    close() {
      relayed.close();
      child.kill();
    },
  };
  try {
    await relayed.client({ signal }).status();
  } catch (error) {
    // An agent that refuses is an agent.
    if (!isVaultError(error, 'closed') && !isVaultError(error, 'cancelled')) return sessionOf();
    session.close();
    throw isVaultError(error, 'cancelled') ? error : failureOf(host, await end, said());
  }
  return sessionOf();

  function sessionOf(): RelayedSession {
    return { session, closed: end.then(() => undefined) };
  }
}

/**
 * `Duplex.from` calls bytes written as soon as the pipe says that it takes more, although they still wait
 * where they stand, and whoever sends uses that memory again. Without room of its own a stream says so
 * only when they are gone.
 */
function takenWhenWritten(pipe: Writable): Writable {
  const stream = new Writable({
    highWaterMark: 0,
    write(bytes: Buffer, _encoding, done) {
      pipe.write(bytes, done);
    },
    final(done) {
      pipe.end(done);
    },
    destroy(error, done) {
      pipe.destroy();
      done(error);
    },
  });
  pipe.on('error', (error) => {
    stream.destroy(error);
  });
  return stream;
}

function tailOf(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    text = (text + piece).slice(-saidCharactersMax);
  });
  return () => text.trim();
}

/** Exit statuses of ssh and of shells, then those of `vault`. */
function failureOf(host: string, end: Error | number | null, said: string): VaultError {
  const failure = (code: ErrorCode, detail: string | undefined, next: string): VaultError =>
    new VaultError(code, { op, subject: host, detail, next });
  if (end instanceof Error) {
    const next = 'install ssh, or name another program in VAULT_RSH';
    return failure('peer-unreachable', end.message, next);
  }
  const lines = said.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (end === 127) {
    const next = `install PeerVault there, so that ssh ${host} vault finds it`;
    return failure('peer-unreachable', lines.at(-1), next);
  }
  const own = lines.find((line) => line.startsWith('vault: '))?.slice('vault: '.length);
  if (own === undefined) {
    return failure(
      'peer-unreachable',
      lines.at(-1),
      `see what this says: ssh ${host} vault status`,
    );
  }
  const code = end === exitStatuses.denied ? 'denied' : 'no-agent';
  const sentence = `${errorSentences[code]}: `;
  const detail = own.startsWith(sentence) ? own.slice(sentence.length) : own;
  return failure(code, detail, `see how it is there: ssh ${host} vaultd status`);
}
