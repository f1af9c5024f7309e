/**
 * The serving side of one subscription: everything that the peer lacks, and from then on what is new.
 * Statements go before the batches that may need them. Our own batches leave at once; what others
 * wrote is passed on after a moment, so that a peer that got it from its author is not sent it again.
 */
import { toVaultError } from '../../protocol/errors.ts';
import { splitJournalId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { encodeUpdate, type Position } from '../../protocol/messages/peer.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import { blake3 } from '../../protocol/hash.ts';
import { KiB } from '../../protocol/limits.ts';
import type { Clock, Log, Timer } from '../ports.ts';
import type { Store, StoredBatch } from '../store/store.ts';
import type { OwnHoldings } from './own-holdings.ts';

const statementsMessageBytesMax = 60_000;
const positionsPerMessageMax = 300;
/** Longer than it takes a peer to say what it got from the author. */
const relayAfterMs = 600;
const holdingsEveryMs = 250;
const joinSmallBytesMax = 60 * KiB;

export interface PublisherParts {
  readonly self: DeviceId;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly holdings: OwnHoldings;
  statements(): readonly Uint8Array[];
  addressRecords(): readonly Uint8Array[];
  /** Where the journal of a peer differs from ours, or of one that must not be passed on. */
  isFrozen(journal: JournalId): boolean;
  onFork(journal: JournalId, sequence: number): void;
}

export interface Subscriber {
  readonly stream: CallStream;
  /** What it had when it asked. */
  readonly vector: ReadonlyMap<JournalId, Position>;
  /** It has every statement that we have. */
  readonly upToDateStatements: boolean;
  /** What it has applied since, as far as we know. */
  appliedBy(journal: JournalId): number;
}

/** Batches of others that leave when it is due, unless the peer has them by then. */
interface Relay {
  readonly dueMs: number;
  readonly upTo: ReadonlyMap<JournalId, number>;
}

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #to: Subscriber;
  readonly #sent = new Map<JournalId, number>();
  readonly #skipped = new Set<JournalId>();
  readonly #knownStatements = new Set<string>();
  #statementsSeen = 0;
  #sentRecords = new Set<string>();
  #holdingsVersion = 0;
  #holdingsDueMs = 0;
  #relay: Relay | undefined;
  #currentSent = false;
  #wake: (() => void) | undefined;
  #woken = false;

  constructor(parts: PublisherParts, to: Subscriber) {
    this.#parts = parts;
    this.#to = to;
    for (const [journal, { sequence }] of to.vector) this.#sent.set(journal, sequence);
    if (to.upToDateStatements) this.#skipKnownStatements();
  }

  /** Something changed: look again, `soon` when it is nobody's own news. */
  wake(when: 'now' | 'soon'): void {
    if (when === 'soon') this.#relay ??= this.#planRelay();
    this.#woken = true;
    this.#wake?.();
  }

  /** A statement that came from this peer need not go back. */
  knowsStatement(signed: Uint8Array): void {
    this.#knownStatements.add(fingerprint(signed));
  }

  /** Runs until the stream ends. */
  async run(): Promise<void> {
    const { signal } = this.#to.stream;
    signal.addEventListener(
      'abort',
      () => {
        this.wake('now');
      },
      { once: true },
    );
    await this.#checkForks();
    while (!signal.aborted) {
      this.#woken = false;
      await this.#sendStatements();
      await this.#sendAddresses();
      await this.#sendJournals();
      await this.#sendHoldings();
      if (!this.#currentSent) await this.#send({ type: 'current' });
      this.#currentSent = true;
      if (!this.#isWoken()) await this.#sleep();
    }
  }

  #isWoken(): boolean {
    return this.#woken || this.#to.stream.signal.aborted;
  }

  async #sleep(): Promise<void> {
    const { clock } = this.#parts;
    const dueMs = Math.min(this.#relay?.dueMs ?? Infinity, this.#holdingsPending() ?? Infinity);
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (dueMs === Infinity) return;
      timer = clock.after(Math.max(1, dueMs - clock.monotonicMs()), resolve);
    });
    timer?.cancel();
    this.#wake = undefined;
  }

  async #checkForks(): Promise<void> {
    for (const [journal, position] of this.#to.vector) {
      const tip = this.#parts.store.journals.tip(journal);
      if (position.sequence === 0 || tip === undefined || position.sequence > tip.sequence)
        continue;
      const ours = await this.#hashAt(journal, position.sequence);
      if (ours === undefined || ours === position.hash) continue;
      this.#skipped.add(journal);
      this.#parts.onFork(journal, position.sequence);
    }
  }

  async #hashAt(journal: JournalId, sequence: number): Promise<string | undefined> {
    const { journals } = this.#parts.store;
    const tip = journals.tip(journal);
    if (tip?.sequence === sequence) return tip.hash;
    for await (const batch of journals.read(journal, sequence - 1)) return batch.hash;
    return undefined;
  }

  async #sendStatements(): Promise<void> {
    const all = this.#parts.statements();
    let signed: Uint8Array[] = [];
    let bytes = 0;
    for (; this.#statementsSeen < all.length; this.#statementsSeen += 1) {
      const statement = all[this.#statementsSeen];
      if (statement === undefined || this.#knownStatements.has(fingerprint(statement))) continue;
      if (bytes + statement.length > statementsMessageBytesMax && signed.length > 0) {
        await this.#send({ type: 'statements', signed });
        signed = [];
        bytes = 0;
      }
      signed.push(statement);
      bytes += statement.length + 4;
    }
    if (signed.length > 0) await this.#send({ type: 'statements', signed });
  }

  #skipKnownStatements(): void {
    this.#statementsSeen = this.#parts.statements().length;
  }

  async #sendAddresses(): Promise<void> {
    const records = this.#parts.addressRecords();
    const fresh = records.filter((record) => !this.#sentRecords.has(fingerprint(record)));
    if (fresh.length === 0) return;
    this.#sentRecords = new Set(records.map(fingerprint));
    for (let at = 0; at < fresh.length; at += 8) {
      await this.#send({ type: 'addresses', records: fresh.slice(at, at + 8) });
    }
  }

  async #sendJournals(): Promise<void> {
    const relay = this.#takeDueRelay();
    for (const { journal, sequence } of this.#parts.store.journals.tips()) {
      if (this.#skipped.has(journal) || this.#parts.isFrozen(journal)) continue;
      const atOnce = !this.#currentSent || this.#isOwn(journal);
      const upTo = atOnce ? sequence : (relay?.upTo.get(journal) ?? 0);
      if (upTo > this.#position(journal)) await this.#sendJournal(journal, upTo);
      if (sequence > Math.max(upTo, this.#position(journal))) this.#relay ??= this.#planRelay();
    }
  }

  #isOwn(journal: JournalId): boolean {
    return splitJournalId(journal).device === this.#parts.self;
  }

  /** What others wrote up to now may leave a moment from now. */
  #planRelay(): Relay {
    const tips = this.#parts.store.journals.tips();
    return {
      dueMs: this.#parts.clock.monotonicMs() + relayAfterMs,
      upTo: new Map(tips.map(({ journal, sequence }) => [journal, sequence])),
    };
  }

  #takeDueRelay(): Relay | undefined {
    const relay = this.#relay;
    if (relay === undefined || this.#parts.clock.monotonicMs() < relay.dueMs) return undefined;
    this.#relay = undefined;
    return relay;
  }

  #position(journal: JournalId): number {
    return Math.max(this.#sent.get(journal) ?? 0, this.#to.appliedBy(journal));
  }

  async #sendJournal(journal: JournalId, upTo: number): Promise<void> {
    try {
      for await (const batch of this.#parts.store.journals.read(journal, this.#position(journal))) {
        if (this.#to.stream.signal.aborted) return;
        if (batch.sequence > upTo) return;
        if (batch.sequence <= this.#position(journal)) continue;
        await this.#sendBatch(batch);
        this.#sent.set(journal, batch.sequence);
      }
    } catch (error) {
      if (this.#to.stream.signal.aborted) throw error;
      // A journal that cannot be read here is somebody else's to pass on; the store reports it.
      this.#skipped.add(journal);
      const { code, message } = toVaultError(error, 'replication.readJournal');
      this.#parts.log.warn({ journal, code, message }, 'a journal cannot be passed on');
    }
  }

  async #sendBatch(batch: StoredBatch): Promise<void> {
    await this.#send({
      type: 'batch',
      smallLengths: batch.small.map(({ body }) => body.length),
      batchLength: batch.bytes.length,
    });
    const parts = [...batch.small.map(({ body }) => body), batch.bytes];
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes <= joinSmallBytesMax) await this.#to.stream.sendData(Buffer.concat(parts));
    else for (const part of parts) await this.#to.stream.sendData(part);
  }

  #holdingsPending(): number | undefined {
    return this.#parts.holdings.version > this.#holdingsVersion ? this.#holdingsDueMs : undefined;
  }

  /** What changed since the last time, at most a few times a second. */
  async #sendHoldings(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    const dueMs = this.#holdingsPending();
    if (dueMs === undefined || nowMs < dueMs) return;
    const { version, applied, complete, freeBytes } = this.#parts.holdings.since(
      this.#holdingsVersion,
    );
    this.#holdingsVersion = version;
    this.#holdingsDueMs = nowMs + holdingsEveryMs;
    for (
      let at = 0;
      at < Math.max(applied.length, complete.length, 1);
      at += positionsPerMessageMax
    ) {
      await this.#send({
        type: 'holdings',
        applied: applied.slice(at, at + positionsPerMessageMax),
        complete: complete.slice(at, at + positionsPerMessageMax),
        freeBytes,
      });
    }
  }

  async #send(update: Parameters<typeof encodeUpdate>[0]): Promise<void> {
    await this.#to.stream.sendMessage(encodeUpdate(update));
  }
}

function fingerprint(bytes: Uint8Array): string {
  return blake3(bytes).toString('latin1');
}
