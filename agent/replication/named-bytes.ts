/**
 * How many sealed bytes the batches of each journal brought, summed up from its beginning: so that what
 * another device lacks is a subtraction. Filled while the journals are read at start, and brought up to
 * date when somebody asks.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { DeviceId, JournalId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { BatchHeader } from '../../protocol/messages/op.ts';
import type { Clock } from '../ports.ts';
import type { JournalStore } from '../store/store.ts';
import type { DeviceHoldings, Vector } from './holdings.ts';

/** One step takes well below a millisecond. */
const batchesPerStep = 32;

export class NamedBytes {
  /** Of each journal: the bytes of its first n batches, at n. */
  readonly #sums = new Map<JournalId, number[]>();

  /** The next batch of a journal; any other is ignored. */
  note(journal: JournalId, header: BatchHeader): void {
    let sums = this.#sums.get(journal);
    if (sums === undefined) this.#sums.set(journal, (sums = [0]));
    if (header.sequence !== sums.length) return;
    const brought = [...header.chunksAdded, ...header.smallRecords];
    const bytes = brought.reduce((sum, { length }) => sum + length, 0);
    sums.push((sums.at(-1) ?? 0) + bytes);
  }

  /** Reads what was written since. A journal that cannot be read counts as far as it can. */
  async catchUp(journals: JournalStore, clock: Clock): Promise<void> {
    let batches = 0;
    for (const { journal, sequence } of journals.tips()) {
      const known = (this.#sums.get(journal)?.length ?? 1) - 1;
      if (known >= sequence) continue;
      try {
        for await (const batch of journals.read(journal, known)) {
          this.note(journal, decodeBatchHeader(decodeBatch(batch.bytes).header).header);
          batches += 1;
          if (batches % batchesPerStep === 0) await pause(clock);
        }
      } catch (error) {
        // The store reports a journal that it cannot read.
        if (!isVaultError(error)) throw error;
      }
    }
  }

  /** What each device lacks of what is complete here, as far as it has said what it has. */
  lackedBy(own: Vector, devices: ReadonlyMap<DeviceId, DeviceHoldings>): Map<DeviceId, number> {
    const lacked = new Map<DeviceId, number>();
    for (const [device, { applied, complete }] of devices) {
      if (applied.size === 0 && complete.size === 0) continue;
      let bytes = 0;
      for (const [journal, sequence] of own) {
        const theirs = Math.min(sequence, complete.get(journal) ?? 0);
        bytes += this.upTo(journal, sequence) - this.upTo(journal, theirs);
      }
      lacked.set(device, bytes);
    }
    return lacked;
  }

  /** Bytes of the first `sequence` batches, as far as they are known. */
  upTo(journal: JournalId, sequence: number): number {
    const sums = this.#sums.get(journal);
    return sums?.[Math.min(sequence, sums.length - 1)] ?? 0;
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
