/**
 * One device with everything below the vault: real members, real peers, real replication, over
 * whatever network, clock and store a test hands in. It writes batches with chunks of random bytes.
 */
import { authorBatch } from '../../agent/journal/author.ts';
import type { VerifiedBatch } from '../../agent/journal/batch.ts';
import { evaluateMembership } from '../../agent/members/evaluate.ts';
import { noiseKeyOf, type DeviceIdentity } from '../../agent/members/identity.ts';
import { MembershipLog } from '../../agent/members/membership-log.ts';
import type { Membership } from '../../agent/members/membership.ts';
import { verifySignature } from '../../agent/members/sign-key.ts';
import { verifyStatement } from '../../agent/members/signed-statement.ts';
import { openPeerSet, type PeerSetOptions } from '../../agent/peer/peer-set.ts';
import type { Peer, PeerAuthority, PeerHandlers, PeerSet } from '../../agent/peer/peer.ts';
import type { Clock, Disk, Log, Network, Random } from '../../agent/ports.ts';
import { openJournalLines } from '../../agent/replication/journal-lines.ts';
import { ReleaseBook } from '../../agent/replication/release-book.ts';
import type { MembershipPort } from '../../agent/replication/replication.ts';
import type { ConnectedReplication } from '../../agent/replication/replication-parts.ts';
import { createReplication } from '../../agent/replication/replicator.ts';
import { ReadBudget } from '../../agent/store/read-budget.ts';
import type { SealedChunk, Store } from '../../agent/store/store.ts';
import { blake3 } from '../../protocol/hash.ts';
import {
  idFromBytes,
  journalId,
  type DeviceId,
  type IncarnationId,
  type JournalId,
} from '../../protocol/ids.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import { keyringOf } from './small-vault.ts';

export interface NodeParts {
  readonly identity: DeviceIdentity;
  /** Signed statements that the device starts with. */
  readonly statements: readonly Uint8Array[];
  readonly store: Store;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly log?: Log;
  readonly peerOptions?: Partial<PeerSetOptions>;
  /** Wraps what the device answers, to make it lie. */
  readonly corrupt?: (peer: Peer, honest: CallHandler) => CallHandler;
  readonly guest?: PeerHandlers['guest'];
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export interface Happened {
  readonly batches: VerifiedBatch[];
  readonly misbehaved: { device: DeviceId; reason: string }[];
  readonly slowed: DeviceId[];
  readonly refused: { address: string; reason: string }[];
  readonly gone: { device: DeviceId; reason: string }[];
  readonly forks: JournalId[];
  readonly ownJournalAhead: number[];
  chunks: number;
  /** Damaged chunks that were replaced. */
  mended: number;
  statements: number;
}

export interface TestNode {
  readonly device: DeviceId;
  readonly identity: DeviceIdentity;
  readonly store: Store;
  readonly members: MembershipLog;
  readonly happened: Happened;
  readonly journal: JournalId;
  readonly replication: ConnectedReplication;
  readonly peers: PeerSet;
  readonly authority: PeerAuthority;
  membership(): Membership;
  /** Statements made here. */
  learn(signed: readonly Uint8Array[]): Promise<void>;
  /** Writes one batch: makes its chunks durable, then the batch, then announces it. */
  write(content?: {
    chunks?: readonly Buffer[];
    small?: readonly Buffer[];
  }): Promise<VerifiedBatch>;
  close(): Promise<void>;
}

export async function startNode(parts: NodeParts): Promise<TestNode> {
  const { identity, store, clock, random } = parts;
  const members = new MembershipLog(vaultOf(parts));
  members.add(parts.statements);
  const port = membershipPort(members, store);
  const happened: Happened = {
    batches: [],
    misbehaved: [],
    slowed: [],
    refused: [],
    gone: [],
    forks: [],
    ownJournalAhead: [],
    chunks: 0,
    mended: 0,
    statements: 0,
  };
  const journal = journalId(identity.device, incarnationOf(identity, store, random));
  const authority = authorityOf(identity, members, port);
  let peers: PeerSet | undefined = undefined;
  const lines = await openJournalLines(store);
  const releases = new ReleaseBook({
    journals: store.journals,
    lines,
    membership: () => port.current(),
    clock,
  });
  const replication = createReplication({
    device: identity.device,
    store,
    membership: port,
    ...{ lines, releases },
    peers: {
      addressRecords: () => peers?.addressRecords() ?? [],
      learnAddresses: (records) => peers?.learnAddresses(records) ?? true,
      drop: (device, reason, detail) => peers?.drop(device, reason, detail) ?? Promise.resolve(),
    },
    clock,
    random,
    log: parts.log ?? silentLog,
    reads: new ReadBudget(),
    options: { writing: () => journal },
    events: {
      onBatches: (batches) => happened.batches.push(...batches),
      onStatements: () => (happened.statements += 1),
      onChunks: ({ chunks }) => (happened.chunks += chunks),
      onMended: (chunks) => (happened.mended += chunks),
      onMisbehaviour: (device, reason) => happened.misbehaved.push({ device, reason }),
      onFork: (forked) => happened.forks.push(forked),
      onOwnJournalAhead: (_journal, sequence) => happened.ownJournalAhead.push(sequence),
    },
  });
  peers = await openPeerSet({
    network: parts.network,
    clock,
    random,
    log: parts.log ?? silentLog,
    disk: parts.disk,
    authority,
    handlers: {
      member: (peer) => {
        const honest = replication.handler(peer);
        return parts.corrupt === undefined ? honest : parts.corrupt(peer, honest);
      },
      guest: parts.guest ?? (() => () => Promise.reject(new Error('no guests here'))),
    },
    events: {
      onPeer: (peer) => {
        replication.attach(peer);
      },
      onPeerGone: (peer, reason) => {
        replication.detach(peer);
        happened.gone.push({ device: peer.device, reason });
      },
      onRefused: (address, reason) => happened.refused.push({ address, reason }),
      onMisbehaviour: (device, reason) => happened.misbehaved.push({ device, reason }),
      onSlowed: (device) => happened.slowed.push(device),
      onAddressRecords: () => {
        replication.announce();
      },
    },
    options: { listen: `${identity.device.slice(0, 8)}:0`, ...parts.peerOptions },
  });
  const opened = peers;
  return {
    device: identity.device,
    identity,
    store,
    members,
    happened,
    journal,
    replication,
    peers: opened,
    authority,
    membership: () => port.current(),
    async learn(signed) {
      await port.learn(signed);
      replication.announce();
    },
    write: (content = {}) => writeBatch({ ...parts, members, journal, replication }, content),
    async close() {
      await opened.close();
      await replication.close();
    },
  };
}

function vaultOf({ statements, identity }: NodeParts): Membership['vault'] {
  const [genesis] = statements;
  if (genesis === undefined) throw new Error(`${identity.device} needs a genesis`);
  // The vault's id is the id of its genesis statement: a log of any vault would tell.
  return genesisIdOf(genesis);
}

function genesisIdOf(genesis: Uint8Array): Membership['vault'] {
  return idFromBytes('vault', Buffer.from(verifyStatement(genesis).statement.id, 'hex'));
}

function incarnationOf(identity: DeviceIdentity, store: Store, random: Random): IncarnationId {
  const own = store.journals.tips().find(({ journal }) => journal.startsWith(identity.device));
  if (own !== undefined) return own.journal.slice(32) as IncarnationId;
  return idFromBytes('incarnation', random.bytes(8));
}

function membershipPort(members: MembershipLog, store: Store): MembershipPort {
  let current: Membership | undefined;
  return {
    current: () => (current ??= evaluateMembership(members.statements())),
    statements: () => members.all(),
    async learn(signed) {
      const linked = members.add(signed);
      if (linked.length > 0) current = undefined;
      await store.statements.append(linked.map(({ bytes }) => bytes));
      return linked.length;
    },
  };
}

function authorityOf(
  identity: DeviceIdentity,
  members: MembershipLog,
  port: MembershipPort,
): PeerAuthority {
  return {
    vault: members.vault,
    device: identity.device,
    noiseKey: noiseKeyOf(identity),
    memberKeys: () => keyringOf(members, identity).memberKeys,
    memberByNoiseKey: (noiseKey) => {
      const all = [...port.current().members.values()];
      return all.find((member) => member.active && member.noiseKey.equals(noiseKey));
    },
    inviteKey: () => undefined,
    sign: (bytes) => identity.signKey.sign(bytes),
    verify: (device, bytes, signature) => {
      const member = port.current().members.get(device);
      return member !== undefined && verifySignature(member.signKey, bytes, signature);
    },
    isMember: (device) => port.current().members.get(device)?.active === true,
  };
}

/** Sealed chunks are bytes with the right name: nothing here can open them. */
export function chunkOf(body: Buffer): SealedChunk {
  return { id: idFromBytes('chunk', blake3(body)), body };
}

async function writeBatch(
  node: NodeParts & {
    members: MembershipLog;
    journal: JournalId;
    replication: ConnectedReplication;
  },
  content: { chunks?: readonly Buffer[]; small?: readonly Buffer[] },
): Promise<VerifiedBatch> {
  const { store, identity, journal, random } = node;
  const chunks = (content.chunks ?? []).map(chunkOf);
  const small = (content.small ?? []).map(chunkOf);
  await store.chunks.write(chunks);
  await store.chunks.commit();
  const tip = store.journals.tip(journal);
  const batch = authorBatch({
    author: {
      vault: node.members.vault,
      device: identity.device,
      sign: (bytes) => identity.signKey.sign(bytes),
    },
    header: {
      journal,
      sequence: (tip?.sequence ?? 0) + 1,
      previous: tip?.hash,
      membershipHeads: node.members.heads(),
      epoch: evaluateMembership(node.members.statements()).currentEpoch,
      salt: random.bytes(32),
      chunksAdded: chunks.map(({ id, body }) => ({ id, length: body.length })),
      chunksReused: [],
      smallRecords: small.map(({ id, body }) => ({ id, length: body.length })),
    },
    body: { stamp: { wallMs: node.clock.nowMs(), counter: 0 }, lamport: 1, seen: [], ops: [] },
    opKey: Buffer.alloc(32),
  });
  const { hash, bytes, header } = batch;
  const { sequence, previous } = header;
  await store.journals.append([{ journal, sequence, hash, previous, bytes, small }]);
  node.replication.announce();
  return batch;
}
