import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import {
  acceptChannel,
  initiateChannel,
  type AcceptOptions,
  type InitiateOptions,
  type SecureChannel,
} from '../../../agent/peer/secure-channel.ts';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import type { DeviceId, TicketId } from '../../../protocol/ids.ts';
import { time, wire } from '../../../protocol/limits.ts';
import { x25519PublicKey } from '../../../protocol/noise/x25519.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import { callUnary } from '../../../protocol/rpc/unary.ts';
import {
  createByteStreamPair,
  createRandom,
  type MemoryStream,
  type PairOptions,
} from '../../helpers/byte-stream-pair.ts';
import { recordGroups } from '../../helpers/record-groups.ts';
import { noCalls } from '../../helpers/rpc-pair.ts';
import { createVirtualClock, type VirtualClock } from '../../helpers/virtual-clock.ts';

const memberKey = Buffer.alloc(32, 1);
const olderKey = Buffer.alloc(32, 2);
const ticket = '5'.repeat(32) as TicketId;
const inviteKey = Buffer.alloc(32, 6);
const alice = keyPair(10);
const bob = keyPair(11);

function keyPair(fill: number): { publicKey: Buffer; secretKey: Buffer } {
  const secretKey = Buffer.alloc(32, fill);
  return { secretKey, publicKey: x25519PublicKey(secretKey) };
}

function seededRandom(seed: number): InitiateOptions['random'] {
  const next = createRandom(seed);
  return {
    fraction: next,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => Math.floor(next() * 256))),
  };
}

function sides(
  clock: VirtualClock,
  changes: { initiator?: Partial<InitiateOptions>; acceptor?: Partial<AcceptOptions> } = {},
): { initiator: InitiateOptions; acceptor: AcceptOptions } {
  return {
    initiator: {
      clock,
      random: seededRandom(1),
      noiseKey: alice,
      preface: { kind: 'member', key: memberKey },
      payload: {
        protocolMinor: 0,
        agent: 'peervault/a',
        device: 'a'.repeat(32) as DeviceId,
        dialled: 'host:1',
      },
      ...changes.initiator,
    },
    acceptor: {
      clock,
      random: seededRandom(2),
      noiseKey: bob,
      payload: {
        protocolMinor: 1,
        agent: 'peervault/b',
        device: 'b'.repeat(32) as DeviceId,
        dialled: '',
      },
      memberKeys: () => [memberKey, olderKey],
      inviteKey: (id) => (id === ticket ? inviteKey : undefined),
      ...changes.acceptor,
    },
  };
}

interface Attempt {
  readonly clock: VirtualClock;
  readonly streams: readonly [MemoryStream, MemoryStream];
  readonly initiated: Promise<SecureChannel | VaultError>;
  readonly accepted: Promise<SecureChannel | VaultError>;
}

function attempt(changes: Parameters<typeof sides>[1] = {}, pair: PairOptions = {}): Attempt {
  const clock = createVirtualClock();
  const streams = createByteStreamPair(pair);
  const { initiator, acceptor } = sides(clock, changes);
  const settle = (error: unknown): VaultError => {
    if (error instanceof VaultError) return error;
    throw error;
  };
  return {
    clock,
    streams,
    initiated: initiateChannel(streams[0], initiator).catch(settle),
    accepted: acceptChannel(streams[1], acceptor).catch(settle),
  };
}

async function open(t: ExecutionContext, made: Attempt): Promise<[SecureChannel, SecureChannel]> {
  const [left, right] = await Promise.all([made.initiated, made.accepted]);
  if (left instanceof VaultError) throw left;
  if (right instanceof VaultError) throw right;
  t.is(made.clock.pending, 0);
  return [left, right];
}

async function failures(made: Attempt): Promise<string[]> {
  const both = await Promise.all([made.initiated, made.accepted]);
  return both.map((result) => (result instanceof VaultError ? result.code : 'open'));
}

test('two members open a channel, know each other and have the same hash', async (t) => {
  const [left, right] = await open(t, attempt({ initiator: { expectedRemote: bob.publicKey } }));
  t.deepEqual(left.remoteNoiseKey, bob.publicKey);
  t.deepEqual(right.remoteNoiseKey, alice.publicKey);
  t.deepEqual(left.handshakeHash, right.handshakeHash);
  t.is(left.handshakeHash.length, 64);
  t.is(left.remotePayload.agent, 'peervault/b');
  t.is(right.remotePayload.dialled, 'host:1');
  t.is(right.remotePayload.device, 'a'.repeat(32) as DeviceId);
  t.is(right.invited, undefined);
});

test('a key of an older generation opens too', async (t) => {
  await open(t, attempt({ initiator: { preface: { kind: 'member', key: olderKey } } }));
});

test('somebody with a ticket opens a channel that says which', async (t) => {
  const preface = { kind: 'invite', ticket, key: inviteKey } as const;
  const [left, right] = await open(t, attempt({ initiator: { preface } }));
  t.is(left.invited, ticket);
  t.is(right.invited, ticket);
});

test('the handshake works byte by byte', async (t) => {
  await open(t, attempt({}, { pieceBytesMax: 1, roomBytes: 10 }));
});

test('a stranger gets silence: not one byte comes back', async (t) => {
  let answered = 0;
  const strangers: InitiateOptions['preface'][] = [
    { kind: 'member', key: Buffer.alloc(32, 99) },
    { kind: 'invite', ticket, key: Buffer.alloc(32, 99) },
    { kind: 'invite', ticket: '7'.repeat(32) as TicketId, key: inviteKey },
    { kind: 'invite', ticket, key: memberKey },
  ];
  for (const preface of strangers) {
    const made = attempt(
      { initiator: { preface } },
      {
        onTheWay: (bytes, from) => {
          if (from === 1) answered += bytes.length;
          return bytes;
        },
      },
    );
    t.deepEqual(await failures(made), ['closed', 'peer-untrusted']);
  }
  t.is(answered, 0);
});

test('an initiator that gets another key than expected goes before it shows its own', async (t) => {
  let sent = 0;
  const made = attempt(
    { initiator: { expectedRemote: keyPair(12).publicKey } },
    {
      onTheWay: (bytes, from) => {
        if (from === 0) sent += bytes.length;
        return bytes;
      },
    },
  );
  t.deepEqual(await failures(made), ['peer-untrusted', 'closed']);
  t.is(sent, wire.prefaceBytes + 2 + 32);
});

test('sides of different versions both say protocol-version, and the stream goes', async (t) => {
  const made = attempt(
    {},
    {
      onTheWay: (bytes, from) => {
        const changed = Buffer.from(bytes);
        if (from === 0) changed[8] = 9;
        return changed;
      },
    },
  );
  t.deepEqual(await failures(made), ['protocol-version', 'protocol-version']);
  const error = (await made.initiated) as VaultError;
  t.regex(error.message, /speaks version 1/);
  await made.clock.advance(time.goodbyeMs);
  await Promise.all(made.streams.map(({ closed }) => closed));
  t.is(made.clock.pending, 0);
});

test('whoever says nothing is gone after three seconds', async (t) => {
  const clock = createVirtualClock();
  const [silent, stream] = createByteStreamPair();
  const accepting = t.throwsAsync(acceptChannel(stream, sides(clock).acceptor), {
    code: 'timeout',
  });
  await clock.advance(time.firstByteMs);
  await accepting;
  t.is(await silent.receive(), undefined);
  t.is(clock.pending, 0);
});

test('whoever sends a byte and then nothing is gone after ten seconds', async (t) => {
  const clock = createVirtualClock();
  const [slow, stream] = createByteStreamPair();
  let gone = false;
  const accepting = t
    .throwsAsync(acceptChannel(stream, sides(clock).acceptor), { code: 'timeout' })
    .then(() => {
      gone = true;
    });
  await slow.send([Buffer.from('P')]);
  await clock.advance(time.handshakeMs - 1);
  t.false(gone);
  await clock.advance(1);
  await accepting;
});

test('an initiator whom nobody answers gives up after ten seconds', async (t) => {
  const clock = createVirtualClock();
  const [stream] = createByteStreamPair();
  const initiating = t.throwsAsync(initiateChannel(stream, sides(clock).initiator), {
    code: 'timeout',
  });
  await clock.advance(time.handshakeMs);
  await initiating;
});

test('a handshake message over its bound is refused before it is read', async (t) => {
  const clock = createVirtualClock();
  const [stream, other] = createByteStreamPair();
  const initiating = initiateChannel(stream, sides(clock).initiator);
  const refused = t.throwsAsync(initiating, { code: 'peer-misbehaved' });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wire.handshakeMessageBytesMax + 1);
  await other.send([length]);
  await refused;
});

test('bytes of any size go through the channel in order', async (t) => {
  const [left, right] = await open(t, attempt({}, { pieceBytesMax: 30_000, roomBytes: 1 << 24 }));
  for (const size of [1, 65_518, 65_519, 65_520, 200_000]) {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; at += 1) bytes[at] = at * 7;
    await left.send(recordGroups(bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)));
    let got = Buffer.alloc(0);
    while (got.length < size) got = Buffer.concat([got, (await right.receive())!]);
    t.true(got.equals(bytes));
  }
  left.end();
  t.is(await right.receive(), undefined);
});

test('what comes right behind the handshake is not lost', async (t) => {
  const made = attempt({}, { roomBytes: 1 << 20 });
  const left = (await made.initiated) as SecureChannel;
  await left.send([[Buffer.from('early')]]);
  const right = (await made.accepted) as SecureChannel;
  t.is((await right.receive())?.toString(), 'early');
});

test('a record that was changed on the way ends the channel', async (t) => {
  let hostile = false;
  const made = attempt(
    {},
    {
      onTheWay: (bytes) => {
        const changed = Buffer.from(bytes);
        if (hostile) changed[changed.length - 1]! ^= 1;
        return changed;
      },
    },
  );
  const [left, right] = await open(t, made);
  hostile = true;
  await left.send([[Buffer.from('hello')]]);
  await t.throwsAsync(right.receive(), { code: 'peer-misbehaved' });
  await made.streams[1].closed;
});

test('a connection that is cut inside a record says so', async (t) => {
  const made = attempt();
  const [, right] = await open(t, made);
  await made.streams[0].send([Buffer.from([0, 100, 1, 2, 3])]);
  made.streams[0].end();
  await t.throwsAsync(right.receive(), { code: 'closed', message: /middle of a record/ });
});

test('calls run over it, and a changed record is the reason that both hear', async (t) => {
  let hostile = false;
  const made = attempt(
    {},
    {
      onTheWay: (bytes, from) => {
        const changed = Buffer.from(bytes);
        if (hostile && from === 0) changed[changed.length - 1]! ^= 1;
        return changed;
      },
    },
  );
  const [left, right] = await open(t, made);
  const { clock } = made;
  const client = createRpcConnection(left, { role: 'initiator', clock, onCall: noCalls });
  const server = createRpcConnection(right, {
    role: 'responder',
    clock,
    onCall: async ({ request, stream }) => {
      await stream.sendMessage(request);
    },
  });
  const request = Buffer.from('ping me');
  t.deepEqual(await callUnary(client, { method: 1, request }), request);
  hostile = true;
  await t.throwsAsync(callUnary(client, { method: 1, request }), { code: 'closed' });
  t.is((await server.closed).code, 'peer-misbehaved');
});

test('the same seeds give the same bytes on the wire', async (t) => {
  const record = async (): Promise<string> => {
    const wireBytes: Buffer[] = [];
    const made = attempt(
      {},
      {
        onTheWay: (bytes) => {
          wireBytes.push(Buffer.from(bytes));
          return bytes;
        },
      },
    );
    const [left] = await open(t, made);
    await left.send([[Buffer.from('data')]]);
    return Buffer.concat(wireBytes).toString('hex');
  };
  t.is(await record(), await record());
});

test('property: whatever is changed in the handshake, no channel opens on the side that got it', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 2 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (victim, at, mask) => {
        let message = -1;
        const made = attempt(
          {},
          {
            onTheWay: (bytes) => {
              message += 1;
              if (message !== victim) return bytes;
              const changed = Buffer.from(bytes);
              changed[at % changed.length]! ^= mask;
              return changed;
            },
          },
        );
        // A length that was made longer waits for bytes that never come.
        await made.clock.advance(time.handshakeMs);
        const [initiated, accepted] = await failures(made);
        if (victim === 1) t.not(initiated, 'open');
        else t.not(accepted, 'open');
        for (const result of [await made.initiated, await made.accepted]) {
          if (isVaultError(result)) t.not(result.code, 'internal');
        }
        for (const stream of made.streams) stream.destroy();
      },
    ),
    { numRuns: 400 },
  );
});
