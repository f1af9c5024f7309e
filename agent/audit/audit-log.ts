/**
 * What was done here, for whoever asks later: entries in a chain of hashes, appended and synced, bounded
 * in size. It never holds up what it records: an entry that the disk does not take waits in memory, and
 * the oldest of too many is counted and left out.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { audit as limits } from '../../protocol/limits.ts';
import type { Clock, Disk, Log, Timer } from '../ports.ts';
import { noHash, readEntry, writeEntry, type AuditEntry, type NewEntry } from './entry.ts';
import { auditFiles, AuditWriter, readLines } from './files.ts';
import { loadHead, saveHead, type AuditHead } from './head.ts';
import { verifyAudit, type AuditVerdict } from './verify.ts';

export interface AuditParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
}

const sealAfterMs = 1_000;
const retryAfterMs = 30_000;

export class AuditLog {
  readonly #parts: AuditParts;
  readonly #writer: AuditWriter;
  readonly #waiting: { readonly entry: NewEntry; readonly atMs: number }[] = [];
  readonly #listeners = new Set<(entry: AuditEntry) => void>();
  #sequence: number;
  #hash: string;
  #lost = 0;
  #key: Buffer | undefined;
  #writing: Promise<void> | undefined;
  #seal: Timer | undefined;
  #retry: Timer | undefined;

  private constructor(parts: AuditParts, end: End) {
    this.#parts = parts;
    this.#writer = new AuditWriter(parts.disk, end.file);
    this.#sequence = end.sequence;
    this.#hash = end.hash;
    if (end.trouble !== undefined) {
      this.add({ type: 'audit-damaged', message: end.trouble, level: 'error' });
    }
  }

  /** Goes on where the log ends. What is not right about that end becomes its next entry. */
  static async open(parts: AuditParts): Promise<AuditLog> {
    return new AuditLog(parts, await findEnd(parts.disk));
  }

  /**
   * From now on the end of the log is sealed with this key. When the seal of before does not fit, the next
   * entry says so.
   */
  async sealWith(key: Buffer): Promise<void> {
    this.#key = key;
    const { broken } = await this.verify();
    if (broken !== undefined) {
      this.add({
        type: 'audit-damaged',
        message: `the log was changed or cut: ${broken.reason}`,
        subject: broken.file,
        level: 'error',
      });
    }
    this.#sealSoon();
  }

  add(entry: NewEntry): void {
    this.#waiting.push({ entry, atMs: this.#parts.clock.nowMs() });
    if (this.#waiting.length > limits.waitingMax) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    if (this.#retry === undefined) this.#writing ??= this.#write();
  }

  /** Hears of every entry once it is durable, until the returned function is called. */
  onEntry(listener: (entry: AuditEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when nothing waits to be written, or the disk takes nothing. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** All entries that can be read, the oldest first; @param sinceMs Unix time */
  async *entries(sinceMs: number): AsyncGenerator<AuditEntry> {
    await this.#writing;
    for (const path of await auditFiles(this.#parts.disk)) {
      const { lines } = await readLines(this.#parts.disk, path);
      for (const line of lines) {
        const entry = readEntry(line);
        if (entry !== undefined && Date.parse(entry.time) >= sinceMs) yield entry;
      }
    }
  }

  async verify(): Promise<AuditVerdict> {
    await this.#writing;
    const { disk } = this.#parts;
    const key = this.#key;
    if (key === undefined) return verifyAudit(disk, undefined);
    try {
      return await verifyAudit(disk, await loadHead(disk, key));
    } catch (error) {
      if (!isVaultError(error, 'damaged')) throw error;
      const verdict = await verifyAudit(disk, undefined);
      const broken = { sequence: null, file: error.subject ?? '', reason: error.message };
      return { ...verdict, broken: verdict.broken ?? broken };
    }
  }

  async close(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
    await this.#writing;
    this.#seal?.cancel();
    await this.#sealNow();
    await this.#writer.close();
  }

  async #write(): Promise<void> {
    // What comes in this very moment shares the sync.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) await this.#writeSome();
      if (this.#key !== undefined) this.#sealSoon();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the audit log does not take entries at the moment');
      this.#retry = this.#parts.clock.after(retryAfterMs, () => {
        this.#retry = undefined;
        this.#writing ??= this.#write();
      });
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeSome(): Promise<void> {
    const batch = this.#waiting.slice(0, 256);
    let sequence = this.#sequence;
    let previous = this.#hash;
    let text = '';
    const written: string[] = [];
    for (const { entry, atMs } of withLoss(batch, this.#lost)) {
      sequence += 1;
      const time = new Date(atMs).toISOString();
      const { line, hash } = writeEntry(entry, { sequence, time, previous });
      previous = hash;
      text += `${line}\n`;
      written.push(line);
    }
    const begun = await this.#writer.append(text);
    this.#waiting.splice(0, batch.length);
    this.#lost = 0;
    this.#sequence = sequence;
    this.#hash = previous;
    if (begun) await this.#dropOldest();
    for (const line of written) {
      const entry = readEntry(line);
      if (entry !== undefined) for (const listener of this.#listeners) listener(entry);
    }
  }

  async #dropOldest(): Promise<void> {
    const files = await auditFiles(this.#parts.disk);
    const tooMany = files.slice(0, Math.max(0, files.length - limits.filesMax));
    if (tooMany.length === 0) return;
    for (const path of tooMany) await this.#parts.disk.remove(path);
    // The seal names the first entry that is kept: it has to change with it.
    await this.#sealNow();
  }

  #sealSoon(): void {
    this.#seal ??= this.#parts.clock.after(sealAfterMs, () => {
      this.#seal = undefined;
      void this.#sealNow();
    });
  }

  async #sealNow(): Promise<void> {
    const key = this.#key;
    if (key === undefined || this.#sequence === 0) return;
    const last = { lastSequence: this.#sequence, lastHash: this.#hash };
    try {
      const first = await firstKept(this.#parts.disk);
      if (first !== undefined) await saveHead(this.#parts.disk, { ...first, ...last }, key);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'the end of the audit log was not sealed');
    }
  }
}

interface End {
  readonly sequence: number;
  readonly hash: string;
  readonly file: { readonly path: string; readonly bytes: number } | undefined;
  readonly trouble: string | undefined;
}

/** The last entry that can be read. A file that does not end with one is left as it is, and another begun. */
async function findEnd(disk: Disk): Promise<End> {
  const files = await auditFiles(disk);
  let trouble: string | undefined;
  for (const path of files.toReversed()) {
    const { lines, bytes, torn } = await readLines(disk, path).catch(() => unreadable);
    const last = lines.at(-1);
    const entry = lines.map(readEntry).findLast((one) => one !== undefined);
    const isWhole = !torn && last !== undefined && readEntry(last) !== undefined;
    if (!isWhole) trouble ??= `${path} does not end with a whole entry, as after a crash`;
    if (entry === undefined) continue;
    const isNewest = path === files.at(-1);
    return {
      sequence: entry.sequence,
      hash: entry.hash,
      file: isWhole && isNewest ? { path, bytes } : undefined,
      trouble,
    };
  }
  return { sequence: 0, hash: noHash, file: undefined, trouble };
}

const unreadable = { lines: [], bytes: 0, torn: true } as const;

async function firstKept(
  disk: Disk,
): Promise<Pick<AuditHead, 'firstSequence' | 'firstPrevious'> | undefined> {
  for (const path of await auditFiles(disk)) {
    const { lines } = await readLines(disk, path);
    const entry = lines.map(readEntry).find((one) => one !== undefined);
    if (entry !== undefined) {
      return { firstSequence: entry.sequence, firstPrevious: entry.previous };
    }
  }
  return undefined;
}

function withLoss(
  batch: readonly { readonly entry: NewEntry; readonly atMs: number }[],
  lost: number,
): readonly { readonly entry: NewEntry; readonly atMs: number }[] {
  if (lost === 0) return batch;
  const message = `${String(lost)} entries were left out while the disk took none`;
  const atMs = batch[0]?.atMs ?? 0;
  return [{ entry: { type: 'audit-lost', message, level: 'warning' }, atMs }, ...batch];
}
