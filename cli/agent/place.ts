/** Which agent is meant: flags, then environment, then default. */
import { homedir } from 'node:os';
import { findSocketPath } from '../../protocol/control/socket-path.ts';
import { connectToAgent } from './connect.ts';
import type { AgentConnection } from './connect.ts';
import { text } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

/**
 * @throws VaultError `usage` when the path is longer than the system allows
 */
export function socketPathOf(line: CommandLine): string {
  return findSocketPath({
    socket: text(line, 'socket'),
    home: text(line, 'home'),
    environment: process.env,
    userHome: homedir(),
  });
}

/**
 * @throws VaultError `usage`, `no-agent`, `denied`, `cancelled`; through ssh also `peer-unreachable`
 */
export async function connectTo(line: CommandLine, signal: AbortSignal): Promise<AgentConnection> {
  const host = text(line, 'ssh');
  if (host === undefined) return connectToAgent(socketPathOf(line), signal);
  const { connectThroughSsh } = await import('./ssh.ts');
  const place = { host, home: text(line, 'home'), socket: text(line, 'socket') };
  return connectThroughSsh(place, signal);
}
