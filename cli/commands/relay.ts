/**
 * `vault relay`: standard input and output are the control socket. Another machine starts it, through
 * ssh for example, and speaks with the agent of this one.
 */
import { pipeline } from 'node:stream/promises';
import { VaultError } from '../../protocol/errors.ts';
import { openAgentSocket } from '../agent/connect.ts';
import { socketPathOf } from '../agent/place.ts';
import type { Handler } from '../invocation.ts';

export const relay: Handler = async ({ line, signal }) => {
  if (process.stdin.isTTY) {
    throw new VaultError('usage', {
      op: 'cli.relay',
      detail: 'it speaks with programs, not with people',
      next: 'on the other machine: vault --ssh HOST status, or vault-tui --ssh HOST',
    });
  }
  const socket = await openAgentSocket(socketPathOf(line), signal);
  // A client that has gone, or an agent that has: neither is a failure of whoever stands between.
  const upward = pipeline(process.stdin, socket, { signal }).catch(() => undefined);
  await pipeline(socket, process.stdout, { signal, end: false }).catch(() => undefined);
  process.stdin.destroy();
  await upward;
  return 0;
};
