/**
 * The serving side of one subscription: everything that the peer lacks, and from then on what is new.
 * Statements go before the batches that may need them. Our own batches leave at once; what others
 * wrote is passed on after a moment, so that a peer that got it from its author is not sent it again.
 */
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { encodeUpdate, type Position } from '../../protocol/messages/peer.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import { blake3 } from '../../protocol/hash.ts';
import { KiB } from '../../protocol/limits.ts';
import type { Clock, Log, Timer } from '../ports.ts';
import type { Store, StoredBatch } from '../store/store.ts';
import { isBareBatch } from '../journal/bare-batch.ts';
import { coverageOf } from './coverage.ts';
import type { JournalLines } from './journal-lines.ts';
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
  readonly lines: JournalLines;
}

export interface Subscriber {
  readonly stream: CallStream;
  /** What it had when it asked: of a journal that forked several places. */
  readonly positions: ReadonlyMap<JournalId, readonly Position[]>;
  /** Batches may be sent to it whose bodies were folded away. */
  readonly takesBare: boolean;
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

/** A journal, or a branch of it. */
export interface LineName {
  readonly line: JournalId;
  readonly journal: JournalId;
}

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #to: Subscriber;
  /** By line: up to where the peer has it, or was sent it. */
  readonly #sent = new Map<JournalId, number>();
  readonly #delivered = new Map<JournalId, number>();
  /** Lines that the peer may lack something of, and their journals: of many, few have news. */
  readonly #open = new Map<JournalId, JournalId>();
  /** Any other line may be one of them too. */
  #mayBeAny = true;
  readonly #skipped = new Set<JournalId>();
  /** Journals whose places have to be compared again, since a branch of them came. */
  readonly #unplaced = new Set<JournalId>();
  /** Journals of which the peer named a place that is not known here. */
  readonly #unsure = new Set<JournalId>();
  readonly #knownStatements = new Set<string>();
  #statementsSeen = 0;
  #forksSent = 0;
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
    for (const journal of to.positions.keys()) this.#unplaced.add(journal);
    if (to.upToDateStatements) this.#skipKnownStatements();
  }

  /** Something changed: look again at everything. */
  wake(): void {
    this.#mayBeAny = true;
    this.#lookAgain();
  }

  /** More of these lines came, from others: it may leave soon. */
  wakeForMore(lines: readonly LineName[]): void {
    for (const { line, journal } of lines) {
      this.#open.set(line, journal);
      // It has to come after the line that it leaves.
      if (line !== journal) this.#mayBeAny = true;
    }
    this.#relay ??= this.#planRelay();
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** More of a branch of this journal came: what the peer said about it may mean something now. */
  compareAgain(journal: JournalId): void {
    if (!this.#unsure.has(journal)) return;
    this.#unplaced.add(journal);
    this.wake();
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
        this.wake();
      },
      { once: true },
    );
    while (!signal.aborted) {
      this.#woken = false;
      await this.#sendStatements();
      await this.#sendForks();
      await this.#sendAddresses();
      await this.#compare();
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

  /** Finds out how much of each line the peer has, from the places that it named. */
  async #compare(): Promise<void> {
    for (const journal of this.#unplaced) {
      this.#unplaced.delete(journal);
      const coverage = await coverageOf(this.#parts.lines, this.#to.positions.get(journal) ?? []);
      if (coverage === 'diverged') {
        this.#skipped.add(journal);
        await this.#send({ type: 'diverged', journal });
        continue;
      }
      if (coverage.isSure) this.#unsure.delete(journal);
      else this.#unsure.add(journal);
      // What was taken for granted before may turn out to be of another branch.
      const lines = [journal, ...this.#parts.lines.branchesOf(journal).map(({ name }) => name)];
      for (const line of lines) {
        const sequence = Math.max(coverage.upTo.get(line) ?? 0, this.#delivered.get(line) ?? 0);
        this.#sent.set(line, sequence);
      }
    }
  }

  async #sendForks(): Promise<void> {
    const proofs = this.#parts.lines.proofs();
    for (; this.#forksSent < proofs.length; this.#forksSent += 1) {
      const proof = proofs[this.#forksSent];
      if (proof !== undefined) await this.#send({ type: 'forks', proofs: [proof] });
    }
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
    for (const { line, journal } of this.#openLines()) {
      // As it is now: what comes while this is sent opens the line again.
      this.#open.delete(line);
      const sequence = this.#tipOf(line);
      if (this.#skipped.has(journal) || this.#skipped.has(line)) continue;
      const atOnce = !this.#currentSent || this.#isOwn(journal);
      const upTo = atOnce ? sequence : (relay?.upTo.get(line) ?? 0);
      const from = this.#position(line, journal);
      if (upTo > from) await this.#sendLine(line, { journal, upTo });
      if (sequence > Math.max(upTo, this.#position(line, journal))) {
        this.#open.set(line, journal);
        this.#relay ??= this.#planRelay();
      }
    }
  }

  /** Journals come before their branches, each of which comes after the line that it leaves. */
  #openLines(): readonly LineName[] {
    if (this.#mayBeAny) {
      this.#mayBeAny = false;
      this.#open.clear();
      for (const { line, journal } of linesOf(this.#parts)) this.#open.set(line, journal);
    }
    return [...this.#open].map(([line, journal]) => ({ line, journal }));
  }

  #tipOf(line: JournalId): number {
    return this.#parts.store.journals.tip(line)?.sequence ?? 0;
  }

  #isOwn(journal: JournalId): boolean {
    return splitJournalId(journal).device === this.#parts.self;
  }

  /** What others wrote up to now may leave a moment from now. */
  #planRelay(): Relay {
    return {
      dueMs: this.#parts.clock.monotonicMs() + relayAfterMs,
      upTo: new Map(this.#openLines().map(({ line }) => [line, this.#tipOf(line)])),
    };
  }

  #takeDueRelay(): Relay | undefined {
    const relay = this.#relay;
    if (relay === undefined || this.#parts.clock.monotonicMs() < relay.dueMs) return undefined;
    this.#relay = undefined;
    return relay;
  }

  /** A number says nothing about a journal that forked: the peer may have it of another branch. */
  #position(line: JournalId, journal: JournalId): number {
    const sent = this.#sent.get(line) ?? 0;
    // Nor does it about one of which the peer named several places: it looks for its branch.
    const places = this.#to.positions.get(journal)?.length ?? 0;
    if (places > 1 || this.#parts.lines.isForked(journal)) return sent;
    return Math.max(sent, this.#to.appliedBy(journal));
  }

  async #sendLine(
    line: JournalId,
    { journal, upTo }: { readonly journal: JournalId; readonly upTo: number },
  ): Promise<void> {
    try {
      const from = this.#position(line, journal);
      for await (const batch of this.#parts.store.journals.read(line, from)) {
        if (this.#to.stream.signal.aborted) return;
        if (batch.sequence > upTo) return;
        if (batch.sequence <= this.#position(line, journal)) continue;
        await this.#sendBatch(batch);
        this.#sent.set(line, batch.sequence);
        this.#delivered.set(line, batch.sequence);
      }
    } catch (error) {
      if (this.#to.stream.signal.aborted || isVaultError(error, 'protocol-version')) throw error;
      // A journal that cannot be read here is somebody else's to pass on; the store reports it.
      this.#skipped.add(line);
      const { code, message } = toVaultError(error, 'replication.readJournal');
      this.#parts.log.warn({ journal, code, message }, 'a journal cannot be passed on');
    }
  }

  async #sendBatch(batch: StoredBatch): Promise<void> {
    if (!this.#to.takesBare && isBareBatch(batch.bytes)) throw tooOld();
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

/** All journals, then their branches, each after the line that it leaves. */
function linesOf({ store, lines }: PublisherParts): LineName[] {
  const whole = store.journals.tips().map(({ journal }) => ({ line: journal, journal }));
  const branches = lines
    .forked()
    .flatMap((journal) => lines.branchesOf(journal).map(({ name }) => ({ line: name, journal })));
  return [...whole, ...branches];
}

function tooOld(): VaultError {
  return new VaultError('protocol-version', {
    op: 'replication.subscribe',
    detail: 'old history is folded here, and the device that asks does not know how to read that',
    next: 'install the newest version of PeerVault on it',
  });
}

function fingerprint(bytes: Uint8Array): string {
  return blake3(bytes).toString('latin1');
}
