/** The state of one journal: its files, how far it goes, and the walk that decides which batches count. */
import type { BatchHash, ChunkId, JournalId } from '../../protocol/ids.ts';
import type { IndexChange } from '../ports.ts';
import { decodeBatchBody, type BatchPrefix } from './batch-record.ts';
import { decodeMeta, encodeMeta, metaKey } from './keyspace.ts';
import { flagAlone } from './record.ts';
import type { GoodRecord } from './record-scan.ts';
import type { JournalTip } from './store.ts';

export interface JournalFile {
  readonly number: number;
  /** Sequence of the last batch before this file: what earlier files hold beyond it does not count. */
  readonly base: number;
  /** Everything before it is synced. */
  end: number;
  /** Never written to again. */
  retired: boolean;
  /** The directory does not durably name it yet. */
  fresh: boolean;
  /** How often it was written anew without small records: places in it hold for one revision. */
  revision: number;
}

export interface JournalState {
  readonly journal: JournalId;
  readonly files: JournalFile[];
  tip: JournalTip | undefined;
  /** How often one of the files was written anew in this life: who reads on looks for the place again. */
  revision: number;
}

/** What the index knows about a journal. */
export interface JournalSummary {
  readonly files: readonly Omit<JournalFile, 'fresh'>[];
  readonly sequence: number;
  readonly hash: BatchHash | undefined;
}

export function journalMetaKey(journal: JournalId): Buffer {
  return metaKey(`journal/${journal}`);
}

export function journalSummaryChange(state: JournalState): IndexChange {
  const key = journalMetaKey(state.journal);
  const files = state.files.map(({ number, base, end, retired, revision }) => ({
    number,
    base,
    end,
    retired,
    revision,
  }));
  const summary = { files, sequence: state.tip?.sequence ?? 0, hash: state.tip?.hash };
  return { key, value: encodeMeta(key, summary) };
}

/** A summary from the index; undefined when it is absent or damaged. */
export function decodeJournalSummary(
  key: Buffer,
  value: Buffer | undefined,
): JournalSummary | undefined {
  const meta = decodeMeta(key, value) as Partial<JournalSummary> | undefined;
  if (!Array.isArray(meta?.files) || typeof meta.sequence !== 'number') return undefined;
  return { files: meta.files, sequence: meta.sequence, hash: meta.hash };
}

/** Highest sequence that counts in the file at `index`: later files say where they went on from. */
export function limitOf(files: readonly JournalFile[], index: number): number {
  return Math.min(Infinity, ...files.slice(index + 1).map(({ base }) => base));
}

/** Number of the batch before the first one: of a branch, where it leaves the journal. */
export function branchStart(files: readonly JournalFile[]): number {
  const [first] = files;
  const known = first !== undefined && first.number === 0 && Number.isSafeInteger(first.base + 1);
  return known ? first.base : 0;
}

export interface WalkedSmall {
  readonly id: ChunkId;
  readonly offset: number;
  readonly body: Buffer;
}

export interface WalkedBatch {
  readonly prefix: BatchPrefix;
  readonly hash: BatchHash;
  readonly bytes: Buffer;
  readonly small: readonly WalkedSmall[];
  /** Of its first small record, or its own. */
  readonly offset: number;
}

/** Follows the chain through the records of a journal's files, in order. */
export class JournalWalk {
  #sequence: number;
  #hash: BatchHash | undefined;
  #waiting: WalkedSmall[] = [];
  /** Good batches that did not continue the chain. */
  stranded = 0;

  /** `hash` undefined with a sequence above 0: the first batch is taken on its number alone. */
  constructor(after: { sequence: number; hash: BatchHash | undefined }) {
    this.#sequence = after.sequence;
    this.#hash = after.hash;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get hash(): BatchHash | undefined {
    return this.#hash;
  }

  /** Small records seen since the last batch: they count only with theirs. */
  get waiting(): readonly WalkedSmall[] {
    return this.#waiting;
  }

  /** A file ended: what waited for a batch has none. */
  endFile(): void {
    this.#waiting = [];
  }

  /** The batch or the lone small record that counts from here on, or undefined. */
  take(record: GoodRecord, sequenceMax: number): WalkedBatch | WalkedSmall | undefined {
    const { header, offset } = record;
    if (header.kind === 'small') {
      const small = { id: header.id as ChunkId, offset, body: Buffer.from(record.body) };
      if ((header.flags & flagAlone) !== 0) return small;
      this.#waiting.push(small);
      return undefined;
    }
    const decoded = header.kind === 'batch' ? decodeBatchBody(record.body) : undefined;
    if (decoded === undefined) return undefined;
    const { prefix, bytes } = decoded;
    const small = prefix.smallCount === 0 ? [] : this.#waiting.slice(-prefix.smallCount);
    this.#waiting = [];
    if (!this.#continues(prefix) || prefix.sequence > sequenceMax) {
      this.stranded += 1;
      return undefined;
    }
    const hash = header.id as BatchHash;
    this.#sequence = prefix.sequence;
    this.#hash = hash;
    return { prefix, hash, bytes: Buffer.from(bytes), small, offset: small[0]?.offset ?? offset };
  }

  #continues({ sequence, previous }: BatchPrefix): boolean {
    if (sequence !== this.#sequence + 1) return false;
    return previous === this.#hash || (this.#sequence > 0 && this.#hash === undefined);
  }
}
