/**
 * Clients that ask for files and never take them: a real agent holds a bounded amount for all of them
 * together, and whoever does read gets on.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { createSocketStream } from '../../protocol/control/socket-stream.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { MiB, readAhead } from '../../protocol/limits.ts';
import { getRequest } from '../../protocol/messages/control-get.ts';
import { controlMethods } from '../../protocol/methods.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import { contentOf, digestOf, openControlSession } from '../helpers/control-session.ts';
import { eventually, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

const clients = 8;
const callsPerClient = 19;
const size = 24 * MiB;
/** What workers and buffers of the runtime may take besides: they are there for one reader as well. */
const runtimeBytes = 192 * MiB;

async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${String(pid)}/statm`, 'utf8');
  return Number(text.split(' ')[1]) * 4096;
}

/** Opens gets on one connection and takes nothing of them. */
async function askAndIgnore(socketPath: string, calls: number): Promise<Socket> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  const rpc = createRpcConnection(createPlainLink(createSocketStream(socket)), {
    role: 'initiator',
    clock: createNodeClock(),
    onCall: () => Promise.reject(new Error('nobody calls a client')),
  });
  const request = getRequest.toWire({ path: Buffer.from('large'), recursive: false, offset: 0 });
  for (let call = 0; call < calls; call += 1) {
    const stream = rpc.call(controlMethods.get, request);
    stream.end();
  }
  return socket;
}

test('8 clients with 19 unread gets each cost a bounded amount, and do not stop a ninth', async (t) => {
  t.timeout(100_000);
  const device = new RealDevice(t, await temporaryFolder(t), 'target');
  await device.init();
  await device.start();
  const content = contentOf('large', size);
  const session = await openControlSession(device.socket);
  await session.put(new Map([['large', content]]));
  const expected = digestOf(content);
  t.is((await session.readTree()).get('large'), expected);
  const { pid } = await device.status();
  const before = await residentBytes(pid);

  const sockets: Socket[] = [];
  for (let client = 0; client < clients; client += 1) {
    sockets.push(await askAndIgnore(device.socket, callsPerClient));
  }
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  let last = 0;
  await eventually('it has read what it will', async () => {
    const now = await residentBytes(pid);
    const stands = Math.abs(now - last) < MiB;
    last = now;
    return stands;
  });
  const bound = readAhead.processBytesMax + clients * readAhead.pieceBytesMax + runtimeBytes;
  const grown = last - before;
  t.log(`${String(Math.round(grown / MiB))} MiB more for ${String(clients * callsPerClient)} gets`);
  t.true(grown < bound, `${String(grown / MiB)} MiB`);

  t.is((await session.readTree()).get('large'), expected);
  session.close();
});
