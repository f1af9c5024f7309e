/**
 * Replication put together: the sessions with connected peers, the two doors, the want list and its
 * planner, and the reader. Each part has its file; this one connects them and owns their lives.
 */
import { VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type ChunkId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { replication as limits } from '../../protocol/limits.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { Peer, PeerSet } from '../peer/peer.ts';
import type { Clock, Log, Random, Timer } from '../ports.ts';
import type { Store } from '../store/store.ts';
import { answerCall, type AnswerParts } from './answer-call.ts';
import { Fetcher } from './fetcher.ts';
import { HoldingsTable } from './holdings.ts';
import { Incoming } from './incoming.ts';
import { ChunkKnowledge } from './knowledge.ts';
import { loadWants, namingBatch } from './load-wants.ts';
import { OwnHoldings } from './own-holdings.ts';
import { Planner } from './planner.ts';
import { Reader } from './reader.ts';
import { BatchDoor } from './receive-batch.ts';
import { openChunkDoor, type ChunkDoor } from './receive-chunk.ts';
import type { AdmittedBatch } from './received-batch.ts';
import type { MembershipPort, Replication, ReplicationEvents } from './replication.ts';
import { openSession, type Session } from './session.ts';
import { describeState } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { WantList } from './want-list.ts';

const holdingsAfterMs = 50;
const refreshEveryMs = 2_000;
const lookAfterMs = 1_000;
const distrustMs = 10 * 60_000;

/** What `assemble` hands in. */
export interface ReplicationParts {
  readonly device: DeviceId;
  readonly store: Store;
  readonly membership: MembershipPort;
  /** The peer layer, or the few calls of it that are needed here. */
  readonly peers: Pick<PeerSet, 'addressRecords' | 'learnAddresses' | 'drop'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: ReplicationEvents & ReplicationAlarms;
  readonly options?: ReplicationOptions;
}

/** News that not every assembly needs. */
export interface ReplicationAlarms {
  /** A journal has two batches of one number; nothing more of it is taken in. */
  onFork?(journal: JournalId, sequence: number): void;
  /** A peer has more of the journal that we write than we do: open a new incarnation. */
  onOwnJournalAhead?(journal: JournalId, sequence: number): void;
}

export interface ReplicationOptions {
  /** Space left, for the announcement. @default 0 */
  readonly freeBytes?: (() => number) | undefined;
  /** The journal that this device writes at the moment. */
  readonly writing?: (() => JournalId | undefined) | undefined;
}

/** The facade, and the side of it that `assemble` connects to the peer layer. */
export interface ConnectedReplication extends Replication {
  /** The want list is derived from the journals; nothing is asked of peers before. */
  readonly ready: Promise<void>;
  attach(peer: Peer): void;
  detach(peer: Peer): void;
  /** Answers a member's calls. */
  handler(peer: Peer): CallHandler;
}

export function createReplication(parts: ReplicationParts): ConnectedReplication {
  return new Replicator(parts);
}

class Replicator implements ConnectedReplication {
  readonly ready: Promise<void>;
  readonly #parts: ReplicationParts;
  readonly #wants = new WantList();
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
  readonly #arrived = new Map<DeviceId, { chunks: number; bytes: number }>();
  readonly #timers = new Map<string, Timer>();
  #closed = false;

  constructor(parts: ReplicationParts) {
    const { store, clock, log, events } = parts;
    this.#parts = parts;
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
    this.#batchDoor = new BatchDoor(store.journals, {
      onAppended: (batches) => {
        this.#batchesAreDurable(batches);
      },
      onFork: ({ journal, sequence }) => {
        this.#reportFork(journal, sequence);
      },
      onFailure: (error) => {
        log.warn({ code: error.code, detail: error.message }, 'batches that arrived were not kept');
        this.#subscriptions.startAgain();
      },
    });
    const punish = (device: DeviceId, error: VaultError): void => {
      this.#punish(device, error);
    };
    const onArrived = (device: DeviceId, _id: ChunkId, bytes: number): void => {
      this.#countArrival(device, bytes);
    };
    this.#fetcher = new Fetcher(
      { planner: this.#planner, door: this.#chunkDoor, clock, log },
      { onArrived, onMisbehaviour: punish },
    );
    this.#reader = new Reader({
      store: store.chunks,
      clock,
      peers: () => [...this.#sessions.values()].map(({ peer }) => peer),
      lane: (device) => this.#planner.lane(device),
      has: (device, id) => this.#knowledge.has(this.#planner, device, id),
      wouldHave: (id) => this.#knowledge.wouldHave(id),
      onArrived: (device, id, body) => {
        onArrived(device, id, body.length);
        void this.#keep(id, body);
      },
      onMisbehaviour: punish,
    });
    this.#incoming = new Incoming(
      {
        membership: parts.membership,
        door: this.#batchDoor,
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
          this.#soon(`refresh ${device}`, refreshEveryMs, () => {
            this.#refresh(device);
          });
        },
        onOwnJournalAhead: (journal, sequence) => events.onOwnJournalAhead?.(journal, sequence),
        onMisbehaviour: punish,
      },
    );
    this.#subscriptions = new Subscriptions({
      journals: store.journals,
      membership: parts.membership,
      incoming: this.#incoming,
      clock,
      log,
      onMisbehaviour: punish,
    });
    this.ready = this.#load();
  }

  announce(): void {
    if (this.#wants.size > 0) {
      this.#soon('look', lookAfterMs, () => {
        this.#forgetWhatIsHere();
      });
    }
    this.#own.update();
    this.#wakePublishers('now');
  }

  fetch(
    id: ChunkId,
    options: { length: number; signal?: AbortSignal | undefined; timeoutMs: number },
  ): Promise<Buffer> {
    return this.#reader.fetch(id, options);
  }

  prefetch(chunks: readonly { id: ChunkId; length: number }[]): void {
    const { store } = this.#parts;
    this.#planner.wantSoon(chunks.filter(({ id }) => !store.chunks.has(id)));
    this.#fetcher.pump();
  }

  state(): ReturnType<Replication['state']> {
    return describeState({
      wants: this.#wants,
      holdings: this.#holdings,
      planner: this.#planner,
      sessions: this.#sessions.values(),
      ownSequence: (journal) => this.#batchDoor.tip(journal)?.sequence ?? 0,
      nowMs: this.#parts.clock.monotonicMs(),
    });
  }

  attach(peer: Peer): void {
    const previous = this.#sessions.get(peer.device);
    if (previous !== undefined) this.detach(previous.peer);
    const session = openSession(peer, () => this.#parts.clock.monotonicMs());
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
    for (const { peer } of [...this.#sessions.values()]) this.detach(peer);
    for (const timer of this.#timers.values()) timer.cancel();
    this.#reader.close();
    this.#fetcher.close();
    this.#incoming.close();
    await this.#batchDoor.idle();
    await this.#chunkDoor.flush();
  }

  async #load(): Promise<void> {
    await loadWants(this.#parts.store, this.#wants, this.#parts.log);
    this.#own.update();
    this.#planner.want(this.#wants.all());
    this.#wakePublishers('now');
    this.#fetcher.pump();
  }

  #answerParts(): AnswerParts {
    const { device, store, clock, log, membership, peers } = this.#parts;
    return {
      self: device,
      store,
      clock,
      log,
      holdings: this.#own,
      table: this.#holdings,
      heads: () => membership.current().heads,
      statements: () => membership.statements(),
      addressRecords: () => peers.addressRecords(),
      isFrozen: (journal) => this.#batchDoor.frozen.has(journal),
      onFork: (journal, sequence) => {
        this.#batchDoor.freeze(journal);
        this.#reportFork(journal, sequence);
      },
    };
  }

  #batchesAreDurable(batches: readonly AdmittedBatch[]): void {
    const { store, events } = this.#parts;
    const has = store.chunks.has.bind(store.chunks);
    for (const { verified } of batches) {
      this.#planner.want(this.#wants.addBatch(namingBatch(verified.header), has));
    }
    events.onBatches(batches.map(({ verified }) => verified));
    this.#announceHoldingsSoon();
    this.#wakePublishers('soon');
    this.#fetcher.pump();
  }

  #chunksAreDurable(ids: readonly ChunkId[]): void {
    for (const id of ids) this.#wants.arrived(id);
    const arrived = [...this.#arrived];
    this.#arrived.clear();
    for (const [device, counts] of arrived) this.#parts.events.onChunks({ device, ...counts });
    this.#announceHoldingsSoon();
  }

  /** A reader has its bytes; keeping them is a gain that a full disk may refuse. */
  async #keep(id: ChunkId, body: Buffer): Promise<void> {
    this.#planner.settle(id);
    try {
      await this.#chunkDoor.accept(id, body);
    } catch (error) {
      this.#parts.log.warn({ id, error: String(error) }, 'a chunk that was read was not kept');
      const want = this.#wants.get(id);
      if (want !== undefined) this.#planner.want([want]);
    }
  }

  /** Chunks that came another way, from a write of our own, are not missing any more. */
  #forgetWhatIsHere(): void {
    const { chunks } = this.#parts.store;
    const here = [...this.#wants.all()].filter(({ id }) => chunks.has(id));
    for (const { id } of here) {
      this.#planner.settle(id);
      this.#wants.arrived(id);
    }
    if (here.length > 0) this.#announceHoldingsSoon();
  }

  #countArrival(device: DeviceId, bytes: number): void {
    const counts = this.#arrived.get(device) ?? { chunks: 0, bytes: 0 };
    this.#arrived.set(device, { chunks: counts.chunks + 1, bytes: counts.bytes + bytes });
  }

  #statementsCame(from: Session, signed: readonly Uint8Array[]): void {
    for (const statement of signed) from.publisher?.knowsStatement(statement);
    if (signed.length === 0) return;
    this.#parts.events.onStatements();
    this.#wakePublishers('now');
  }

  /** A peer announced: it may have what it did not have before. */
  #refresh(device: DeviceId): void {
    this.#planner.refresh(device);
    this.#reader.lookAgain();
    this.#fetcher.pump();
  }

  #announceHoldingsSoon(): void {
    this.#soon('holdings', holdingsAfterMs, () => {
      if (this.#own.update()) this.#wakePublishers('now');
    });
  }

  #wakePublishers(when: 'now' | 'soon'): void {
    for (const { publisher } of this.#sessions.values()) publisher?.wake(when);
  }

  #reportFork(journal: JournalId, sequence: number): void {
    const author = splitJournalId(journal).device;
    this.#parts.events.onFork?.(journal, sequence);
    this.#parts.events.onMisbehaviour(
      author,
      `its journal ${journal} has two batches with number ${String(sequence)}; only what came before counts`,
    );
  }

  #punish(device: DeviceId, error: VaultError): void {
    const session = this.#sessions.get(device);
    if (session === undefined) return;
    const reason = error.detail ?? error.message;
    this.#distrustedUntilMs.set(device, this.#parts.clock.monotonicMs() + distrustMs);
    this.detach(session.peer);
    this.#parts.log.warn({ device, op: error.op, reason }, 'a device broke the protocol');
    this.#parts.events.onMisbehaviour(device, reason);
    void this.#parts.peers.drop(device, 'protocol-error', reason);
  }

  /** Runs `action` once within `delayMs`, however often it is asked for. */
  #soon(name: string, delayMs: number, action: () => void): void {
    if (this.#timers.has(name) || this.#closed) return;
    const timer = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(name);
      action();
    });
    this.#timers.set(name, timer);
  }
}
