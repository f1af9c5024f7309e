/**
 * A small file of records that is read whole at the start and only grows: the membership log, the
 * list of quarantined records. After a failed write or sync the file is not written to again; the
 * next append writes everything that counts into a new file and renames it over the old one.
 */
import type { Disk, DiskFile } from '../ports.ts';
import { encodeFileHeader, fileHeaderBytes, noTag } from './file-header.ts';
import { hashedRecord, type RecordKind } from './record.ts';
import { scanRecords, type BadRange } from './record-scan.ts';
import { createSerialQueue } from './serial-queue.ts';

export interface RecordLog {
  /** Bodies that are durable, in the order they were appended. */
  readonly bodies: readonly Buffer[];
  /** What was found unreadable at the start: ranges of the file as it was then. */
  readonly bad: readonly BadRange[];
  /** Its length in bytes. */
  readonly size: number;
  /** Durable when this resolves. */
  append(bodies: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

export interface RecordLogOptions {
  readonly path: string;
  readonly kind: RecordKind;
  /** Called with bad bytes before they are left behind; bad bytes make the log be written anew. */
  readonly keepBad: (file: DiskFile, range: BadRange) => Promise<void>;
}

/** Opens the log; a missing file is an empty log and is made by the first append. */
export async function openRecordLog(disk: Disk, options: RecordLogOptions): Promise<RecordLog> {
  const { kind } = options;
  const found = await readLog(disk, options);
  const bodies: Buffer[] = found.bodies;
  const inOrder = createSerialQueue();
  let file = found.file;
  let end = found.end;

  const leave = async (): Promise<void> => {
    const dead = file;
    file = undefined;
    await dead?.close();
  };
  const extend = async (added: readonly Buffer[], target: DiskFile): Promise<void> => {
    const parts = added.flatMap((body) => hashedRecord(kind, body));
    await target.write(end, parts);
    await target.sync();
    end += lengthOf(parts);
  };
  const writeAnew = async (all: readonly Buffer[]): Promise<void> => {
    const written = await replaceLog(disk, options, all);
    file = written.file;
    end = written.end;
  };
  return {
    bodies,
    bad: found.bad,
    get size() {
      return end;
    },
    append: (added) =>
      inOrder(async () => {
        const copies = added.map((body) => Buffer.from(body));
        try {
          await (file === undefined ? writeAnew([...bodies, ...copies]) : extend(copies, file));
        } catch (error) {
          await leave();
          throw error;
        }
        bodies.push(...copies);
      }),
    close: () => inOrder(leave),
  };
}

async function readLog(
  disk: Disk,
  { path, kind, keepBad }: RecordLogOptions,
): Promise<{ bodies: Buffer[]; bad: BadRange[]; file: DiskFile | undefined; end: number }> {
  const size = await disk.sizeOf(path);
  if (size === undefined) return { bodies: [], bad: [], file: undefined, end: 0 };
  const file = await disk.open(path, 'write');
  const bodies: Buffer[] = [];
  const bad: BadRange[] = [];
  for await (const found of scanRecords(file, { from: fileHeaderBytes, to: size, bodies: true })) {
    if (found.type === 'record' && found.header.kind === kind) bodies.push(Buffer.from(found.body));
    else if (found.type === 'bad') bad.push(found);
  }
  for (const range of bad) await keepBad(file, range);
  if (bad.length === 0 && size >= fileHeaderBytes) {
    // What a killed process wrote may not be on the medium yet, nor its name, and it is about to count.
    await file.sync();
    await disk.syncDirectory(directoryOf(path));
    return { bodies, bad, file, end: size };
  }
  await file.close();
  return { bodies, bad, file: undefined, end: size };
}

async function replaceLog(
  disk: Disk,
  { path, kind }: RecordLogOptions,
  bodies: readonly Buffer[],
): Promise<{ file: DiskFile; end: number }> {
  const fresh = `${path}.new`;
  await disk.remove(fresh);
  const file = await disk.open(fresh, 'create');
  try {
    const header = encodeFileHeader({ kind: 'log', number: 0, base: 0, tag: noTag });
    const parts = [header, ...bodies.flatMap((body) => hashedRecord(kind, body))];
    await file.write(0, parts);
    await file.sync();
    await disk.rename(fresh, path);
    await disk.syncDirectory(directoryOf(path));
    return { file, end: lengthOf(parts) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
