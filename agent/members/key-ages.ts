/**
 * When this device heard of each epoch first, in `identity/epochs.json`: statements carry no time, and a
 * new epoch is due when the present one has been in use for long enough here.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { idFromBytes, type EpochId } from '../../protocol/ids.ts';
import type { Disk } from '../ports.ts';
import { readJson, writeJson } from './json-file.ts';

export const epochsFile = 'identity/epochs.json';
const format = 1;
/** The oldest are forgotten: they are not in use. */
const keptMax = 256;

export class KeyAges {
  readonly #disk: Disk;
  /** Milliseconds of Unix time, in the order in which they were heard of. */
  readonly #since: Map<EpochId, number>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(disk: Disk, since: Map<EpochId, number>) {
    this.#disk = disk;
    this.#since = since;
  }

  /** A file that cannot be understood counts as none: then the present epoch is new. @throws VaultError `io` */
  static async open(disk: Disk): Promise<KeyAges> {
    try {
      const fields = await readJson(disk, epochsFile);
      fields?.checkFormat(format);
      const since = (fields?.list('epochs') ?? []).map(
        (row) => [idFromBytes('epoch', row.hex('epoch', 32)), row.count('sinceMs')] as const,
      );
      return new KeyAges(disk, new Map(since));
    } catch (error) {
      if (isVaultError(error, 'damaged', 'home-newer')) return new KeyAges(disk, new Map());
      throw error;
    }
  }

  since(epoch: EpochId): number | undefined {
    return this.#since.get(epoch);
  }

  /** Notes an epoch at its first mention. Durable when it resolves. @throws VaultError `io`, `disk-full` */
  async note(epoch: EpochId, nowMs: number): Promise<void> {
    if (this.#since.has(epoch)) return;
    this.#since.set(epoch, Math.floor(nowMs));
    for (const oldest of this.#since.keys()) {
      if (this.#since.size <= keptMax) break;
      this.#since.delete(oldest);
    }
    const saved = this.#saving.then(() => this.#save());
    this.#saving = saved.catch(() => undefined);
    await saved;
  }

  async #save(): Promise<void> {
    const epochs = Array.from(this.#since, ([epoch, sinceMs]) => ({ epoch, sinceMs }));
    await writeJson(this.#disk, epochsFile, { format, epochs });
  }
}
