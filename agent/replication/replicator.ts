/**
 * Replication put together: the sessions with connected peers, the two doors, the want list and its
 * planner, and the reader. Each part has its file; this one connects them and owns their lives.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import { type ChunkId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { readAhead as readLimits, replication as limits } from '../../protocol/limits.ts';
import type { NamedChunk } from '../../protocol/messages/op.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import { readForkProof } from '../journal/fork-proof.ts';
import type { Peer } from '../peer/peer.ts';
import type { LentBytes } from '../ports.ts';
import { answerCall, type AnswerParts } from './answer-call.ts';
import { Arrivals } from './arrivals.ts';
import { Fetcher } from './fetcher.ts';
import { freeFlow, type Flow } from './flow.ts';
import { HoldingsTable } from './holdings.ts';
import { Incoming } from './incoming.ts';
import type { Branch } from './journal-lines.ts';
import { ChunkKnowledge } from './knowledge.ts';
import { loadWants, namingBatch, noWants } from './load-wants.ts';
import { LostChunks } from './lost-chunks.ts';
import { NamedBytes } from './named-bytes.ts';
import { OwnHoldings } from './own-holdings.ts';
import { Planner } from './planner.ts';
import { PaceQueue } from './pace-queue.ts';
import { proofOf } from './prove-fork.ts';
import { Reader } from './reader.ts';
import { BatchDoor, type PlacedBatch } from './receive-batch.ts';
import { openChunkDoor, type ChunkDoor } from './receive-chunk.ts';
import { forgetReleased, reviveWanted } from './released-wants.ts';
import type { Replication } from './replication.ts';
import type { ConnectedReplication, ReplicationParts } from './replication-parts.ts';
import { openSession, type Session } from './session.ts';
import { Soon } from './soon.ts';
import { describeState } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { WantList } from './want-list.ts';

const holdingsAfterMs = 50;
const refreshEveryMs = 2_000;
const lookAfterMs = 1_000;
const distrustMs = 10 * 60_000;

export function createReplication(parts: ReplicationParts): ConnectedReplication {
  return new Replicator(parts);
}

class Replicator implements ConnectedReplication {
  readonly ready: Promise<void>;
  readonly flow: Flow;
  readonly #leaving: PaceQueue;
  readonly #parts: ReplicationParts;
  readonly #wants = new WantList();
  readonly #named = new NamedBytes();
  readonly #lost: LostChunks;
  readonly #holdings = new HoldingsTable();
  readonly #own: OwnHoldings;
  readonly #planner: Planner;
  readonly #chunkDoor: ChunkDoor;
  readonly #batchDoor: BatchDoor;
  readonly #fetcher: Fetcher;
  readonly #reader: Reader;
  readonly #incoming: Incoming;
  readonly #subscriptions: Subscriptions;
  readonly #knowledge: ChunkKnowledge;
  readonly #sessions = new Map<DeviceId, Session>();
  readonly #distrustedUntilMs = new Map<DeviceId, number>();
  readonly #arrivals = new Arrivals();
  readonly #soon: Soon;
  #closed = false;

  constructor(parts: ReplicationParts) {
    const { store, clock, log, events } = parts;
    this.#parts = parts;
    this.flow = parts.flow ?? freeFlow();
    this.#leaving = new PaceQueue(this.flow, clock);
    this.#soon = new Soon(clock);
    this.#own = new OwnHoldings(store.journals, this.#wants, parts.options?.freeBytes ?? (() => 0));
    this.#knowledge = new ChunkKnowledge(parts.device, this.#wants, this.#holdings);
    this.#planner = new Planner({
      surelyHolds: (device, id) => this.#knowledge.surelyHolds(device, id),
      rttMs: (device) => this.#sessions.get(device)?.peer.rpc.rttMs,
      startAt: Math.floor(parts.random.fraction() * limits.haveIdsMax),
    });
    this.#chunkDoor = openChunkDoor(
      { store: store.chunks, clock },
      {
        onDurable: (ids) => {
          this.#chunksAreDurable(ids);
        },
        onLost: (ids, error) => {
          log.warn({ chunks: ids.length, code: error.code }, 'chunks that arrived were not kept');
          this.#planner.want(ids.flatMap((id) => this.#wants.get(id) ?? []));
        },
      },
    );
    this.#batchDoor = new BatchDoor(store.journals, parts.lines, {
      onAppended: (batches) => {
        this.#batchesAreDurable(batches);
      },
      onBranch: (branch) => {
        void this.#branchBegan(branch);
      },
      onFailure: (error) => {
        log.warn({ code: error.code, detail: error.message }, 'batches that arrived were not kept');
        this.#subscriptions.startAgain();
      },
    });
    const punish = (device: DeviceId, error: VaultError): void => {
      this.#punish(device, error);
    };
    this.#fetcher = new Fetcher(
      { planner: this.#planner, door: this.#chunkDoor, clock, log, flow: this.flow },
      {
        onArrived: this.#arrivals.onArrived,
        onRight: (id, lend) => {
          this.#reader.arrived(id, lend);
        },
        onMisbehaviour: punish,
      },
    );
    this.#reader = new Reader({
      store: store.chunks,
      door: this.#chunkDoor,
      clock,
      isComing: (id) => this.#fetcher.isComing(id),
      peers: () => [...this.#sessions.values()].map(({ peer }) => peer),
      lane: (device) => this.#planner.lane(device),
      has: (device, id) => this.#knowledge.has(this.#planner, device, id),
      wouldHave: (id) => this.#knowledge.wouldHave(id),
      flow: this.flow,
      onArrived: (device, id, bytes) => {
        this.#arrivals.count(device, bytes);
        this.#planner.settle(id);
      },
      onNotKept: (id, error) => {
        log.warn({ id, error: error.message }, 'a chunk that was read was not kept');
        this.#planner.want([this.#wants.get(id) ?? []].flat());
      },
      onMisbehaviour: punish,
    });
    this.#incoming = new Incoming(
      {
        membership: parts.membership,
        door: this.#batchDoor,
        lines: parts.lines,
        holdings: this.#holdings,
        clock,
        log,
        writing: () => parts.options?.writing?.(),
        learnAddresses: (records) => parts.peers.learnAddresses(records),
      },
      {
        onStatements: (from, signed) => {
          this.#statementsCame(from, signed);
        },
        onHoldings: (device) => {
          this.#soon.run(`refresh ${device}`, refreshEveryMs, () => {
            this.#refresh(device);
          });
        },
        onForks: (forks) => {
          for (const { journal, sequence } of forks) this.#reportFork(journal, sequence);
        },
        onAskAgain: (session) => {
          this.#subscriptions.askAgain(session);
        },
        onRefusedBatch: (from, reason) => events.onRefusedBatch?.(from, reason),
        onOwnJournalAhead: (journal, sequence) => events.onOwnJournalAhead?.(journal, sequence),
        onMisbehaviour: punish,
      },
    );
    this.#subscriptions = new Subscriptions({
      journals: store.journals,
      lines: parts.lines,
      membership: parts.membership,
      incoming: this.#incoming,
      clock,
      log,
      onMisbehaviour: punish,
      onCaughtUp: (device) => events.onCaughtUp?.(device),
    });
    this.#lost = new LostChunks({
      store,
      ...{ wants: this.#wants, planner: this.#planner, knowledge: this.#knowledge },
      clock,
      log,
      ready: () => this.ready,
      devices: () => this.#sessions.keys(),
      fetcher: this.#fetcher,
      onShrunk: () => {
        this.#announceHoldingsSoon();
      },
      onMended: (chunks) => events.onMended?.(chunks),
    });
    parts.releases.onReleased((ids) => {
      if (forgetReleased(this.#wants, this.#planner, ids)) this.#announceHoldingsSoon();
    });
    this.ready = this.#load();
  }

  announce(): void {
    if (this.#wants.size > 0) {
      this.#soon.run('look', lookAfterMs, () => {
        this.#forgetWhatIsHere();
      });
    }
    this.#own.update();
    this.#wakePublishers();
  }

  fetch(id: ChunkId, options: Parameters<Replication['fetch']>[1]): Promise<LentBytes> {
    return this.#reader.fetch(id, options);
  }

  prefetch(chunks: readonly NamedChunk[], haste: 'first' | 'read' = 'read'): void {
    const missing = chunks.filter(({ id }) => !this.#parts.store.chunks.has(id));
    this.#planner.wantSoon(missing, haste);
    this.#fetcher.pump();
  }

  chunkLost(chunk: NamedChunk): void {
    if (!this.#parts.releases.isReleased(chunk.id)) this.#lost.lose(chunk);
  }

  async lackedBytes(): Promise<ReadonlyMap<DeviceId, number>> {
    await this.#named.catchUp(this.#parts.store.journals, this.#parts.clock);
    return this.#named.lackedBy(this.#own.all().complete, this.#holdings.all());
  }

  state(): ReturnType<Replication['state']> {
    return describeState({
      damaged: this.#lost.describe(),
      ...{ wants: this.#wants, holdings: this.#holdings, planner: this.#planner },
      sessions: this.#sessions.values(),
      membership: this.#parts.membership.current(),
      ownSequence: (journal) => this.#furthest(journal),
      nowMs: this.#parts.clock.monotonicMs(),
    });
  }

  attach(peer: Peer): void {
    const previous = this.#sessions.get(peer.device);
    if (previous !== undefined) this.detach(previous.peer);
    const reads = this.#parts.reads.share(readLimits.peerBytesMax);
    const session = openSession(peer, reads, this.#leaving.gate(peer.device));
    this.#sessions.set(peer.device, session);
    this.#incoming.attach(session);
    this.#fetcher.attach(peer, this.#distrustedUntilMs.get(peer.device) ?? 0);
    this.#reader.lookAgain();
    void this.ready.then(() => this.#subscriptions.keep(session));
  }

  detach(peer: Peer): void {
    const session = this.#sessions.get(peer.device);
    if (session?.peer !== peer) return;
    this.#sessions.delete(peer.device);
    session.gone.abort();
    this.#incoming.detach(peer.device);
    this.#fetcher.detach(peer.device);
  }

  handler(peer: Peer): CallHandler {
    return async (call) => {
      const session = this.#sessions.get(peer.device);
      if (session?.peer !== peer || this.#closed) {
        throw new VaultError('closed', { op: 'replication.call', subject: peer.device });
      }
      await answerCall(this.#answerParts(), session, call);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#lost.close();
    for (const { peer } of [...this.#sessions.values()]) this.detach(peer);
    this.#soon.close();
    this.#reader.close();
    this.#fetcher.close();
    this.#incoming.close();
    await this.#batchDoor.idle();
    await this.#chunkDoor.flush();
  }

  async #load(): Promise<void> {
    await loadWants(this.#parts, { wants: this.#wants, named: this.#named });
    await reviveWanted(this.#wants, this.#parts);
    this.#lost.load();
    this.#own.update();
    this.#planner.want(this.#wants.all());
    this.#wakePublishers();
    this.#fetcher.pump();
  }

  #answerParts(): AnswerParts {
    const { device, membership, peers } = this.#parts;
    return {
      ...this.#parts,
      self: device,
      ...{ holdings: this.#own, table: this.#holdings },
      heads: () => membership.current().heads,
      statements: () => membership.statements(),
      addressRecords: () => peers.addressRecords(),
    };
  }

  #batchesAreDurable(batches: readonly PlacedBatch[]): void {
    const { events, releases } = this.#parts;
    for (const { verified, line, small } of batches) {
      const { header } = verified;
      releases.note(line, header);
      const isHere = noWants(this.#parts, line, header.sequence);
      this.#planner.want(this.#wants.addBatch(namingBatch(header, line, small), isHere));
      if (line === header.journal) continue;
      for (const { publisher } of this.#sessions.values()) publisher?.compareAgain(header.journal);
    }
    events.onBatches(batches.map(({ verified }) => verified));
    this.#announceHoldingsSoon();
    const lines = batches.map(({ verified, line }) => ({ line, journal: verified.header.journal }));
    for (const { publisher } of this.#sessions.values()) publisher?.wakeForMore(lines);
    this.#fetcher.pump();
  }

  /** Makes the proof of a fork that showed here, and tells everybody. */
  async #branchBegan(branch: Branch): Promise<void> {
    const { store, lines, log } = this.#parts;
    try {
      const proof = await proofOf(store.journals, lines, branch);
      if (proof !== undefined && lines.isNews(readForkProof(proof)))
        await lines.keepProofs([proof]);
    } catch (error) {
      const { code, message } = toVaultError(error, 'replication.proveFork');
      log.warn({ journal: branch.journal, code, message }, 'the proof of a fork was not kept');
    }
    this.#reportFork(branch.journal, branch.first);
  }

  /** The greatest number of a journal that is here, on whichever branch. */
  #furthest(journal: JournalId): number {
    const own = this.#batchDoor.tip(journal)?.sequence ?? 0;
    return Math.max(own, ...this.#parts.lines.linesOf(journal).map(({ tip }) => tip));
  }

  #chunksAreDurable(ids: readonly ChunkId[]): void {
    for (const id of ids) this.#wants.arrived(id);
    this.#lost.arrived(ids);
    for (const arrived of this.#arrivals.drain()) this.#parts.events.onChunks(arrived);
    this.#announceHoldingsSoon();
  }

  /** Chunks that came another way, from a write of our own, are not missing any more. */
  #forgetWhatIsHere(): void {
    const here = [...this.#wants.all()].filter(({ id }) => this.#parts.store.chunks.has(id));
    for (const { id } of here) this.#planner.settle(id);
    if (here.length > 0) this.#chunksAreDurable(here.map(({ id }) => id));
  }

  #statementsCame(from: Session, signed: readonly Uint8Array[]): void {
    for (const statement of signed) from.publisher?.knowsStatement(statement);
    if (signed.length === 0) return;
    this.#parts.events.onStatements();
    this.#wakePublishers();
  }

  /** A peer announced: it may have what it did not have before. */
  #refresh(device: DeviceId): void {
    this.#planner.refresh(device);
    this.#reader.lookAgain();
    this.#fetcher.pump();
  }

  #announceHoldingsSoon(): void {
    this.#soon.run('holdings', holdingsAfterMs, () => {
      if (this.#own.update()) this.#wakePublishers();
    });
  }

  #wakePublishers(): void {
    for (const { publisher } of this.#sessions.values()) publisher?.wake();
  }

  /** Whoever forked it did so by a restored backup more often than by malice. */
  #reportFork(journal: JournalId, sequence: number): void {
    this.#parts.events.onFork?.(journal, sequence);
    this.#wakePublishers();
  }

  #punish(device: DeviceId, error: VaultError): void {
    const session = this.#sessions.get(device);
    if (session === undefined) return;
    const reason = error.detail ?? error.message;
    this.#distrustedUntilMs.set(device, this.#parts.clock.monotonicMs() + distrustMs);
    this.detach(session.peer);
    this.#holdings.forget(device);
    this.#parts.log.warn({ device, op: error.op, reason }, 'a device broke the protocol');
    this.#parts.events.onMisbehaviour(device, reason);
    void this.#parts.peers.drop(device, 'protocol-error', reason);
  }
}
