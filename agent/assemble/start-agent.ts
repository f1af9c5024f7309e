/**
 * The composition root: builds the agent from its ports, from the store upwards, and closes it in
 * reverse. Nothing else knows all the parts. News travels upward through the callbacks that are tied
 * together here.
 */
import { VaultError } from '../../protocol/errors.ts';
import {
  idFromBytes,
  idToBytes,
  journalId,
  splitJournalId,
  type DeviceId,
  type IncarnationId,
  type VaultId,
} from '../../protocol/ids.ts';
import type { Agent, ShutdownRequest, StartAgent, StartOptions } from '../agent.types.ts';
import { createControlHandler } from '../control/handlers.ts';
import { createRescueHandler } from '../control/rescue.ts';
import { loadIdentity, loadOwnerKey } from '../members/identity-file.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { verifyStatement } from '../members/signed-statement.ts';
import { IssuedTickets } from '../members/tickets-issued.ts';
import { createHybridClock } from '../namespace/clock.ts';
import { createTree, type JournaledTree } from '../namespace/tree.ts';
import { openPeerSet } from '../peer/peer-set.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Ports } from '../ports.ts';
import { createReplication, type ConnectedReplication } from '../replication/replicator.ts';
import { openDiskStore } from '../store/disk-store.ts';
import { indexSpace } from '../store/index-space.ts';
import { prefixes } from '../store/keyspace.ts';
import type { IndexedStore } from '../store/store.ts';
import { EventLog } from '../vault/event-log.ts';
import { formatTime } from '../vault/format-time.ts';
import { Invitations } from '../vault/invitations.ts';
import { applyBatches, loadTree } from '../vault/load-tree.ts';
import { MembersService } from '../vault/members-service.ts';
import { Publisher } from '../vault/publisher.ts';
import { SourcePrints } from '../vault/source-prints.ts';
import { Vault } from '../vault/vault.ts';
import { watchFreeSpace, type FreeSpace } from './free-space.ts';
import { createPeerAuthority } from './peer-authority.ts';
import { tellEvents, type Teller } from './tell-events.ts';

export const startAgent: StartAgent = async (ports, options) => {
  const identity = await requireIdentity(ports);
  if (options.rescue !== undefined) return startRescue(ports, options, identity);
  const events = new EventLog(ports.clock);
  const tell = tellEvents(events, ports.log);
  const store = await openStore(ports, options, tell);
  try {
    return await startOn(store, { ports, options, identity, events, tell });
  } catch (error) {
    await store.close();
    throw error;
  }
};

/** Opens nothing, and says why. */
function startRescue(ports: Ports, options: StartOptions, identity: DeviceIdentity): Agent {
  const shutdown = Promise.withResolvers<ShutdownRequest>();
  const { device } = identity;
  const handler = createRescueHandler(
    {
      vaultId: '',
      deviceId: device,
      name: options.config.value('name'),
      startedAt: formatTime(ports.clock.nowMs()),
    },
    options,
    shutdown.resolve,
  );
  return {
    device,
    vault: '' as VaultId,
    listening: '',
    handler: () => handler,
    shutdownRequested: shutdown.promise,
    close: () => Promise.resolve(),
  };
}

/** What is there before the store is open. */
interface Ground {
  readonly ports: Ports;
  readonly options: StartOptions;
  readonly identity: DeviceIdentity;
  readonly events: EventLog;
  readonly tell: Teller;
}

async function startOn(store: IndexedStore, ground: Ground): Promise<Agent> {
  const { ports, options, identity, events } = ground;
  const startedAtMs = ports.clock.nowMs();
  const members = new MembersService(vaultOf(store), store.statements, identity);
  const tree = createTree({ deviceName: (device) => members.nameOf(device) });
  await loadTree(tree, store.journals, opKeys(members));
  const parts = await connectParts(store, { ...ground, members, tree });
  const { vault, peers, replication, publisher, invitations, space } = parts;

  let requestShutdown: (request: ShutdownRequest) => void = () => undefined;
  const shutdownRequested = new Promise<ShutdownRequest>((resolve) => {
    requestShutdown = resolve;
  });
  const handler = createControlHandler({
    vault,
    members,
    invitations,
    peers,
    events,
    config: options.config,
    clock: ports.clock,
    disk: ports.disk,
    facts: {
      device: identity.device,
      version: options.version,
      startedAtMs,
      process: options.process,
    },
    requestShutdown,
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    space.close();
    await publisher.idle();
    await peers.close();
    await replication.close();
    await store.close();
  };
  return {
    device: identity.device,
    vault: members.current().vault,
    listening: peers.listening,
    handler: () => handler,
    shutdownRequested,
    close: () => (closing ??= close()),
  };
}

interface Base extends Ground {
  readonly members: MembersService;
  readonly tree: JournaledTree;
}

interface Connected {
  readonly vault: Vault;
  readonly peers: PeerSet;
  readonly replication: ConnectedReplication;
  readonly publisher: Publisher;
  readonly invitations: Invitations;
  readonly space: FreeSpace;
}

/** The parts that need each other: who connects them is the only one who sees the circle. */
async function connectParts(store: IndexedStore, base: Base): Promise<Connected> {
  const space = await watchFreeSpace(base.ports);
  const { ports, options, identity, members, tree, tell } = base;
  const invitations = new Invitations({
    members,
    tickets: await IssuedTickets.open(ports.disk),
    identity,
    owner: await loadOwnerKey(ports.disk),
    journals: store.journals,
    random: ports.random,
    clock: ports.clock,
    log: ports.log.child('members'),
    addresses: () => peers.ownAddresses(),
  });
  const publisher = createPublisher(store, base, () => {
    replication.announce();
  });
  const replication = createReplication({
    device: identity.device,
    store,
    membership: members,
    peers: {
      addressRecords: () => peers.addressRecords(),
      learnAddresses: (records) => peers.learnAddresses(records),
      drop: (device, reason, detail) => peers.drop(device, reason, detail),
    },
    clock: ports.clock,
    random: ports.random,
    log: ports.log.child('replication'),
    options: { writing: () => publisher.writing(), freeBytes: () => space.bytes() },
    events: {
      onBatches(batches) {
        applyBatches(tree, batches, opKeys(members));
        const authors = new Map<DeviceId, number>();
        for (const { author } of batches) authors.set(author, (authors.get(author) ?? 0) + 1);
        for (const [author, count] of authors) tell.changed(author, members.nameOf(author), count);
      },
      onStatements: () => undefined,
      onChunks(arrived) {
        tell.received(arrived.device, members.nameOf(arrived.device), arrived);
      },
      onMisbehaviour(device, reason) {
        tell.misbehaved(device, members.nameOf(device), reason);
      },
      onFork: (journal, sequence) => {
        tell.forked(journal, sequence);
        if (splitJournalId(journal).device === identity.device) publisher.openNewJournal();
      },
      onOwnJournalAhead: () => {
        publisher.openNewJournal();
      },
    },
  });
  const peers = await openPeerSet({
    network: ports.network,
    clock: ports.clock,
    random: ports.random,
    disk: ports.disk,
    log: ports.log.child('peer'),
    authority: createPeerAuthority(identity, members, invitations),
    handlers: {
      member: (peer) => replication.handler(peer),
      guest: (guest) => invitations.handler(guest),
    },
    events: {
      onPeer(peer) {
        tell.peerOnline(peer.device, members.nameOf(peer.device), peer.address);
        replication.attach(peer);
      },
      onPeerGone(peer, reason) {
        replication.detach(peer);
        tell.peerOffline(peer.device, members.nameOf(peer.device), reason);
      },
      onRefused: (address, reason) => {
        tell.refused(address, reason);
      },
      onAddressRecords: () => {
        replication.announce();
      },
    },
    options: {
      listen: options.config.value('listen'),
      beacon: options.config.value('peers.beacon'),
      addresses: options.config.value('peers.addresses'),
      agent: `peervault/${options.version}`,
    },
  });
  members.onChange(() => {
    tell.members();
    tree.relabel();
    replication.announce();
    for (const { device } of peers.peers()) {
      if (members.current().members.get(device)?.active === true) continue;
      void peers.drop(device, 'not-member', 'it was sent away');
    }
    // A key that came may open what had to wait.
    void loadTree(tree, store.journals, opKeys(members));
  });
  const vault = new Vault({
    store,
    replication,
    work: ports.work,
    tree,
    publisher,
    random: ports.random,
    clock: ports.clock,
    prints: new SourcePrints(indexSpace(store.index, prefixes.vault)),
    chunkKey: (epoch) => members.chunkKey(epoch),
    writeKeys: () => members.writeKeys(),
    deviceName: (device) => members.nameOf(device),
  });
  return { vault, peers, replication, publisher, invitations, space };
}

function createPublisher(store: IndexedStore, base: Base, announce: () => void): Publisher {
  const { ports, identity, members, tree } = base;
  return new Publisher(
    {
      store,
      tree,
      random: ports.random,
      clock: createHybridClock(ports.clock, tree),
      author: {
        vault: members.current().vault,
        device: identity.device,
        sign: (bytes) => identity.signKey.sign(bytes),
      },
      epoch: () => members.writeKeys().epoch,
      membershipHeads: () => members.current().heads,
      onPublished: announce,
    },
    ownIncarnation(store, identity.device),
  );
}

/** The journal to go on with: the longest of this device that is whole; none when there is no such. */
function ownIncarnation(store: IndexedStore, device: DeviceId): IncarnationId | undefined {
  const damaged = new Set(store.journals.damaged());
  let best: { incarnation: IncarnationId; sequence: number } | undefined;
  for (const { journal, sequence } of store.journals.tips()) {
    const { device: author, incarnation } = splitJournalId(journal);
    if (author !== device || damaged.has(journalId(author, incarnation))) continue;
    if (best === undefined || sequence > best.sequence) best = { incarnation, sequence };
  }
  return best?.incarnation;
}

function opKeys(
  members: MembersService,
): (epoch: Parameters<MembersService['chunkKey']>[0]) => Buffer | undefined {
  return (epoch) => members.keyring().epoch(epoch)?.opKey;
}

async function requireIdentity(ports: Ports): Promise<DeviceIdentity> {
  const identity = await loadIdentity(ports.disk);
  if (identity !== undefined) return identity;
  throw new VaultError('home-invalid', {
    op: 'agent.start',
    subject: 'identity/device.json',
    detail: 'it is missing',
    next: 'make a vault with vaultd init, or join one with vaultd join',
  });
}

async function openStore(
  { disk, index, clock, log }: Ports,
  { config }: StartOptions,
  tell: Teller,
): Promise<IndexedStore> {
  return openDiskStore({
    disk,
    index,
    clock,
    log: log.child('store'),
    onEvent: (event) => {
      tell.store(event);
    },
    options: {
      ballastBytes: config.value('store.ballast-bytes'),
      freeBytesMin: config.value('store.free-bytes-min'),
    },
  });
}

/** The id of the genesis is the vault's. */
function vaultOf(store: IndexedStore): VaultId {
  for (const signed of store.statements.all()) {
    const { statement } = verifyStatement(signed);
    if (statement.kind.type === 'genesis') return idFromBytes('vault', idToBytes(statement.id));
  }
  throw new VaultError('damaged', {
    op: 'agent.start',
    subject: 'journals/members.log',
    detail: 'the statement that founded the vault is missing',
    next: 'restore the home from a backup, or join the vault again from an empty home',
  });
}
