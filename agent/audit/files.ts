/**
 * The files of the audit log: `audit/00000001.log` and on, lines of text. A full one is left and the next
 * begun; the chain goes on in it. The oldest goes when there are too many.
 */
import { VaultError } from '../../protocol/errors.ts';
import { audit as limits } from '../../protocol/limits.ts';
import type { Disk, DiskFile } from '../ports.ts';

const directory = 'audit';
const namePattern = /^\d{8}\.log$/;

/** Paths, the oldest first. */
export async function auditFiles(disk: Disk): Promise<readonly string[]> {
  const names = await disk.list(directory);
  return names.filter((name) => namePattern.test(name)).map((name) => `${directory}/${name}`);
}

/** Its lines; a last one without an end comes as `torn`. */
export async function readLines(
  disk: Disk,
  path: string,
): Promise<{ readonly lines: readonly string[]; readonly bytes: number; readonly torn: boolean }> {
  const file = await disk.open(path, 'read');
  try {
    const size = await file.size();
    // Twice what we write: what was added by others is looked at, and is not without end.
    if (size > 2 * limits.fileBytesMax) {
      throw new VaultError('damaged', {
        op: 'audit.read',
        subject: path,
        detail: 'it is longer than this program makes one',
      });
    }
    const text = (await file.read(0, size)).toString('utf8');
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    return { lines, bytes: size - Buffer.byteLength(rest), torn: rest !== '' };
  } finally {
    await file.close();
  }
}

/** The file that is written to. */
export class AuditWriter {
  readonly #disk: Disk;
  #path: string;
  #file: DiskFile | undefined;
  #bytes: number;

  /** @param last the newest file and how much of it counts; undefined: there is none */
  constructor(disk: Disk, last: { readonly path: string; readonly bytes: number } | undefined) {
    this.#disk = disk;
    this.#path = last?.path ?? '';
    this.#bytes = last?.bytes ?? limits.fileBytesMax;
  }

  /**
   * Durable when it resolves. After it has thrown, the next call begins a file.
   * @returns whether a file was begun
   */
  async append(text: string): Promise<boolean> {
    const bytes = Buffer.from(text, 'utf8');
    const begins = this.#path === '' || this.#bytes + bytes.length > limits.fileBytesMax;
    try {
      if (begins) await this.#begin();
      this.#file ??= await this.#disk.open(this.#path, 'write');
      await this.#file.write(this.#bytes, [bytes]);
      await this.#file.sync();
      if (begins) await this.#disk.syncDirectory(directory);
    } catch (error) {
      // Half an entry, or one that will be written again elsewhere, must not stand in the chain.
      await this.#file?.truncate(this.#bytes).catch(() => undefined);
      await this.close();
      this.#bytes = limits.fileBytesMax;
      throw error;
    }
    this.#bytes += bytes.length;
    return begins;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    await this.close();
    const newest = (await auditFiles(this.#disk)).at(-1) ?? `${directory}/00000000.log`;
    const number = Number(newest.slice(directory.length + 1, -4)) + 1;
    await this.#disk.makeDirectory(directory);
    this.#path = `${directory}/${String(number).padStart(8, '0')}.log`;
    this.#file = await this.#disk.open(this.#path, 'create');
    this.#bytes = 0;
  }
}
