/**
 * Whether the audit log is whole: every line's hash is that of its bytes, every line names the one before
 * it, no number is missing, and first and last are those that the seal names. Only reads.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Disk } from '../ports.ts';
import { noHash, readEntry, type AuditEntry } from './entry.ts';
import { auditFiles, readLines } from './files.ts';
import type { AuditHead } from './head.ts';

export interface AuditVerdict {
  /** Entries that are right, up to the first that is not. */
  readonly entries: number;
  /** Numbers of the first and last of them; 0: there is none. */
  readonly first: number;
  readonly last: number;
  /** Up to which entry the seal of this device vouches; 0: there is none yet. */
  readonly sealed: number;
  /** The first thing that is not right. */
  readonly broken: BrokenEntry | undefined;
}

export interface BrokenEntry {
  /** The number that the entry has, or should have; null: nobody knows. */
  readonly sequence: number | null;
  readonly file: string;
  readonly reason: string;
}

/** @param head as sealed; undefined: there is no seal, or no key to check it with */
export async function verifyAudit(disk: Disk, head: AuditHead | undefined): Promise<AuditVerdict> {
  const walk = new Walk(head);
  const files = await auditFiles(disk);
  for (const file of files) {
    const broken = await walk.takeFile(disk, file);
    if (broken !== undefined) return walk.verdict(broken);
  }
  return walk.verdict(walk.missingEnd(files.at(-1) ?? 'audit'));
}

class Walk {
  readonly #head: AuditHead | undefined;
  #entries = 0;
  #first: AuditEntry | undefined;
  #last: AuditEntry | undefined;

  constructor(head: AuditHead | undefined) {
    this.#head = head;
  }

  async takeFile(disk: Disk, file: string): Promise<BrokenEntry | undefined> {
    const read = await readLines(disk, file).catch((error: unknown) => {
      if (error instanceof VaultError && error.code === 'damaged') return error;
      throw error;
    });
    if (read instanceof VaultError) return this.#at(file, read.message);
    for (const line of read.lines) {
      const reason = this.#takeLine(line);
      if (reason !== undefined) return this.#at(file, reason);
    }
    // A crash leaves that, and the entry that follows says so: the chain is whole all the same.
    return undefined;
  }

  missingEnd(file: string): BrokenEntry | undefined {
    const head = this.#head;
    if (head === undefined || (this.#last?.sequence ?? 0) >= head.lastSequence) return undefined;
    return this.#at(file, `the log ends before entry ${String(head.lastSequence)}`);
  }

  verdict(broken: BrokenEntry | undefined): AuditVerdict {
    return {
      entries: this.#entries,
      first: this.#first?.sequence ?? 0,
      last: this.#last?.sequence ?? 0,
      sealed: this.#head?.lastSequence ?? 0,
      broken,
    };
  }

  #takeLine(line: string): string | undefined {
    const entry = readEntry(line);
    if (entry === undefined) return 'it was changed: its hash is not that of its bytes';
    const reason = this.#last === undefined ? this.#wrongFirst(entry) : this.#wrongNext(entry);
    if (reason !== undefined) return reason;
    const head = this.#head;
    if (head !== undefined && entry.sequence === head.lastSequence && entry.hash !== head.lastHash)
      return 'it is not the entry that was sealed: the log was written anew';
    this.#first ??= entry;
    this.#last = entry;
    this.#entries += 1;
    return undefined;
  }

  #wrongFirst(entry: AuditEntry): string | undefined {
    const head = this.#head;
    if (head === undefined) {
      return entry.sequence === 1 && entry.previous !== noHash
        ? 'the first entry names one before it'
        : undefined;
    }
    const isFirst = entry.sequence === head.firstSequence && entry.previous === head.firstPrevious;
    return isFirst ? undefined : `the log does not begin with entry ${String(head.firstSequence)}`;
  }

  #wrongNext(entry: AuditEntry): string | undefined {
    const before = this.#last;
    if (before === undefined) return undefined;
    if (entry.sequence !== before.sequence + 1) {
      return `entry ${String(before.sequence + 1)} is missing, or stands elsewhere`;
    }
    return entry.previous === before.hash ? undefined : 'it does not follow the entry before it';
  }

  #at(file: string, reason: string): BrokenEntry {
    const next =
      this.#last === undefined ? (this.#head?.firstSequence ?? 1) : this.#last.sequence + 1;
    return { sequence: next, file, reason };
  }
}
