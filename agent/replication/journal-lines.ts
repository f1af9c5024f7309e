/**
 * The journals as lines: each journal that is here, the branches beside those that forked, and the
 * proofs of the forks. It knows where everything stands and decides nothing.
 */
import { branchName } from '../../protocol/branch-name.ts';
import { isVaultError } from '../../protocol/errors.ts';
import { splitJournalId, type BatchHash, type JournalId } from '../../protocol/ids.ts';
import { journal as limits } from '../../protocol/limits.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../protocol/messages/op.ts';
import { readForkProof, type ProvenFork } from '../journal/fork-proof.ts';
import type { JournalStore, Store } from '../store/store.ts';
import type { Line } from '../validity/counting.ts';

const hashesKeptMax = 8_192;

/** A branch: what is known of it for ever. */
export interface Branch {
  readonly name: JournalId;
  readonly journal: JournalId;
  readonly first: number;
  readonly firstHash: BatchHash;
  readonly previous: BatchHash | undefined;
}

export class JournalLines {
  readonly #journals: JournalStore;
  readonly #proofLog: Store['forks'];
  readonly #branches = new Map<JournalId, Branch[]>();
  readonly #forks = new Map<JournalId, ProvenFork[]>();
  readonly #hashes = new Map<string, BatchHash>();

  /** Use `openJournalLines`. */
  constructor(store: Pick<Store, 'journals' | 'forks'>) {
    this.#journals = store.journals;
    this.#proofLog = store.forks;
    for (const proof of store.forks.all()) this.#learnFork(proof);
  }

  /** Every journal of which something is known. */
  journals(): readonly JournalId[] {
    const tips = this.#journals.tips().map(({ journal }) => journal);
    return [...new Set([...tips, ...this.#branches.keys(), ...this.#forks.keys()])];
  }

  /** Journals that forked, as far as is known here. */
  forked(): readonly JournalId[] {
    return [...new Set([...this.#branches.keys(), ...this.#forks.keys()])];
  }

  isForked(journal: JournalId): boolean {
    return this.#branches.has(journal) || this.#forks.has(journal);
  }

  /** The journal itself first, then its branches, each after the one that it leaves. */
  linesOf(journal: JournalId): readonly Line[] {
    const tip = this.#journals.tip(journal);
    const branches = this.branchesOf(journal).flatMap((branch): Line[] => {
      const last = this.#journals.tip(branch.name);
      return last === undefined ? [] : [{ ...branch, tip: last.sequence }];
    });
    if (tip === undefined) return branches;
    const itself = { name: journal, first: 1, firstHash: undefined, previous: undefined };
    return [{ ...itself, tip: tip.sequence }, ...branches];
  }

  branchesOf(journal: JournalId): readonly Branch[] {
    return this.#branches.get(journal) ?? [];
  }

  forksOf(journal: JournalId): readonly ProvenFork[] {
    return this.#forks.get(journal) ?? [];
  }

  /** Encoded proofs, in the order in which they came. */
  proofs(): readonly Uint8Array[] {
    return this.#proofLog.all();
  }

  /** Hash of a batch of a line that is durable here. */
  async hashAt(name: JournalId, sequence: number): Promise<BatchHash | undefined> {
    const tip = this.#journals.tip(name);
    if (tip === undefined || sequence < 1 || sequence > tip.sequence) return undefined;
    if (tip.sequence === sequence) return tip.hash;
    const place = placeOf(name, sequence);
    const known = this.#hashes.get(place);
    if (known !== undefined) return known;
    const found = await this.#read(name, sequence);
    if (found === undefined) return undefined;
    if (this.#hashes.size >= hashesKeptMax) this.#hashes.clear();
    this.#hashes.set(place, found);
    return found;
  }

  /** The line that has this very batch. */
  async holderOf(journal: JournalId, sequence: number, hash: BatchHash): Promise<Line | undefined> {
    for (const line of this.linesOf(journal)) {
      if (sequence < line.first || sequence > line.tip) continue;
      if ((await this.hashAt(line.name, sequence)) === hash) return line;
    }
    return undefined;
  }

  /** A branch began and is durable. */
  begin(branch: Branch): void {
    const known = this.#branches.get(branch.journal) ?? [];
    if (known.some(({ name }) => name === branch.name)) return;
    this.#branches.set(
      branch.journal,
      [...known, branch].sort((a, b) => a.first - b.first),
    );
  }

  /** Whether a proof says something that is not known yet, and there is room for it. */
  isNews(fork: ProvenFork): boolean {
    if (this.forksOf(fork.journal).some((known) => isSameFork(known, fork))) return false;
    const { device } = splitJournalId(fork.journal);
    let count = 0;
    for (const [journal, forks] of this.#forks) {
      if (splitJournalId(journal).device === device) count += forks.length;
    }
    return count < limits.forkProofsPerDeviceMax;
  }

  /** Keeps proofs that were verified and are news; they count when this resolves. */
  async keepProofs(proofs: readonly Uint8Array[]): Promise<void> {
    await this.#proofLog.append(proofs);
    for (const proof of proofs) this.#learnFork(proof);
  }

  #learnFork(proof: Uint8Array): void {
    try {
      const fork = readForkProof(proof);
      const known = this.forksOf(fork.journal);
      if (known.some((other) => isSameFork(other, fork))) return;
      this.#forks.set(fork.journal, [...known, fork]);
    } catch (error) {
      // A newer version kept it.
      if (!isVaultError(error)) throw error;
    }
  }

  async #read(name: JournalId, sequence: number): Promise<BatchHash | undefined> {
    for await (const batch of this.#journals.read(name, sequence - 1)) {
      return batch.sequence === sequence ? batch.hash : undefined;
    }
    return undefined;
  }
}

/** Reads from the store which branches there are. */
export async function openJournalLines(
  store: Pick<Store, 'journals' | 'forks'>,
): Promise<JournalLines> {
  const lines = new JournalLines(store);
  for (const { journal: name } of store.journals.branches()) {
    for await (const batch of store.journals.read(name, 0)) {
      const { header } = decodeBatchHeader(decodeBatch(batch.bytes).header);
      const branch = branchFrom(header, batch.hash);
      // What stands under a name that is not its own began before something that was lost.
      if (branch.name === name) lines.begin(branch);
      break;
    }
  }
  return lines;
}

/** The branch that a batch begins. */
export function branchFrom(header: BatchHeader, hash: BatchHash): Branch {
  const { journal, sequence, previous } = header;
  const name = branchName(journal, hash);
  return { name, journal, first: sequence, firstHash: hash, previous };
}

/** One proof is enough to know that several batches stand behind one. */
function isSameFork(one: ProvenFork, other: ProvenFork): boolean {
  return one.sequence === other.sequence && one.previous === other.previous;
}

function placeOf(name: JournalId, sequence: number): string {
  return `${name}/${String(sequence)}`;
}
