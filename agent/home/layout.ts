/**
 * What a home is made of, and where its places are. The names are an interface: scripts and manuals
 * use them. Only names; `host/node-home.ts` touches the disk.
 */
import { isAbsolute, join, resolve } from 'node:path';
import { VaultError } from '../../protocol/errors.ts';
import { control } from '../../protocol/limits.ts';

/** Made with the home, all 0700. */
export const homeDirectories = [
  'identity',
  'segments',
  'journals',
  'index',
  'audit',
  'log',
] as const;

export const homeFiles = {
  /** Written last: its presence says that the home is complete. */
  format: 'format',
  config: 'config.toml',
  /** Locked by whoever works in the home; never removed while somebody may wait for it. */
  lock: 'lock',
  log: 'log/vaultd.log',
} as const;

/** Where `init` and `join` build a home, inside it, so that it becomes one in a moment or not at all. */
export const stagingDirectory = '.new';

/** What `VAULT_HOME`, `VAULT_SOCKET` and the flags say. */
export interface PlaceSources {
  readonly homeFlag: string | undefined;
  readonly socketFlag: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Home directory of the user, from the system. */
  readonly userHome: string;
  /** Relative paths of flags start here. */
  readonly workingDirectory: string;
}

export interface Places {
  readonly home: string;
  readonly socket: string;
}

/**
 * Decides where the home and the socket are: flag, environment, default.
 * @throws VaultError `usage` for a socket path that the system cannot bind; it names the setting
 */
export function resolvePlaces(sources: PlaceSources): Places {
  const home = resolveHome(sources);
  return { home, socket: resolveSocket(home, sources) };
}

function resolveHome({ homeFlag, environment, userHome, workingDirectory }: PlaceSources): string {
  const given = homeFlag ?? nonEmpty(environment['VAULT_HOME']);
  if (given !== undefined) return resolve(workingDirectory, given);
  const data = nonEmpty(environment['XDG_DATA_HOME']);
  // The XDG specification says that a relative path there is to be ignored.
  const base = data !== undefined && isAbsolute(data) ? data : join(userHome, '.local', 'share');
  return join(base, 'peervault');
}

function resolveSocket(home: string, sources: PlaceSources): string {
  const { socketFlag, environment, workingDirectory } = sources;
  const variable = nonEmpty(environment['VAULT_SOCKET']);
  const path = resolve(workingDirectory, socketFlag ?? variable ?? join(home, 'agent.sock'));
  const bytes = Buffer.byteLength(path, 'utf8');
  if (bytes <= control.socketPathBytesMax) return path;
  const setting =
    socketFlag !== undefined ? '--socket' : variable !== undefined ? 'VAULT_SOCKET' : 'the home';
  throw new VaultError('usage', {
    op: 'home.socket',
    subject: path,
    detail: `a socket path may have ${String(control.socketPathBytesMax)} bytes, this has ${String(bytes)}, from ${setting}`,
    next: 'give a shorter one with --socket or VAULT_SOCKET',
  });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
