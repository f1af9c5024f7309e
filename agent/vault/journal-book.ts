/**
 * The journals as a person sees them: how far each counts and why no further, and which branches a
 * forked one has. Naming a branch is a statement of the owner or an admin, which counts everywhere.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { BranchRow, JournalRow, JournalState } from '../../protocol/control/reports.ts';
import {
  journalId,
  parseId,
  splitJournalId,
  type BatchHash,
  type DeviceId,
  type JournalId,
} from '../../protocol/ids.ts';
import type { OpKeyLookup } from '../journal/batch.ts';
import type { JournalStore } from '../store/store.ts';
import type { CountingPrefix, Line } from '../validity/counting.ts';
import { isOf, type CountingJournals, type LineBook } from './counting-journals.ts';
import { formatTime } from './format-time.ts';
import type { Issuing } from './issuing.ts';
import { openStored } from './load-tree.ts';
import type { MembersService } from './members-service.ts';

const batchesToLookAt = 16;

export interface JournalBookParts {
  readonly journals: Pick<JournalStore, 'damaged' | 'read'>;
  readonly opKeyOf: OpKeyLookup;
  readonly lines: LineBook;
  readonly counting: CountingJournals;
  readonly members: Pick<MembersService, 'current' | 'nameOf' | 'issue'>;
  readonly issuing: Pick<Issuing, 'key'>;
  readonly writing: () => JournalId | undefined;
  /** The tree shows what counts now. */
  readonly settled: () => Promise<void>;
}

/** A journal that does not go on by itself, and where. */
export interface WaitingJournal {
  readonly journal: string;
  /** Name of its device. */
  readonly device: string;
  readonly state: 'forked' | 'elsewhere';
  readonly at: number;
}

export interface BranchChoice {
  /** `DEVICE/INCARNATION`, or beginnings of both that only one journal has. */
  readonly journal: string;
  readonly sequence: number;
  /** Hex of the batch's hash, or of its beginning. */
  readonly hash: string;
}

export class JournalBook {
  readonly #parts: JournalBookParts;

  constructor(parts: JournalBookParts) {
    this.#parts = parts;
  }

  /** One row a journal, those that somebody should look at first, then by name. */
  async rows(): Promise<readonly JournalRow[]> {
    const rows: JournalRow[] = [];
    for (const journal of this.#parts.lines.journals()) rows.push(await this.#row(journal));
    const rank = ({ state }: JournalRow): number => (state === 'counts' ? 1 : 0);
    return rows.sort((a, b) => rank(a) - rank(b) || (a.journal < b.journal ? -1 : 1));
  }

  /** Journals that wait for somebody to name a branch, or for the branch that was named. */
  waiting(): readonly WaitingJournal[] {
    const { lines, counting, members } = this.#parts;
    return lines.journals().flatMap((journal) => {
      const stop = counting.prefixOf(journal)?.stop;
      if (stop?.type !== 'forked' && stop?.type !== 'elsewhere') return [];
      const { device, incarnation } = splitJournalId(journal);
      const name = `${device}/${incarnation}`;
      return { journal: name, device: members.nameOf(device), state: stop.type, at: stop.at };
    });
  }

  /**
   * Names the batch of a forked journal that counts, and with it its branch.
   * @throws VaultError `denied`, `not-found`, `usage`, `not-supported` where it is folded which one counts
   */
  async choose(choice: BranchChoice): Promise<JournalRow> {
    const issuer = this.#parts.issuing.key('say which branch counts');
    const journal = this.#find(choice.journal);
    const hash = this.#candidate(journal, choice);
    const { device, incarnation } = splitJournalId(journal);
    const { sequence } = choice;
    await this.#requireOpen(journal, sequence, hash);
    const chosen = this.#parts.members.current().choices.get(journal)?.get(sequence);
    if (chosen !== hash) {
      await this.#parts.members.issue((log) => [
        log.issue(issuer, { type: 'choose-branch', device, incarnation, sequence, hash }),
      ]);
    }
    await this.#parts.settled();
    return this.#row(journal);
  }

  /** Of what is folded no other branch can come to count any more. */
  async #requireOpen(journal: JournalId, sequence: number, hash: BatchHash): Promise<void> {
    const { counting } = this.#parts;
    const folded = counting.foldedOf(journal)?.sequence ?? 0;
    if (sequence > folded || (await counting.hashAt(journal, sequence)) === hash) return;
    throw new VaultError('not-supported', {
      op: 'vault.chooseBranch',
      subject: `batch ${String(sequence)}`,
      detail: `this journal is folded up to batch ${String(folded)}, with the other branch`,
      next: 'what only this branch says stays hidden; vault journal list shows it',
    });
  }

  async #row(journal: JournalId): Promise<JournalRow> {
    const { lines, counting, members, writing } = this.#parts;
    const { device, incarnation } = splitJournalId(journal);
    const all = lines.linesOf(journal);
    const prefix = counting.prefixOf(journal);
    const counts = counting.tip(journal)?.sequence ?? 0;
    const total = all.reduce((sum, { first, tip }) => sum + tip - first + 1, 0);
    return {
      journal: `${device}/${incarnation}`,
      deviceId: device,
      device: members.nameOf(device),
      incarnation,
      sequence: Math.max(0, ...all.map(({ tip }) => tip)),
      counts,
      hidden: total - counts,
      state: this.#stateOf(journal, prefix),
      forkedAt: prefix?.stop?.type === 'forked' ? prefix.stop.at : null,
      writing: writing() === journal,
      branches: await this.#branchesOf(journal, prefix),
    };
  }

  #stateOf(journal: JournalId, prefix: CountingPrefix | undefined): JournalState {
    if (prefix?.stop !== undefined) return prefix.stop.type;
    return this.#parts.journals.damaged().includes(journal) ? 'damaged' : 'counts';
  }

  /** Every batch that stands beside another one, by number. */
  async #branchesOf(
    journal: JournalId,
    prefix: CountingPrefix | undefined,
  ): Promise<readonly BranchRow[]> {
    const choices = this.#parts.members.current().choices.get(journal);
    const rows: BranchRow[] = [];
    const places = [...this.#candidatesOf(journal, prefix)].sort(([a], [b]) => a - b);
    if (places.length === 0) return [];
    const again = await this.#saidAgainBy(splitJournalId(journal).device);
    for (const [sequence, hashes] of places) {
      for (const hash of [...hashes].sort()) {
        const line = await this.#lineOf(journal, sequence, hash);
        rows.push({
          sequence,
          hash,
          here: line !== undefined,
          last: line?.tip ?? null,
          written: line === undefined ? null : await this.#writtenAt(line, sequence),
          counts: line !== undefined && isOnRoute(prefix, line, sequence),
          reissued: again.has(hash),
          chosen: choices?.get(sequence) === hash,
        });
      }
    }
    return rows;
  }

  /** Batches of which a device has said the operations again in journals that count. */
  async #saidAgainBy(device: DeviceId): Promise<ReadonlySet<BatchHash>> {
    const { counting, opKeyOf } = this.#parts;
    const hashes = new Set<BatchHash>();
    for (const { journal } of counting.tips()) {
      if (!isOf(journal, device)) continue;
      for await (const stored of counting.read(journal, 0)) {
        const batch = openStored(stored, opKeyOf);
        for (const { hash } of batch?.body.reissued ?? []) hashes.add(hash);
      }
    }
    return hashes;
  }

  async #lineOf(journal: JournalId, sequence: number, hash: BatchHash): Promise<Line | undefined> {
    const { lines } = this.#parts;
    for (const line of lines.linesOf(journal)) {
      if (sequence < line.first || sequence > line.tip) continue;
      if ((await lines.hashAt(line.name, sequence)) === hash) return line;
    }
    return undefined;
  }

  /** The time of the first operation from this batch on; batches that only name chunks have none. */
  async #writtenAt(line: Line, sequence: number): Promise<string | null> {
    const { journals, opKeyOf } = this.#parts;
    for await (const stored of journals.read(line.name, sequence - 1)) {
      const batch = openStored(stored, opKeyOf);
      if (batch === undefined || stored.sequence >= sequence + batchesToLookAt) return null;
      if (batch.body.ops.length > 0) return formatTime(batch.body.stamp.wallMs);
    }
    return null;
  }

  #candidatesOf(
    journal: JournalId,
    prefix: CountingPrefix | undefined,
  ): ReadonlyMap<number, ReadonlySet<BatchHash>> {
    const { lines } = this.#parts;
    const candidates = new Map<number, Set<BatchHash>>();
    const add = (sequence: number, hash: BatchHash): void => {
      candidates.set(sequence, (candidates.get(sequence) ?? new Set()).add(hash));
    };
    for (const { sequence, hashes } of lines.forksOf(journal)) {
      for (const hash of hashes) add(sequence, hash);
    }
    for (const { first, firstHash } of lines.linesOf(journal)) {
      if (firstHash !== undefined) add(first, firstHash);
    }
    if (prefix?.stop?.type === 'forked') {
      for (const hash of prefix.stop.candidates) add(prefix.stop.at, hash);
    }
    return candidates;
  }

  #candidate(journal: JournalId, { sequence, hash }: BranchChoice): BatchHash {
    const wanted = hash.toLowerCase();
    const prefix = this.#parts.counting.prefixOf(journal);
    const there = [...(this.#candidatesOf(journal, prefix).get(sequence) ?? [])];
    const found = there.filter((each) => each.startsWith(wanted));
    const [only] = found;
    if (wanted.length >= 4 && found.length === 1 && only !== undefined) return only;
    const { device, incarnation } = splitJournalId(journal);
    if (there.length === 0) {
      throw refused('not-found', `batch ${String(sequence)} of ${device}/${incarnation}`, {
        detail: 'no fork of this journal is known at this number',
        next: 'vault journal list shows where journals forked',
      });
    }
    // Its first digits may name none, or several; a whole hash is a branch that is not known here.
    throw refused('not-found', `batch ${hash}`, {
      detail: `the branches known at ${String(sequence)} are ${there.sort().join(' and ')}`,
      next: 'give the hash of one of them, or its first digits',
    });
  }

  #find(text: string): JournalId {
    const [device = '', incarnation = ''] = text.toLowerCase().split('/');
    const known = this.#parts.lines.journals();
    const found = known.filter((journal) => {
      const parts = splitJournalId(journal);
      const names = [
        parts.device as string,
        this.#parts.members.nameOf(parts.device).toLowerCase(),
      ];
      const isDevice = device !== '' && (names[1] === device || parts.device.startsWith(device));
      return isDevice && parts.incarnation.startsWith(incarnation);
    });
    const forked = found.filter((journal) => this.#parts.lines.isForked(journal));
    const [only] = forked.length > 0 ? forked : found;
    if (only !== undefined && (forked.length === 1 || found.length === 1)) return only;
    if (found.length === 0 && /^[0-9a-f]{32}\/[0-9a-f]{16}$/.test(`${device}/${incarnation}`)) {
      return journalId(parseId('device', device), parseId('incarnation', incarnation));
    }
    throw refused(found.length === 0 ? 'not-found' : 'usage', text, {
      detail: found.length === 0 ? 'no such journal' : `${String(found.length)} journals fit`,
      next: 'vault journal list shows them; give DEVICE/INCARNATION as it stands there',
    });
  }
}

function isOnRoute(prefix: CountingPrefix | undefined, line: Line, sequence: number): boolean {
  return (
    prefix?.route.some((part) => part.line.name === line.name && part.upTo >= sequence) === true
  );
}

function refused(
  code: 'not-found' | 'usage',
  subject: string,
  why: { readonly detail: string; readonly next: string },
): VaultError {
  return new VaultError(code, { op: 'vault.chooseBranch', subject, ...why });
}
