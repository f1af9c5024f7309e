/**
 * A client of the control socket: what a program of your own has to do to speak with an agent.
 *
 *     node examples/control-client.ts SOCKET
 *
 * It stores a small file, lists the root, reads the file back and prints what it did. SOCKET is
 * `agent.sock` in the agent's home. Only `protocol/` is needed for it.
 */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createControlClient, type ControlClient } from '../protocol/control/client.ts';
import { VaultError } from '../protocol/errors.ts';
import { createRpcConnection } from '../protocol/rpc/connection.ts';
import { createPlainLink, type PlainStream } from '../protocol/rpc/plain-link.ts';
import type { RpcClock } from '../protocol/rpc/rpc.ts';

const path = Buffer.from('hello.txt');

async function main(socketPath: string): Promise<void> {
  const socket = createConnection(socketPath);
  await once(socket, 'connect');
  const rpc = createRpcConnection(createPlainLink(streamOver(socket)), {
    role: 'initiator',
    clock,
    onCall: () => Promise.reject(new VaultError('not-supported', { op: 'example' })),
  });
  const client = createControlClient(rpc);
  const { name, health } = await client.status();
  say(`agent ${name}, health ${health}`);
  await store(client, Buffer.from('hello from a program\n'));
  for await (const entries of client.list({ path: Buffer.alloc(0), recursive: false })) {
    for (const entry of entries)
      say(`${entry.kind} ${entry.path.toString()} ${String(entry.size)}`);
  }
  say(`read ${JSON.stringify((await read(client)).toString())}`);
  await rpc.close('shutting-down');
}

/** Offers one file, sends its bytes when the agent asks for them, and waits until they are durable. */
async function store(client: ControlClient, content: Buffer): Promise<void> {
  const put = client.put({ destination: path, parents: false, into: false, checksum: true });
  const mtime = { seconds: Math.floor(Date.now() / 1000), nanoseconds: 0 };
  await put.offer([
    { path: Buffer.alloc(0), kind: 'file', size: content.length, mode: 0o644, mtime },
  ]);
  for (let down = await put.receive(); down !== undefined; down = await put.receive()) {
    if (down.type === 'done') say(`stored, version ${down.result.version ?? 'none'}`);
    if (down.type !== 'need') continue;
    if (((down.bitmap[0] ?? 0) & 1) === 1) {
      await put.beginBody(0);
      await put.data(content);
      await put.endBody(0, false);
    }
    put.end();
  }
}

async function read(client: ControlClient): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const item of client.get({ path, recursive: false, offset: 0 })) {
    // A piece is only valid until the next one comes.
    if (item.type === 'data') pieces.push(Buffer.from(item.bytes));
  }
  return Buffer.concat(pieces);
}

const clock: RpcClock = {
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

/** A socket as the stream of bytes that frames travel on. */
function streamOver(socket: Socket): PlainStream {
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return {
    async send(parts) {
      const room = parts.map((part) => socket.write(part)).at(-1) ?? true;
      if (!room && !socket.destroyed) await once(socket, 'drain');
    },
    async receive() {
      const piece = await pieces.next();
      return piece.done === true ? undefined : piece.value;
    },
    end() {
      socket.end();
    },
    destroy() {
      socket.destroy();
    },
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) {
  process.stderr.write('usage: node examples/control-client.ts SOCKET\n');
  process.exitCode = 2;
} else {
  await main(socketPath);
}
