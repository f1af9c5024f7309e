/**
 * A device whose keys came from a backup, or whose disk lost some of the membership log, may have issued
 * statements that only the others know. If it issued others now, it would have said two things with one
 * number, and that freezes an issuer. So it issues nothing before another device has told it everything;
 * `identity/restored.json` stands for that across restarts.
 */
import { VaultError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../members/json-file.ts';
import type { Disk } from '../ports.ts';

const file = 'identity/restored.json';
const format = 1;

/** Durable when it resolves. */
export async function markRestored(disk: Disk): Promise<void> {
  await writeJson(disk, file, { format });
}

export class Restored {
  readonly #disk: Disk;
  #alone: boolean;

  private constructor(disk: Disk, alone: boolean) {
    this.#disk = disk;
    this.#alone = alone;
  }

  static async open(disk: Disk): Promise<Restored> {
    const fields = await readJson(disk, file);
    fields?.checkFormat(format);
    return new Restored(disk, fields !== undefined);
  }

  /** Whether nobody has told this device yet what happened since its backup, or what its disk lost. */
  get waiting(): boolean {
    return this.#alone;
  }

  /** Another device has sent all statements that it has. */
  async met(): Promise<void> {
    if (!this.#alone) return;
    this.#alone = false;
    await this.#disk.remove(file);
    await this.#disk.syncDirectory('identity');
  }

  /** @throws VaultError `denied` */
  requireMet(): void {
    if (!this.#alone) return;
    throw new VaultError('denied', {
      op: 'members.issue',
      subject: 'this device',
      detail:
        'its keys were restored, or its disk lost statements, and it has not met another device since',
      next: 'connect another device, and try again',
    });
  }
}
