/**
 * Joins a vault with a ticket: reaches the issuer at one of the ticket's addresses, asks to be
 * admitted, checks everything that comes back, and only then writes a home.
 */
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import { time } from '../../protocol/limits.ts';
import {
  decodeJoinReply,
  encodeJoinRequest,
  type JoinRequest,
} from '../../protocol/messages/peer.ts';
import {
  invitePrefaceKey,
  parseTicket,
  ticketIdOf,
  type Ticket,
} from '../../protocol/messages/ticket.ts';
import { peerMethods } from '../../protocol/methods.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { JoinOptions, JoinResult, JoinVault } from '../agent.types.ts';
import { saveIdentity } from '../members/identity-file.ts';
import { fingerprintWords } from '../members/fingerprint.ts';
import { makeIdentity, noiseKeyOf, type DeviceIdentity } from '../members/identity.ts';
import {
  acceptAnswers,
  checkAnswerer,
  makeJoinAsk,
  type Joined,
  type Joining,
} from '../members/join-joiner.ts';
import type { JoinAnswer, JoinAsk } from '../members/join-messages.ts';
import { saveBook } from '../peer/book-file.ts';
import { bookPath } from '../peer/book-keeper.ts';
import { membersRecords } from '../peer/members-records.ts';
import { initiateChannel, type SecureChannel } from '../peer/secure-channel.ts';
import type { ByteStream, Ports } from '../ports.ts';
import { storeStatements } from './init-vault.ts';
import { identityWrap } from './stretch-port.ts';

const answersMax = 4096;

/** What it takes before there is a home. */
type JoinPorts = Pick<Ports, 'network' | 'clock' | 'random'>;

export const joinVault: JoinVault = async (
  ports: Ports,
  options: JoinOptions,
): Promise<JoinResult> => {
  const { ticket, identity, joined } = await becomeMember(ports, options);
  await saveIdentity(ports.disk, identity, identityWrap(ports, options.passphrase));
  await rememberPeers(ports, ticket, joined);
  await storeStatements(ports, joined.log.all());
  return { vault: ticket.vault, device: identity.device };
};

/** Everything of it but the home: new keys, and what the issuer gave them. */
export async function becomeMember(
  ports: JoinPorts,
  options: JoinOptions,
): Promise<{
  readonly ticket: Ticket;
  readonly identity: DeviceIdentity;
  readonly joined: Joined;
}> {
  const ticket = parseTicket(options.ticket);
  checkExpiry(ticket, ports.clock.nowMs());
  const identity = makeIdentity(ports.random);
  return { ticket, identity, joined: await joinUntilDecided(ports, { ticket, identity, options }) };
}

/**
 * So that the first start knows whom to dial: the issuer, and all others that it told of, since it may be gone
 * by then.
 */
async function rememberPeers({ disk }: Ports, ticket: Ticket, joined: Joined): Promise<void> {
  const records = membersRecords(joined.membership, joined.addresses);
  const issuer = [...joined.membership.members.values()].find(({ noiseKey }) =>
    noiseKey.equals(ticket.issuerNoiseKey),
  )?.device;
  const devices = new Set([...(issuer === undefined ? [] : [issuer]), ...records.keys()]);
  await saveBook(disk, bookPath, {
    counter: 0,
    ownAddresses: [],
    unknown: [],
    devices: [...devices].map((device) => ({
      device,
      given: device === issuer ? ticket.addresses : [],
      record: records.get(device),
      lastGood: undefined,
      lastSeenMs: undefined,
    })),
  });
}

interface Asking {
  readonly ticket: Ticket;
  readonly identity: DeviceIdentity;
  readonly options: JoinOptions;
}

/**
 * Asks until there is an answer. While an admin has to confirm, the issuer may close the connection or be
 * away for a while: whoever was told to wait comes again, as the same device.
 */
async function joinUntilDecided(ports: JoinPorts, asking: Asking): Promise<Joined> {
  const { ticket, identity, options } = asking;
  const waiting: Waiting = { told: false };
  for (;;) {
    try {
      const channel = await reachIssuer(ports, { ticket, identity, signal: options.signal });
      return await askToJoin(ports, channel, { ...asking, waiting });
    } catch (error) {
      if (!waiting.told || !isVaultError(error, ...passing)) throw error;
      checkExpiry(ticket, ports.clock.nowMs());
    }
    await pause(ports, options.signal);
  }
}

interface Waiting {
  /** The issuer has said that an admin has to confirm. */
  told: boolean;
}

/** What goes by while one waits. */
const passing = ['closed', 'peer-unreachable', 'timeout', 'overload'] as const;
const askAgainMs = 2_000;

/** @throws VaultError `cancelled` */
async function pause({ clock }: JoinPorts, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const stop = (): void => {
      timer.cancel();
      resolve();
    };
    const timer = clock.after(askAgainMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
  if (signal?.aborted === true) throw new VaultError('cancelled', { op: 'vault.join' });
}

/** Spares a connection; the issuer's clock decides. */
function checkExpiry(ticket: Ticket, nowMs: number): void {
  const toleranceS = 24 * 3600;
  if (nowMs / 1000 < ticket.expiresS + toleranceS) return;
  throw new VaultError('ticket-expired', {
    op: 'vault.join',
    subject: 'ticket',
    next: 'ask for a new one: vault invite',
  });
}

/** Tries the ticket's addresses in order until the issuer itself answers. */
async function reachIssuer(
  { network, clock, random }: JoinPorts,
  {
    ticket,
    identity,
    signal,
  }: { ticket: Ticket; identity: DeviceIdentity; signal?: AbortSignal | undefined },
): Promise<SecureChannel> {
  const failures: VaultError[] = [];
  for (const address of ticket.addresses) {
    try {
      const stream = await network.dial(address, { timeoutMs: time.handshakeMs, signal });
      const shaken = initiateChannel(stream, {
        clock,
        random,
        noiseKey: noiseKeyOf(identity),
        preface: {
          kind: 'invite',
          ticket: ticketIdOf(ticket.secret),
          key: invitePrefaceKey(ticket.secret),
        },
        expectedRemote: ticket.issuerNoiseKey,
        payload: { protocolMinor: 0, agent: 'peervault', device: undefined, dialled: address },
      });
      return await unlessAborted(shaken, stream, signal);
    } catch (error) {
      const failure = toVaultError(error, 'vault.join', address);
      if (failure.code === 'cancelled') throw failure;
      failures.push(failure);
    }
  }
  throw unreachable(ticket, failures);
}

/** A handshake hears of no signal, so its stream is closed. @throws VaultError `cancelled` */
async function unlessAborted(
  shaken: Promise<SecureChannel>,
  stream: ByteStream,
  signal: AbortSignal | undefined,
): Promise<SecureChannel> {
  const stop = (): void => {
    stream.destroy();
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return await shaken;
  } catch (cause) {
    if (signal?.aborted !== true) throw cause;
    throw new VaultError('cancelled', { op: 'vault.join', cause });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** One who answered and is not the issuer is worse than one who did not answer. */
function unreachable(ticket: Ticket, failures: readonly VaultError[]): VaultError {
  const telling = failures.find(
    ({ code }) => code === 'peer-untrusted' || code === 'protocol-version',
  );
  if (telling !== undefined) return telling;
  // Somebody is there, and says nothing to a ticket that is not its own.
  const silent = failures.find(({ code }) => code === 'closed');
  if (silent !== undefined) return turnedAway(silent, 'whoever answers at its address refused it');
  return new VaultError('peer-unreachable', {
    op: 'vault.join',
    subject: ticket.addresses.join(', '),
    detail: failures.at(-1)?.detail ?? failures.at(-1)?.message,
    next: 'check that the agent that made the ticket runs and can be reached from here',
    cause: failures.at(-1),
  });
}

async function askToJoin(
  { clock }: JoinPorts,
  channel: SecureChannel,
  asking: Asking & { readonly waiting: Waiting },
): Promise<Joined> {
  const { ticket, identity, options, waiting } = asking;
  const rpc = createRpcConnection(channel, {
    role: 'initiator',
    clock,
    onCall: () => Promise.reject(new VaultError('not-supported', { op: 'vault.join' })),
  });
  try {
    const joining: Joining = { ticket, identity, handshakeHash: channel.handshakeHash };
    const ask = encodeJoinRequest(toWire(makeJoinAsk(joining, options.name)));
    const stream = rpc.call(peerMethods.join, ask, {
      signal: options.signal,
      deadlineMs: time.guestMs,
    });
    stream.end();
    const onWaiting = (): void => {
      if (!waiting.told) options.onWaiting(fingerprintWords(publicKeysOf(identity)));
      waiting.told = true;
    };
    return acceptAnswers(joining, await readAnswers(stream, joining, onWaiting));
  } catch (error) {
    if (isVaultError(error, 'closed') && !waiting.told) {
      throw turnedAway(error, 'the issuer closed the connection');
    }
    throw error;
  } finally {
    await rpc.close('shutting-down');
  }
}

function publicKeysOf({ signKey, noisePublicKey }: DeviceIdentity) {
  return { signKey: signKey.publicKey, noiseKey: noisePublicKey };
}

function toWire(ask: JoinAsk): JoinRequest {
  return {
    ...ask,
    proof: Buffer.from(ask.proof),
    signKey: Buffer.from(ask.signKey),
    signature: Buffer.from(ask.signature),
  };
}

async function readAnswers(
  stream: CallStream,
  joining: Joining,
  onWaiting: () => void,
): Promise<readonly JoinAnswer[]> {
  const answers: JoinAnswer[] = [];
  for (let item = await stream.receive(); item !== undefined; item = await stream.receive()) {
    const { proof, ...rest } = decodeJoinReply(item.bytes);
    const answer: JoinAnswer = { ...rest, proof: proof ?? Buffer.alloc(0) };
    checkAnswerer(joining, answer);
    if (answer.waiting) onWaiting();
    if (answers.push(answer) > answersMax) {
      throw new VaultError('too-large', { op: 'vault.join', subject: 'answer of the issuer' });
    }
  }
  return answers;
}

function turnedAway(cause: VaultError, detail: string): VaultError {
  return new VaultError('ticket-invalid', {
    op: 'vault.join',
    subject: 'ticket',
    detail,
    next: 'ask for a new one: vault invite',
    cause,
  });
}
