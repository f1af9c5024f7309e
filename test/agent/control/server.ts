import { once } from 'node:events';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { ShutdownRequest } from '../../../agent/agent.types.ts';
import { createRescueHandler } from '../../../agent/control/rescue.ts';
import { openControlServer } from '../../../agent/control/server.ts';
import { createNodeClock } from '../../../agent/host/node-clock.ts';
import { listenOnSocket } from '../../../agent/host/node-control-listener.ts';
import { streamFromSocket } from '../../../agent/host/socket-stream.ts';
import { createControlClient } from '../../../protocol/control/client.ts';
import { VaultError, isVaultError } from '../../../protocol/errors.ts';
import { connections, time } from '../../../protocol/limits.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../../protocol/rpc/plain-link.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

process.umask(0o077);

const facts = { vaultId: '', deviceId: '', name: 'laptop', startedAt: '1970-01-01T00:00:00.000Z' };
const options = {
  version: '0.0.1',
  process: {
    pid: 5,
    supervisorPid: 4,
    nodeVersion: 'v1',
    platform: 'linux-x64',
    memoryBytes: () => 0,
  },
  reasons: ['it broke'],
};

async function openServer(t: ExecutionContext) {
  const path = join(await temporaryDirectory(t), 'agent.sock');
  const clock = createManualClock();
  const collected = createCollectedLog();
  const shutdown = Promise.withResolvers<ShutdownRequest>();
  const handler = createRescueHandler(facts, options, shutdown.resolve);
  const server = await openControlServer({
    path,
    clock,
    log: collected.log,
    listen: listenOnSocket,
    handler: () => handler,
  });
  t.teardown(() => {
    const closed = server.close();
    clock.advance(time.goodbyeMs);
    return closed;
  });
  return { path, clock, collected, server, shutdownRequested: shutdown.promise };
}

async function connectTo(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  // A server that closes on us with bytes unread resets the connection.
  socket.on('error', () => undefined);
  return socket;
}

async function openClient(t: ExecutionContext, path: string) {
  const rpc = createRpcConnection(createPlainLink(streamFromSocket(await connectTo(path), path)), {
    role: 'initiator',
    clock: createNodeClock(),
    onCall: () => Promise.reject(new VaultError('not-supported', { op: 'test' })),
  });
  t.teardown(() => rpc.close('shutting-down'));
  return { rpc, client: createControlClient(rpc) };
}

/** Reads until the other side closes. */
async function drain(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('the socket is 0600, and it is gone when the server is closed', async (t) => {
  const { path, server } = await openServer(t);
  t.is((await stat(path)).mode & 0o777, 0o600);
  await server.close();
  await t.throwsAsync(() => stat(path), { code: 'ENOENT' });
});

test('two clients are answered at the same time', async (t) => {
  const { path } = await openServer(t);
  const [first, second] = await Promise.all([openClient(t, path), openClient(t, path)]);
  const reports = await Promise.all([first.client.status(), second.client.status()]);
  t.deepEqual(
    reports.map((report) => [report.health, report.reasons[0]?.message, report.supervisorPid]),
    [
      ['broken', 'it broke', 4],
      ['broken', 'it broke', 4],
    ],
  );
});

test('in rescue a doctor answers, a shutdown is heard, and everything else is refused', async (t) => {
  const { path, shutdownRequested } = await openServer(t);
  const { client } = await openClient(t, path);
  t.is((await client.doctor()).checks[0]?.result, 'failed');
  const error = await t.throwsAsync(() => client.diskFree());
  t.true(isVaultError(error, 'read-only'));
  t.true(error?.message.includes('it broke'));
  await client.shutdown({ supervisor: true });
  t.deepEqual(await shutdownRequested, { supervisor: true });
});

test('a client that says nothing is closed after its deadline and named in the log', async (t) => {
  const { path, clock, collected } = await openServer(t);
  const socket = await connectTo(path);
  await until(() => collected.messages().includes('control client connected'));
  clock.advance(time.handshakeMs - 1);
  t.false(collected.messages().includes('control client said nothing, closed'));
  clock.advance(1);
  await drain(socket);
  t.true(collected.messages().includes('control client said nothing, closed'));
  t.true(collected.lines.some((line) => line.includes('"client":1')));
});

test('half a frame does not count as having said something', async (t) => {
  const { path, clock, collected } = await openServer(t);
  const socket = await connectTo(path);
  // A PING of which one byte is missing.
  socket.write(Buffer.from([7, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7]));
  await until(() => collected.messages().includes('control client connected'));
  // Once another client was answered, the server has read what came before.
  await (await openClient(t, path)).client.status();
  clock.advance(time.handshakeMs);
  await drain(socket);
  t.true(collected.messages().includes('control client said nothing, closed'));
});

test('whoever said nothing makes room for others, the one that came first before the rest', async (t) => {
  const { path, collected } = await openServer(t);
  const speaker = await openClient(t, path);
  await speaker.client.status();
  const silent: Socket[] = [];
  for (let at = 0; at < connections.controlClientsMax + 100; at += 1) {
    silent.push(await connectTo(path));
  }
  await Promise.all(silent.slice(0, 100).map(drain));
  t.is((await (await openClient(t, path)).client.status()).health, 'broken', 'a late one gets in');
  t.is((await speaker.client.status()).health, 'broken');
  t.false(silent.at(-1)!.destroyed);
  t.false(collected.messages().includes('control client refused'));
});

test('a client that spoke once may be silent for long', async (t) => {
  const { path, clock, collected } = await openServer(t);
  const { client } = await openClient(t, path);
  await client.status();
  clock.advance(time.handshakeMs + 1);
  t.is((await client.status()).health, 'broken');
  t.false(collected.messages().includes('control client said nothing, closed'));
});

test('garbage and oversized frames close the connection with a line in the log', async (t) => {
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([2, 1, 0xff, 0xff, 0xff, 0xff]),
    Buffer.alloc(100_000, 0xff),
  ]) {
    const { path, collected } = await openServer(t);
    const socket = await connectTo(path);
    const closed = drain(socket);
    socket.end(bytes);
    await closed;
    await until(() => collected.messages().includes('control client closed'));
    t.true(collected.lines.some((line) => line.includes('peer-misbehaved')));
    const { client } = await openClient(t, path);
    t.is((await client.status()).health, 'broken');
  }
});

test('the client after the last that fits is refused with the reason, and others live on', async (t) => {
  const { path, collected } = await openServer(t);
  const clients = await Promise.all(
    Array.from({ length: connections.controlClientsMax }, () => openClient(t, path)),
  );
  for (const { client } of clients) await client.status();
  const { rpc } = await openClient(t, path);
  const reason = await rpc.closed;
  t.true(reason.message.includes('64 clients'), reason.message);
  t.true(collected.messages().includes('control client refused'));
  t.is((await clients[0]!.client.status()).health, 'broken');
  await clients[0]!.rpc.close('shutting-down');
  await until(() => collected.messages().includes('control client left'));
  t.is((await (await openClient(t, path)).client.status()).health, 'broken');
});

test('a socket that a dead agent left is replaced', async (t) => {
  const path = join(await temporaryDirectory(t), 'agent.sock');
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const { spawnSync } = await import('node:child_process');
  t.is(spawnSync(process.execPath, ['-e', program]).signal, 'SIGKILL');
  t.true((await stat(path)).isSocket());
  const listener = await listenOnSocket(path, (stream) => {
    stream.end();
  });
  (await connectTo(path)).destroy();
  await listener.close();
});

test('a socket that somebody answers on is left alone', async (t) => {
  const { path } = await openServer(t);
  const error = await t.throwsAsync(() => listenOnSocket(path, () => undefined));
  t.true(isVaultError(error, 'agent-running'));
  t.is((await (await openClient(t, path)).client.status()).health, 'broken');
});

test('a file that is no socket is never removed', async (t) => {
  const path = join(await temporaryDirectory(t), 'agent.sock');
  await writeFile(path, 'precious');
  const error = await t.throwsAsync(() => listenOnSocket(path, () => undefined));
  t.true(isVaultError(error, 'exists'));
  t.is((await stat(path)).size, 8);
});

test('a socket in a directory that others may change is refused', async (t) => {
  const directory = join(await temporaryDirectory(t), 'open');
  await mkdir(directory);
  await chmod(directory, 0o777);
  const error = await t.throwsAsync(() => listenOnSocket(join(directory, 's'), () => undefined));
  t.true(isVaultError(error, 'home-invalid'));
});

test('a foreign server that hangs up at once is not taken for a dead one', async (t) => {
  const path = join(await temporaryDirectory(t), 's');
  const server = createServer((socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const error = await t.throwsAsync(() => listenOnSocket(path, () => undefined));
  t.true(isVaultError(error, 'agent-running'));
});
