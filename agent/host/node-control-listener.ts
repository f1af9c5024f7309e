/**
 * The Unix socket that clients reach the agent by. Only the owner may connect: the socket is 0600, and
 * nobody else may replace it in its directory. A socket that a dead agent left is removed only after a
 * connect to it failed.
 */
import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { VaultError } from '../../protocol/errors.ts';
import type { ByteStream } from '../ports.ts';
import { checkPlacePath, currentUser } from './path-trust.ts';
import { streamFromSocket } from './socket-stream.ts';

/**
 * Listens on `path`. The process must have set its umask to 077 before.
 * @throws VaultError `agent-running` when an agent answers there, `exists` when something else is
 *   there, `home-invalid` when the path is not safe
 */
export async function listenOnSocket(
  path: string,
  onStream: (stream: ByteStream) => void,
): Promise<{ close(): Promise<void> }> {
  await checkPlacePath(path);
  await removeStale(path);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onStream(streamFromSocket(socket, path));
  });
  await listen(server, path);
  await chmod(path, 0o600);
  await checkSocket(path);
  return { close: () => close(server, sockets) };
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (cause) {
    throw new VaultError('io', {
      op: 'control.listen',
      subject: path,
      detail: String(cause),
      cause,
    });
  }
  // An error of accept (no descriptor left, for example) costs that client, not the server.
  server.on('error', () => undefined);
}

async function removeStale(path: string): Promise<void> {
  const facts = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (facts === undefined) return;
  if (!facts.isSocket() || facts.uid !== currentUser().uid) {
    throw new VaultError('exists', {
      op: 'control.listen',
      subject: path,
      detail: 'something is there that is no socket of ours',
      next: 'move it away, or give another path with --socket',
    });
  }
  if (await answers(path)) {
    throw new VaultError('agent-running', {
      op: 'control.listen',
      subject: path,
      next: 'vaultd status shows it, vaultd stop ends it',
    });
  }
  await unlink(path);
}

/** Whether somebody listens there. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

async function checkSocket(path: string): Promise<void> {
  const facts = await lstat(path);
  const safe =
    facts.isSocket() && facts.uid === currentUser().uid && (facts.mode & 0o777) === 0o600;
  if (safe) return;
  throw new VaultError('home-invalid', {
    op: 'control.listen',
    subject: path,
    detail: 'the socket does not have the mode that it was given',
    next: 'put it on another file system with --socket',
  });
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Those that were told goodbye have closed by now; the others do not hold us up.
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, clientsLeaveMs);
  await closed;
  clearTimeout(deadline);
}

const clientsLeaveMs = 3_000;
