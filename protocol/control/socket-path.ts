/** Where the agent's socket is: flag, then environment, then default. Pure. */
import { VaultError } from '../errors.ts';
import { control } from '../limits.ts';

export interface SocketSettings {
  readonly socket?: string | undefined;
  readonly home?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Home directory of the user. */
  readonly userHome: string;
}

/**
 * @throws VaultError `usage` when the path is longer than the system allows
 */
export function findSocketPath(settings: SocketSettings): string {
  const { path, setting } = choose(settings);
  const bytes = Buffer.byteLength(path);
  if (bytes > control.socketPathBytesMax) {
    throw new VaultError('usage', {
      op: 'control.findSocketPath',
      subject: path,
      detail: `${String(bytes)} bytes, but the path of a socket may have ${String(control.socketPathBytesMax)}`,
      next: `set ${setting} to a shorter path`,
    });
  }
  return path;
}

function choose(settings: SocketSettings): { path: string; setting: string } {
  const { environment } = settings;
  const { VAULT_SOCKET: socket, VAULT_HOME: home, XDG_DATA_HOME: data } = environment;
  if (isSet(settings.socket)) return { path: settings.socket, setting: '--socket' };
  if (isSet(settings.home)) return { path: `${settings.home}/agent.sock`, setting: '--home' };
  if (isSet(socket)) return { path: socket, setting: 'VAULT_SOCKET' };
  if (isSet(home)) return { path: `${home}/agent.sock`, setting: 'VAULT_HOME' };
  // The base directory specification: a relative path is to be ignored.
  const base = data?.startsWith('/') === true ? data : `${settings.userHome}/.local/share`;
  return { path: `${base}/peervault/agent.sock`, setting: 'VAULT_SOCKET or --socket' };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
