/**
 * How far the journals went when space was given back last. One that is shorter by now has lost
 * batches, and with them names of chunks that are needed: then nothing is given back until it has caught
 * up.
 */
import { VaultError } from '../../../protocol/errors.ts';
import { splitJournalId, type JournalId } from '../../../protocol/ids.ts';
import { readJson, writeJson } from '../../members/json-file.ts';
import type { Disk } from '../../ports.ts';
import type { JournalStore } from '../../store/store.ts';

export const markFile = 'journals/collected.json';
const format = 1;
const journalIdBytes = 24;

export class CollectionMark {
  readonly #disk: Disk;
  readonly #journals: Pick<JournalStore, 'tips' | 'branches' | 'tip'>;

  constructor(disk: Disk, journals: Pick<JournalStore, 'tips' | 'branches' | 'tip'>) {
    this.#disk = disk;
    this.#journals = journals;
  }

  /** @throws VaultError `damaged` when a journal is shorter than it was */
  async check(): Promise<void> {
    const fields = await readJson(this.#disk, markFile);
    fields?.checkFormat(format);
    for (const row of fields?.list('journals') ?? []) {
      const journal = row.hex('journal', journalIdBytes).toString('hex') as JournalId;
      const sequence = row.count('sequence');
      const now = this.#journals.tip(journal)?.sequence ?? 0;
      if (now < sequence) throw shrunk(journal, sequence - now);
    }
  }

  /** Durable when it resolves. */
  async write(): Promise<void> {
    const ends = [...this.#journals.tips(), ...this.#journals.branches()];
    const journals = ends.map(({ journal, sequence }) => ({ journal, sequence }));
    await writeJson(this.#disk, markFile, { format, journals });
  }
}

function shrunk(journal: JournalId, batches: number): VaultError {
  const { device } = splitJournalId(journal);
  return new VaultError('damaged', {
    op: 'vault.collect',
    subject: `journal ${journal}`,
    detail: `a journal of device ${device} lacks ${String(batches)} batches that it had, so what is needed is not known`,
    next: 'connect a device that has them; vault status shows what is missing',
  });
}
