/**
 * Whoever reaches one of the two sockets of a real agent can send what they like. Each connection that
 * breaks the rules is closed in bounded time, costs bounded memory, is named in the log, and disturbs
 * nobody else.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test from 'ava';
import { connections, MiB, rpc, time, wire } from '../../protocol/limits.ts';
import { encodeFrameHeader } from '../../protocol/frame.ts';
import { encodeCallHeader } from '../../protocol/messages/call.ts';
import { controlMethods, peerMethods } from '../../protocol/methods.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { createNodeNetwork } from '../../agent/host/node-network.ts';
import { createNodeRandom } from '../../agent/host/node-random.ts';
import { noiseKeyFromSecret } from '../../agent/members/noise-key.ts';
import { initiateChannel, type SecureChannel } from '../../agent/peer/secure-channel.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { invitePrefaceKey, parseTicket, ticketIdOf } from '../../protocol/messages/ticket.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { encodePrefaceHead, encodeVersionAnswer } from '../../protocol/preface.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import { openControlSession } from '../helpers/control-session.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let device: RealDevice;
let agentPid = 0;

test.before(async () => {
  device = new RealDevice(shared, await temporaryFolder(shared), 'target');
  await device.init();
  await device.start();
  mustSucceed(await device.run('vault', ['put', '-', 'precious'], { input: 'still here' }));
  agentPid = (await device.status()).pid;
});

/** After every attack: the same process, the content, no more memory than `allowedBytes` above before. */
test.afterEach.always(async (t) => {
  const { stdout } = mustSucceed(await device.vault('cat', 'precious'));
  t.is(stdout, 'still here');
  t.is((await device.status()).pid, agentPid, 'the agent has not crashed');
});

async function residentBytes(): Promise<number> {
  const text = await readFile(`/proc/${String(agentPid)}/statm`, 'utf8');
  return Number(text.split(' ')[1]) * 4096;
}

type Door = 'peer' | 'control';

interface Visit {
  readonly socket: Socket;
  /** Everything that came, when it is over. */
  readonly closed: Promise<Buffer>;
}

async function visit(door: Door): Promise<Visit> {
  const [host, port] = device.listening.split(':');
  const socket =
    door === 'peer'
      ? connect({ host: host ?? '', port: Number(port) })
      : connect({ path: join(device.home, 'agent.sock') });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  // Being cut off is what these tests are about.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => Buffer.concat(pieces));
  await once(socket, 'connect');
  return { socket, closed };
}

/** Sends the bytes and waits until the agent closes. @returns how long that took, and what came */
async function attack(
  door: Door,
  bytes: Uint8Array,
): Promise<{ readonly tookMs: number; readonly answer: Buffer }> {
  const { socket, closed } = await visit(door);
  const startMs = performance.now();
  socket.write(bytes);
  return { answer: await closed, tookMs: performance.now() - startMs };
}

/** The lines of the log since `from` characters. */
const logAfter = (from: number): string => device.log.slice(from);

async function logged(from: number, pattern: RegExp): Promise<void> {
  await eventually(`the log says ${String(pattern)}`, () =>
    Promise.resolve(pattern.test(logAfter(from))),
  );
}

function frame(
  type: Parameters<typeof encodeFrameHeader>[0],
  stream: number,
  body: Buffer,
): Buffer {
  return Buffer.concat([encodeFrameHeader(type, stream, body.length), body]);
}

function openFrame(stream: number, method: number, request = Buffer.alloc(0)): Buffer {
  return frame('open', stream, encodeCallHeader({ method, deadlineMs: 0, request }));
}

function lyingHeader(type: number, length: number): Buffer {
  const header = Buffer.from([type, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 2);
  return header;
}

/** A preface as a member would send it, made with no key. */
function prefaceWithoutKey(): Buffer {
  const head = encodePrefaceHead({ kind: 'member', salt: randomBytes(16) });
  return Buffer.concat([head, randomBytes(wire.prefaceBytes - head.length)]);
}

// --- the socket for other devices -----------------------------------------------------------------

test.serial('a stranger on the network learns nothing and is named', async (t) => {
  const firstMessage = Buffer.concat([Buffer.from([0, 32]), randomBytes(32)]);
  const attacks: [string, Buffer, RegExp][] = [
    ['garbage', randomBytes(4096), /no preface/],
    [
      'another protocol',
      Buffer.from(`GET / HTTP/1.1\r\n${'Host: x\r\n'.repeat(10)}`),
      /no preface/,
    ],
    [
      'no key',
      Buffer.concat([prefaceWithoutKey(), firstMessage]),
      /preface was made with no key of this vault/,
    ],
    [
      'oversized handshake message',
      Buffer.concat([prefaceWithoutKey(), Buffer.from([0xff, 0xff])]),
      /a handshake message of 65535 bytes/,
    ],
    [
      'undersized handshake message',
      Buffer.concat([prefaceWithoutKey(), Buffer.from([0, 0])]),
      /a handshake message of 0 bytes/,
    ],
  ];
  for (const [name, bytes, says] of attacks) {
    // Reports are limited to one a second for an address, so that nobody fills the log.
    const from = device.log.length;
    let answers = 0;
    await eventually(`the log names ${name}`, async () => {
      const { answer, tookMs } = await attack('peer', bytes);
      answers += answer.length;
      t.true(tookMs < time.firstByteMs, `${name} is closed at once`);
      return says.test(logAfter(from));
    });
    t.is(answers, 0, `${name}: not a byte of answer`);
    t.regex(logAfter(from), /"address":"127\.0\.0\.1:\d+"/);
  }
});

test.serial('another version is answered with ours, and named', async (t) => {
  const preface = prefaceWithoutKey();
  preface[8] = 9;
  const from = device.log.length;
  await eventually('the log names the version', async () => {
    const { answer } = await attack('peer', preface);
    t.deepEqual(answer, encodeVersionAnswer());
    return /it speaks version 9, this is version 1/.test(logAfter(from));
  });
});

test.serial('whoever stops in the middle is closed in time, at both doors', async (t) => {
  const from = device.log.length;
  const silent = await visit('peer');
  const slow = await visit('peer');
  const half = await visit('peer');
  const silentClient = await visit('control');
  const halfClient = await visit('control');
  const startMs = performance.now();
  slow.socket.write(prefaceWithoutKey().subarray(0, 10));
  half.socket.end(prefaceWithoutKey().subarray(0, 40));
  halfClient.socket.write(Buffer.from([1]));
  const drip = setInterval(() => slow.socket.write(Buffer.from([0])), 500);
  t.teardown(() => {
    clearInterval(drip);
  });
  const order: Visit[] = [];
  const closedAfter = async (visitor: Visit, fromMs: number): Promise<Buffer> => {
    const said = await visitor.closed;
    const tookMs = performance.now() - startMs;
    order.push(visitor);
    // Drops would buy all the time in the world; a busy machine takes a few seconds more.
    const isInTime = tookMs >= fromMs && tookMs < time.handshakeMs + 15_000;
    t.true(isInTime, `closed after ${String(tookMs)} ms`);
    return said;
  };
  const closings = await Promise.all([
    closedAfter(half, 0),
    closedAfter(silent, time.firstByteMs - 500),
    closedAfter(slow, time.firstByteMs),
    closedAfter(silentClient, time.handshakeMs - 1000),
    closedAfter(halfClient, time.handshakeMs - 1000),
  ]);
  t.deepEqual(order.slice(0, 2), [half, silent], 'whoever hangs up first, then whoever is silent');
  t.is(Buffer.concat(closings.slice(0, 3)).length, 0, 'a stranger gets not a byte');
  await logged(from, /control client said nothing, closed/);
});

test.serial('a flood of connections from one address is bounded, and clients go on', async (t) => {
  const before = await residentBytes();
  const from = device.log.length;
  const flood = await Promise.all(Array.from({ length: 300 }, () => visit('peer')));
  let open = flood.length;
  for (const { closed } of flood) void closed.then(() => (open -= 1));
  await eventually('all but a few are closed', () =>
    Promise.resolve(open <= connections.halfOpenPerAddressMax),
  );
  mustSucceed(await device.vault('ls'));
  for (const { socket } of flood) socket.destroy();
  // One report a second for an address; the last one may have been about something else.
  await eventually('the log names the flood', async () => {
    const more = await Promise.all(Array.from({ length: 50 }, () => visit('peer')));
    for (const { socket } of more) socket.destroy();
    return /too often from this address|closed in the middle/.test(logAfter(from));
  });
  const lines = logAfter(from)
    .split('\n')
    .filter((line) => line.includes('refused'));
  t.true(lines.length < 20, `the flood does not fill the log: ${String(lines.length)}`);
  t.true((await residentBytes()) - before < 64 * MiB);
});

/** A connection that begins and never ends its first message. */
interface Half {
  /** From its connect to its end; undefined while it is open. */
  livedMs: number | undefined;
  readonly socket: Socket;
}

/** @param at which of many: they come from many addresses, so that not one limit alone holds them off */
function halfOpen(door: Door, at: number): Half {
  const [host = '', port = ''] = device.listening.split(':');
  const localAddress = `127.0.${String(1 + (at % 4))}.${String(1 + (at % 250))}`;
  const socket =
    door === 'peer'
      ? connect({ host, port: Number(port), localAddress })
      : connect({ path: device.socket });
  const half: Half = { livedMs: undefined, socket };
  let startMs = performance.now();
  socket.on('error', () => undefined);
  socket.on('connect', () => {
    startMs = performance.now();
    socket.write(door === 'peer' ? prefaceWithoutKey().subarray(0, 20) : Buffer.from([7, 0]));
  });
  socket.on('close', () => (half.livedMs = performance.now() - startMs));
  socket.resume();
  return half;
}

/** How late a timer of this process is at worst, meanwhile: so late is an agent on the same machine, too. */
function watchLateness(): { worstMs(): number; stop(): void } {
  let worstMs = 0;
  let dueMs = performance.now() + 50;
  const timer = setInterval(() => {
    worstMs = Math.max(worstMs, performance.now() - dueMs);
    dueMs = performance.now() + 50;
  }, 50);
  return {
    worstMs: () => worstMs,
    stop: () => {
      clearInterval(timer);
    },
  };
}

for (const door of ['peer', 'control'] as const) {
  test.serial(
    `a thousand half-open connections at the ${door} door cost little and are gone soon`,
    async (t) => {
      t.timeout(180_000);
      const before = await residentBytes();
      const lateness = watchLateness();
      const halves: Half[] = [];
      const { client, close } = await openControlSession(device.socket);
      const answersMs: number[] = [];
      for (let at = 0; at < 1_000; at++) {
        halves.push(halfOpen(door, at));
        if (at % 50 !== 49) continue;
        const askedMs = performance.now();
        await client.status();
        answersMs.push(performance.now() - askedMs);
      }
      const memoryBytes = (await residentBytes()) - before;
      t.true(memoryBytes < 48 * MiB, `${String(Math.round(memoryBytes / MiB))} MiB`);
      mustSucceed(await device.vault('cat', 'precious'));
      await eventually('all of them are closed', () =>
        Promise.resolve(halves.every(({ livedMs }) => livedMs !== undefined)),
      );
      lateness.stop();
      close();
      const longestMs = Math.max(...halves.map(({ livedMs = 0 }) => livedMs));
      const slowestMs = Math.max(...answersMs);
      // A machine with other work to do is late by itself: the timers of this process say by how much.
      const graceMs = 4 * lateness.worstMs();
      t.true(longestMs < 10_000 + graceMs, `the last was gone after ${longestMs.toFixed(0)} ms`);
      t.true(slowestMs < 1_000 + graceMs, `a request took ${slowestMs.toFixed(0)} ms`);
      t.log(
        `${String(Math.round(memoryBytes / MiB))} MiB; the slowest of ${String(answersMs.length)} requests took ` +
          `${slowestMs.toFixed(0)} ms; none lived longer than ${longestMs.toFixed(0)} ms`,
      );
    },
  );
}

test.serial('whoever holds a ticket can join, and nothing else', async (t) => {
  const ticket = parseTicket(await device.invite('writer'));
  const random = createNodeRandom();
  const enter = async (): Promise<SecureChannel> => {
    const stream = await createNodeNetwork().dial(device.listening, { timeoutMs: 5000 });
    return initiateChannel(stream, {
      clock: createNodeClock(),
      random,
      noiseKey: noiseKeyFromSecret(random.bytes(32)),
      preface: {
        kind: 'invite',
        ticket: ticketIdOf(ticket.secret),
        key: invitePrefaceKey(ticket.secret),
      },
      expectedRemote: ticket.issuerNoiseKey,
      payload: { protocolMinor: 0, agent: 'guest', device: undefined, dialled: '' },
    });
  };
  const rpcConnection = createRpcConnection(await enter(), {
    role: 'initiator',
    clock: createNodeClock(),
    onCall: () => Promise.resolve(),
  });
  t.teardown(() => rpcConnection.close('shutting-down'));
  for (const method of [...Object.values(peerMethods), 9999]) {
    const call = rpcConnection.call(method, randomBytes(500), { deadlineMs: 5000 });
    call.end();
    const error = await t.throwsAsync(call.receive());
    t.true(isVaultError(error, 'denied', 'malformed'), String(error));
  }

  // Garbage inside the encryption, and a record that claims to be the largest and never comes.
  const before = await residentBytes();
  const from = device.log.length;
  await eventually('the log names the guest', async () => {
    const garbage = await enter();
    await garbage.send([[Buffer.alloc(60_000, 0xff)]]);
    while ((await garbage.receive().catch(() => undefined)) !== undefined);
    return /"address":"127\.0\.0\.1:\d+","reason":"[^"]*broke the protocol/.test(logAfter(from));
  });
  const half = await enter();
  await half.send([[lyingHeader(2, 60_000)]]);
  half.destroy();
  t.true((await residentBytes()) - before < 32 * MiB);
  t.is((await device.status()).peersOnline, 0);
  t.is(((await device.json('members')) as unknown[]).length, 1, 'nobody got in');
});

// --- the control socket ---------------------------------------------------------------------------

test.serial('bytes that are no frames close the control connection with a reason', async (t) => {
  const attacks: [string, Buffer, RegExp][] = [
    ['garbage', Buffer.alloc(4096, 0xff), /control client closed/],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /control client closed/],
    ['a length of 4 GiB', lyingHeader(3, 0xffff_ffff), /control client closed/],
    [
      'a length over the bound',
      lyingHeader(3, wire.frameBodyBytesMax + 1),
      /control client closed/,
    ],
    ['a stream number without end', Buffer.from([2, ...Array<number>(12).fill(0xff)]), /closed/],
    ['data on a stream that is not open', frame('data', 1, randomBytes(10)), /not open/],
    ['a stream number of ours', openFrame(2, controlMethods.status), /OPEN of stream 2/],
    [
      'more bytes than credit',
      // The call follows the events and never reads.
      Buffer.concat([
        openFrame(1, controlMethods.events, Buffer.from([0x08, 1])),
        ...Array.from({ length: 300 }, () => frame('data', 1, Buffer.alloc(60_000))),
      ]),
      /more bytes than the (stream|connection) had credit for/,
    ],
  ];
  for (const [name, bytes, says] of attacks) {
    const from = device.log.length;
    const before = await residentBytes();
    const { tookMs } = await attack('control', bytes);
    t.true(tookMs < time.goodbyeMs + 2000, `${name} took ${String(tookMs)}`);
    await logged(from, says);
    t.true((await residentBytes()) - before < 64 * MiB, name);
  }
});

test.serial('requests that are no messages fail as calls, and the connection stays', async (t) => {
  const { socket, closed } = await visit('control');
  const bad = Object.values(controlMethods).filter((method) => method !== controlMethods.shutdown);
  let stream = 1;
  for (const method of [...bad, 9999]) {
    for (const request of [
      Buffer.alloc(0),
      Buffer.alloc(100, 0xff),
      randomBytes(rpc.messageBytesMax - 100),
    ]) {
      socket.write(
        Buffer.concat([openFrame(stream, method, request), frame('end', stream, Buffer.alloc(0))]),
      );
      stream += 2;
    }
  }
  socket.write(frame('ping', 0, Buffer.from('stillyou')));
  let said = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => (said = Buffer.concat([said, piece])));
  await eventually('the agent still answers', () => Promise.resolve(said.includes('stillyou')));
  socket.destroy();
  await closed;
  t.pass();
});

test.serial('control clients are bounded in number, and one too many hears why', async (t) => {
  const from = device.log.length;
  const crowd = await Promise.all(
    Array.from({ length: connections.controlClientsMax }, () => visit('control')),
  );
  // Whoever has said nothing would make room.
  const answers = crowd.map(({ socket }) => once(socket, 'data'));
  for (const { socket } of crowd) socket.write(frame('ping', 0, Buffer.from('stillyou')));
  await Promise.all(answers);
  const refused = await device.vault('ls');
  t.is(refused.code, 9, refused.stderr);
  t.regex(refused.stderr, /64 clients are connected/);
  await logged(from, /control client refused/);
  for (const { socket } of crowd) socket.destroy();
  await eventually('there is room again', async () => (await device.vault('ls')).code === 0);
});

test.serial('a client that does not read its answers costs bounded memory', async (t) => {
  mustSucceed(await device.run('vault', ['put', '-', 'large'], { input: randomBytes(48 * MiB) }));
  const before = await residentBytes();
  const readers = await Promise.all(Array.from({ length: 8 }, () => visit('control')));
  // `get` of /large: field 1 is the path.
  const request = Buffer.concat([Buffer.from([0x0a, 5]), Buffer.from('large')]);
  for (const { socket } of readers) {
    socket.pause();
    const credit = Buffer.alloc(4);
    credit.writeUInt32BE(2 ** 30);
    socket.write(openFrame(1, controlMethods.get, request));
    socket.write(frame('end', 1, Buffer.alloc(0)));
    socket.write(frame('credit', 1, credit));
    socket.write(frame('credit', 0, credit));
  }
  await eventually('other clients are served meanwhile', async () => {
    const { stdout } = await device.vault('cat', 'precious');
    return stdout === 'still here';
  });
  const grownBytes = (await residentBytes()) - before;
  t.log(`${String(Math.round(grownBytes / MiB))} MiB more`);
  t.true(grownBytes < 160 * MiB, String(grownBytes));
  for (const { socket } of readers) socket.destroy();
});
