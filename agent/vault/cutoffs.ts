/**
 * The lines that a revocation draws: for each journal of a device the last batch that counts, as a person
 * names it. Without a word, what counts now goes on counting, and nothing that comes later does.
 */
import { VaultError } from '../../protocol/errors.ts';
import { journalId, splitJournalId, type DeviceId, type JournalId } from '../../protocol/ids.ts';
import { members as limits } from '../../protocol/limits.ts';
import type { Cutoff } from '../../protocol/messages/statement.ts';
import type { CountingPrefix, Line } from '../validity/counting.ts';
import { isOf, type CountingJournals, type LineBook } from './counting-journals.ts';

export interface CutoffParts {
  readonly counting: Pick<CountingJournals, 'tips' | 'prefixOf' | 'foldedOf'>;
  readonly lines: Pick<LineBook, 'journals' | 'linesOf' | 'hashAt'>;
}

export class Cutoffs {
  readonly #parts: CutoffParts;

  constructor(parts: CutoffParts) {
    this.#parts = parts;
  }

  /** What counts now, journal by journal. @throws VaultError `too-large` */
  now(device: DeviceId): readonly Cutoff[] {
    return bounded(
      this.#parts.counting.tips().flatMap(({ journal, sequence, hash }) => {
        if (!isOf(journal, device)) return [];
        return [{ incarnation: splitJournalId(journal).incarnation, sequence, hash }];
      }),
    );
  }

  /**
   * What counts now, moved as a person says: `all` that is here, `none`, or for single journals
   * `[INCARNATION/]SEQUENCE`.
   * @throws VaultError `usage`, `not-found`, `not-supported`, `too-large`
   */
  async chosen(device: DeviceId, until: readonly string[]): Promise<readonly Cutoff[]> {
    if (until.length === 0) return this.now(device);
    if (until.length === 1 && until[0] === 'none') return [];
    if (until.length === 1 && until[0] === 'all') return this.#all(device);
    const cutoffs = new Map(this.now(device).map((cutoff) => [cutoff.incarnation, cutoff]));
    for (const text of until) {
      const { journal, sequence } = this.#place(device, text);
      const { incarnation } = splitJournalId(journal);
      this.#requireBeyondFold(journal, sequence);
      if (sequence === 0) cutoffs.delete(incarnation);
      else cutoffs.set(incarnation, await this.#at(journal, sequence));
    }
    return bounded([...cutoffs.values()]);
  }

  async #all(device: DeviceId): Promise<readonly Cutoff[]> {
    const cutoffs: Cutoff[] = [];
    for (const journal of this.#journalsOf(device)) {
      const line = this.#lineOn(journal);
      if (line !== undefined) cutoffs.push(await this.#at(journal, line.tip));
    }
    return bounded(cutoffs);
  }

  /** A line that is drawn before what is folded would change nothing there. */
  #requireBeyondFold(journal: JournalId, sequence: number): void {
    const folded = this.#parts.counting.foldedOf(journal)?.sequence ?? 0;
    if (sequence >= folded) return;
    const { device, incarnation } = splitJournalId(journal);
    throw new VaultError('not-supported', {
      op: 'vault.cutoffs',
      subject: `batch ${String(sequence)} of ${device}/${incarnation}`,
      detail: `what is folded counts for good, and that is all up to batch ${String(folded)}`,
      next: `name batch ${String(folded)} or a later one, or say none: nothing beyond it counts then`,
    });
  }

  async #at(journal: JournalId, sequence: number): Promise<Cutoff> {
    const { lines, counting } = this.#parts;
    const { device, incarnation } = splitJournalId(journal);
    const onRoute = counting
      .prefixOf(journal)
      ?.route.find(({ line, upTo }) => sequence >= line.first && sequence <= upTo)?.line;
    const line = onRoute ?? this.#lineOn(journal);
    const hash = line === undefined ? undefined : await lines.hashAt(line.name, sequence);
    if (hash !== undefined) return { incarnation, sequence, hash };
    throw new VaultError('not-found', {
      op: 'vault.cutoffs',
      subject: `batch ${String(sequence)} of ${device}/${incarnation}`,
      detail: 'it is not on this device',
      next: 'vault journal list shows how far each journal is here',
    });
  }

  /** Where the journal goes on when nobody cuts it: behind what counts of it, or the journal itself. */
  #lineOn(journal: JournalId): Line | undefined {
    const lines = this.#parts.lines.linesOf(journal);
    const prefix: CountingPrefix | undefined = this.#parts.counting.prefixOf(journal);
    const last = prefix?.route.at(-1)?.line.name;
    return (
      lines.find(({ name }) => name === last) ??
      lines.find(({ firstHash }) => firstHash === undefined)
    );
  }

  #place(device: DeviceId, text: string): { journal: JournalId; sequence: number } {
    const [, incarnation = '', digits = ''] =
      /^(?:(?:[0-9a-f]{32}\/)?([0-9a-f]{1,16})\/)?(\d{1,15})$/i.exec(text) ?? [];
    if (digits === '') {
      throw refused('usage', `--until ${text}`, {
        detail: 'a batch is named by [INCARNATION/]SEQUENCE, or say all or none',
      });
    }
    const known = this.#journalsOf(device).map((journal) => splitJournalId(journal).incarnation);
    const found = known.filter((each) => each.startsWith(incarnation.toLowerCase()));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw refused(found.length === 0 ? 'not-found' : 'usage', `--until ${text}`, {
        detail:
          found.length === 0
            ? 'the device has no such journal'
            : `it has ${String(found.length)} journals: name one, as ${String(only)}/${digits}`,
      });
    }
    return { journal: journalId(device, only), sequence: Number(digits) };
  }

  #journalsOf(device: DeviceId): readonly JournalId[] {
    return this.#parts.lines.journals().filter((journal) => isOf(journal, device));
  }
}

function bounded(cutoffs: readonly Cutoff[]): readonly Cutoff[] {
  if (cutoffs.length <= limits.incarnationsPerDeviceMax) return cutoffs;
  throw new VaultError('too-large', {
    op: 'vault.cutoffs',
    subject: 'journals of the device',
    detail: `more than ${String(limits.incarnationsPerDeviceMax)} of them count`,
    next: 'name those that go on counting: --until INCARNATION/SEQUENCE',
  });
}

function refused(
  code: 'usage' | 'not-found',
  subject: string,
  { detail }: { readonly detail: string },
): VaultError {
  return new VaultError(code, {
    op: 'vault.cutoffs',
    subject,
    detail,
    next: 'vault journal list shows the journals and their batches',
  });
}
