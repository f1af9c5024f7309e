/**
 * The composition root: builds the agent from its ports, from the store upwards, and closes it in
 * reverse. Nothing else knows all the parts. News travels upward through the callbacks that are tied
 * together here.
 */
import { splitJournalId, type DeviceId } from '../../protocol/ids.ts';
import type { Agent, ShutdownRequest, StartAgent } from '../agent.types.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { createControlHandler } from '../control/handlers.ts';
import { RunningCalls } from '../control/running-calls.ts';
import { glanceAtConflicts } from '../control/conflict-reasons.ts';
import { statusReport } from '../control/status.ts';
import { loadOwnerKey } from '../members/identity-file.ts';
import type { MembershipLog } from '../members/membership-log.ts';
import type { Mounts } from '../mount/mounts.ts';
import { createTree, type JournaledTree, type TreeOptions } from '../namespace/tree.ts';
import { preparePeerSet } from '../peer/peer-set.ts';
import { openJournalLines } from '../replication/journal-lines.ts';
import { createReplication } from '../replication/replicator.ts';
import { indexSpace } from '../store/index-space.ts';
import { prefixes } from '../store/keyspace.ts';
import { ReadBudget } from '../store/read-budget.ts';
import type { IndexedStore } from '../store/store.ts';
import { AnchorKeeper } from '../vault/anchor-keeper.ts';
import { Arrivals } from '../vault/arrivals.ts';
import { ConflictIndex } from '../vault/conflict-index.ts';
import { CountingJournals } from '../vault/counting-journals.ts';
import { EarlierSeals } from '../vault/earlier-seals.ts';
import { EventLog } from '../vault/event-log.ts';
import { loadTree } from '../vault/load-tree.ts';
import { MembersService } from '../vault/members-service.ts';
import type { NoteBoard } from '../vault/notes.ts';
import { Restored } from '../vault/restored.ts';
import { SourcePrints } from '../vault/source-prints.ts';
import { Vault } from '../vault/vault.ts';
import { startRecording } from './audit-recorder.ts';
import type { Base, Connected } from './parts.types.ts';
import { beginAtFold } from './begin-at-fold.ts';
import { watchFreeSpace } from './free-space.ts';
import { createCountingTree } from './counting-tree.ts';
import { openStore, requireIdentity, type ChunkLost, type Ground } from './ground.ts';
import { createHistory } from './create-history.ts';
import { createKeyDesk } from './create-key-desk.ts';
import { createMemberDesk } from './create-member-desk.ts';
import { createMoments } from './create-moments.ts';
import { createTreeKeeper } from './create-tree-keeper.ts';
import { createJournalBook, createPublisher, createReissuer, opKeys } from './own-journal.ts';
import { createMounts } from './create-mounts.ts';
import { createNotes } from './create-notes.ts';
import { createReleases, createRetention } from './create-retention.ts';
import { createPeerAuthority } from './peer-authority.ts';
import { giveUpLost, keepAnchor, startWithLog } from './start-with-log.ts';
import { peerOptions } from './log-seeker.ts';
import { openFlow } from './saved-flow.ts';
import { sendOffFormer } from './send-off.ts';
import { peerTrouble, tellEvents } from './tell-events.ts';

export const startAgent: StartAgent = async (ports, options) => {
  const chunkLost: ChunkLost = { tell: () => undefined };
  const identity = options.identity ?? (await requireIdentity(ports));
  const audit = options.audit ?? (await AuditLog.open(ports));
  const recorder = await startRecording(ports, { audit, identity, options });
  const events = new EventLog(ports.clock, (event) => {
    recorder.event(event);
  });
  const tell = tellEvents(events, ports.log);
  const store = await openStore(ports, options, (event) => {
    tell.store(event);
    if (event.chunk !== undefined) chunkLost.tell(event.chunk);
  });
  const end = async (): Promise<void> => {
    await store.close();
    recorder.close();
    if (options.audit === undefined) await audit.close();
  };
  try {
    const anchor = await AnchorKeeper.open({ ...ports, identity });
    const ground = {
      ports,
      options,
      identity,
      events,
      tell,
      chunkLost,
      audit,
      recorder,
      anchor,
      end,
    };
    return await startWithLog(store.statements, ground, (log) => startOn(store, log, ground));
  } catch (error) {
    await store.close();
    throw error;
  }
};

async function startOn(store: IndexedStore, log: MembershipLog, ground: Ground): Promise<Agent> {
  const { ports, options, identity, events, audit, recorder, anchor } = ground;
  const startedAtMs = ports.clock.nowMs();
  const members = new MembersService(log, store.statements, identity, ports.clock);
  keepAnchor(anchor, members, ground.tell);
  const conflicts = new ConflictIndex(ports.clock);
  const lines = await openJournalLines(store);
  const releases = createReleases(store, ports, { lines, members });
  const counting = new CountingJournals(store.journals, lines, () => members.current());
  const opKeyOf = opKeys(members);
  const look = {
    deviceName: (device: DeviceId) => members.nameOf(device),
    seed: ports.random.bytes(4).readUInt32LE(),
  };
  const begun = await beginAtFold(store, ports, {
    ...{ counting, opKeyOf, look, tell: ground.tell },
    folds: () => members.current().folds,
  });
  const { base } = begun;
  const history = createHistory(store, ports, { members, counting, base, tree: () => tree });
  const keeper = createTreeKeeper(store, { ...ground, members, counting, base });
  // Nobody hears of changes before the mount is there.
  const mounted: Pick<Mounts, 'changed'> = { changed: () => undefined };
  const noted: Pick<NoteBoard, 'observe'> = { observe: () => undefined };
  const watched: TreeOptions = {
    ...look,
    onChange: (change, batches) => {
      conflicts.note(change);
      history.observe(batches);
      recorder.batches(batches);
      noted.observe(batches);
      keeper.changed();
      mounted.changed(change, batches);
    },
  };
  const tree: JournaledTree = await keeper.load(
    () => createTree(watched),
    () => begun.treeOrEmpty(watched),
  );
  await loadTree(tree, counting, opKeyOf, () => keeper.saveLarge(tree));
  keeper.keep(tree);
  recorder.watch();
  const moments = createMoments(store, ports, { members, counting, base, tree: () => tree });
  const kept = createCountingTree(ground, {
    tree,
    counting,
    opKeyOf,
    lacksBase: (each) => !base.isWithin(each.vector()) && base.isWhole,
    rebuildTree: (fill) => keeper.rebuild(() => begun.treeOf(look), fill),
    onRebuilt: () => {
      moments.forget();
      void history.rebuild();
    },
  });
  const reads = new ReadBudget();
  const savedFlow = await openFlow(ports);
  const changed: Base['changed'] = { look: () => undefined, chunks: () => undefined };
  const state = { members, tree, history, lines, counting, kept, base };
  const common = { ...ground, ...state, reads, savedFlow, releases, changed };
  const parts = await connectParts(store, common);
  history.start();
  const { vault, peers, replication, publisher, desk, space } = parts;

  const { promise: shutdownRequested, resolve: requestShutdown } =
    Promise.withResolvers<ShutdownRequest>();
  const retention = createRetention(store, {
    ...{ ports, identity, members, counting, moments, releases, tell: ground.tell },
    ...{ lines, base, kept },
    issuing: desk.issuing,
    vault: vault.parts,
    mounts: () => mounts,
    unnamedAfterMs: options.config.value('store.unnamed-after') * 1_000,
    isOnline: (device) => peers.peers().some((peer) => peer.device === device),
  });
  changed.look = () => {
    retention.look();
  };
  changed.chunks = () => {
    retention.chunksCame();
  };
  const notes = createNotes(common, publisher);
  noted.observe = notes.observe.bind(notes);
  const context = {
    vault,
    members,
    anchor,
    desk,
    retention,
    ...{ conflicts, moments, notes },
    running: new RunningCalls(ports.clock),
    journals: createJournalBook(store, common, parts),
    keys: createKeyDesk({ ...ground, members, peers }),
    ...{ audit, peers, events },
    config: options.config,
    clock: ports.clock,
    disk: ports.disk,
    localFiles: ports.localFiles,
    facts: {
      device: identity.device,
      version: options.version,
      startedAtMs,
      process: options.process,
    },
    requestShutdown,
  };
  const mounts = createMounts({
    ...context,
    ports,
    options,
    vault: vault.parts,
    identity,
    freeBytes: () => space.bytes(),
    readsNames: () => members.keyring().vault !== undefined,
    status: async () => {
      await glanceAtConflicts(context);
      return statusReport({ ...context, mounts, reads: reads.share() });
    },
  });
  mounted.changed = mounts.changed.bind(mounts);
  await mounts.start(options.mount);
  void replication.ready.then(() => {
    retention.start();
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await mounts.close();
    await retention.close();
    space.close();
    await desk.keyCare.close();
    moments.close();
    base.close();
    await kept.settled();
    await publisher.idle();
    await peers.close();
    await replication.close();
    await history.close();
    await keeper.close();
    await Promise.all([anchor.idle(), savedFlow.idle()]);
    await ground.end();
  };
  return {
    device: identity.device,
    vault: members.current().vault,
    listening: peers.listening,
    handler: () =>
      createControlHandler({
        ...context,
        mounts: recorder.mounts(mounts),
        reads: reads.share(),
      }),
    shutdownRequested,
    close: () => (closing ??= close()),
  };
}

/** The parts that need each other: who connects them is the only one who sees the circle. */
async function connectParts(store: IndexedStore, base: Base): Promise<Connected> {
  const space = await watchFreeSpace({
    ...base.ports,
    onLook: () => {
      replication.announce();
    },
  });
  const { ports, options, identity, members, tree, tell, lines, kept, releases, changed } = base;
  const restored = await Restored.open(ports.disk);
  members.beforeIssue(() => {
    restored.requireMet();
  });
  const desk = await createMemberDesk(store, {
    ...base,
    ownerKey: await loadOwnerKey(ports.disk, identity),
    addresses: () => peers.ownAddresses(),
    addressRecords: () => peers.addressRecords().map((bytes) => Buffer.from(bytes)),
  });
  const { invitations } = desk;
  const publisher = await createPublisher(store, base, () => {
    replication.announce();
  });
  const arrivals = new Arrivals(ports.clock, (batches) => {
    kept.took(batches);
  });
  const replication = createReplication({
    device: identity.device,
    store,
    membership: members,
    ...{ lines, releases },
    peers: {
      addressRecords: () => peers.addressRecords(),
      learnAddresses: (records) => peers.learnAddresses(records),
      drop: (device, reason, detail) => peers.drop(device, reason, detail),
    },
    clock: ports.clock,
    random: ports.random,
    log: ports.log.child('replication'),
    ...{ reads: base.reads, flow: base.savedFlow.flow },
    options: { writing: () => publisher.writing(), freeBytes: () => space.bytes() },
    events: {
      onBatches(batches) {
        arrivals.push(batches);
        changed.look();
        const authors = new Map<DeviceId, number>();
        for (const { author } of batches) authors.set(author, (authors.get(author) ?? 0) + 1);
        for (const [author, count] of authors) tell.changed(author, members.nameOf(author), count);
      },
      onStatements: () => undefined,
      onCaughtUp: () => {
        giveUpLost(base.anchor, members, tell);
        void restored.met();
      },
      onChunks(arrived) {
        changed.chunks();
        tell.received(arrived.device, members.nameOf(arrived.device), arrived);
      },
      onMisbehaviour(device, reason) {
        tell.misbehaved(device, members.nameOf(device), reason);
      },
      onFork: (journal, sequence) => {
        tell.forked(journal, sequence, members.nameOf(splitJournalId(journal).device));
        if (publisher.writing() === journal) publisher.openNewJournal();
        void kept.refresh();
        void releases.refresh().catch(() => undefined);
      },
      onOwnJournalAhead: () => {
        publisher.openNewJournal();
      },
      onRefusedBatch: (device, reason) => {
        tell.refusedBatch(device, members.nameOf(device), reason);
      },
      onMended: (chunks) => {
        tell.mended(chunks);
      },
    },
  });
  base.chunkLost.tell = (chunk) => {
    replication.chunkLost(chunk);
  };
  const authority = createPeerAuthority({ ...base, invitations });
  const peers = await preparePeerSet({
    network: ports.network,
    clock: ports.clock,
    random: ports.random,
    disk: ports.disk,
    log: ports.log.child('peer'),
    authority,
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
      ...peerTrouble(tell, (device) => members.nameOf(device)),
      onAddressRecords: () => {
        replication.announce();
      },
    },
    options: peerOptions(options),
  });
  members.onChange((news) => {
    tell.members(news);
    tree.relabel();
    replication.announce();
    changed.look();
    sendOffFormer({ clock: ports.clock, isMember: (device) => authority.isMember(device), peers });
    // A key that came may open what had to wait; a revocation or a choice may change what counts.
    void kept.refresh();
  });
  // Not before all of them hear what others say.
  await peers.start();
  const vault = new Vault({
    store,
    replication,
    work: ports.work,
    tree,
    publisher,
    random: ports.random,
    clock: ports.clock,
    prints: new SourcePrints(indexSpace(store.index, prefixes.vault)),
    seals: new EarlierSeals(
      indexSpace(store.index, prefixes.vault),
      (epoch) => members.keyring().epoch(epoch) !== undefined,
    ),
    history: base.history,
    chunkKey: (epoch) => members.chunkKey(epoch),
    writeKeys: () => members.writeKeys(),
    deviceName: (device) => members.nameOf(device),
    released: releases,
  });
  kept.reissueWith(createReissuer(store, base, publisher));
  desk.keyCare.start();
  return { vault, peers, replication, publisher, desk, space };
}
