/**
 * Where bad bytes go: a copy in `quarantine/` and a note that says where they came from. The notes
 * outlive a restart; recovery and the making of the index leave out the places that they name.
 * Nothing here may fail the operation that found the damage: a note that cannot be written is logged.
 */
import type { JournalId } from '../../protocol/ids.ts';
import type { Disk, DiskFile, Log } from '../ports.ts';
import { directories, quarantineListPath } from './paths.ts';
import { openRecordLog, type RecordLog } from './record-log.ts';

export interface QuarantineNote {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** What stood there, when that is known. */
  readonly id?: string | undefined;
  /** The journal that is damaged by it. */
  readonly journal?: JournalId | undefined;
  readonly reason: string;
}

export interface Quarantine {
  /** Whether the record at this place is known to be bad. */
  holds(file: string, offset: number): boolean;
  /** Whether a record of this id is known to have been bad somewhere. */
  holdsId(id: string): boolean;
  /** Every place whose record is known by its id. */
  knownIds(): readonly { readonly id: string; readonly file: string; readonly offset: number }[];
  /** Journals that lost something. */
  journals(): readonly JournalId[];
  /** Copies the bytes and writes the note, durably. False when the copy could not be made. */
  keep(file: DiskFile, note: QuarantineNote): Promise<boolean>;
  close(): Promise<void>;
}

const copyPieceBytes = 1024 * 1024;

/** Opens the list of what was found before. */
export async function openQuarantine(disk: Disk, log: Log): Promise<Quarantine> {
  const list = await openRecordLog(disk, {
    path: quarantineListPath,
    kind: 'note',
    keepBad: () => Promise.resolve(),
  });
  const notes = list.bodies.flatMap((body) => decodeNote(body) ?? []);
  const places = new Set(notes.map(placeOf));
  const ids = new Set(notes.flatMap((note) => note.id ?? []));
  const journals = new Set(notes.flatMap((note) => note.journal ?? []));
  let copies = (await disk.list(directories.quarantine)).length;
  return {
    holds: (file, offset) => places.size > 0 && places.has(placeOf({ file, offset })),
    holdsId: (id) => ids.has(id),
    knownIds: () =>
      notes.flatMap(({ id, file, offset }) => (id === undefined ? [] : { id, file, offset })),
    journals: () => [...journals],
    async keep(file, note) {
      if (places.has(placeOf(note))) return true;
      places.add(placeOf(note));
      if (note.id !== undefined) ids.add(note.id);
      if (note.journal !== undefined) journals.add(note.journal);
      try {
        await copyBad(disk, file, { note, number: (copies += 1) });
        await list.append([encodeNote(note)]);
        return true;
      } catch (error) {
        log.error({ ...note, error }, 'bad bytes could not be copied to quarantine');
        return false;
      }
    },
    close: () => closeList(list),
  };
}

function closeList(list: RecordLog): Promise<void> {
  return list.close();
}

async function copyBad(
  disk: Disk,
  source: DiskFile,
  { note, number }: { note: QuarantineNote; number: number },
): Promise<void> {
  const path = `${directories.quarantine}/${String(number).padStart(8, '0')}.bad`;
  await disk.remove(path);
  const target = await disk.open(path, 'create');
  try {
    for (let done = 0; done < note.bytes; done += copyPieceBytes) {
      const piece = await source.read(
        note.offset + done,
        Math.min(copyPieceBytes, note.bytes - done),
      );
      await target.write(done, [piece]);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  await disk.syncDirectory(directories.quarantine);
}

function placeOf({ file, offset }: { file: string; offset: number }): string {
  return `${file}:${String(offset)}`;
}

function encodeNote(note: QuarantineNote): Buffer {
  return Buffer.from(JSON.stringify(note), 'utf8');
}

/** A note's record was checked against its hash, so its form is ours or an older one of ours. */
function decodeNote(body: Buffer): QuarantineNote | undefined {
  const note = JSON.parse(body.toString('utf8')) as Partial<QuarantineNote>;
  const { file, offset, bytes, reason } = note;
  if (typeof file !== 'string' || typeof offset !== 'number') return undefined;
  if (typeof bytes !== 'number' || typeof reason !== 'string') return undefined;
  return { ...note, file, offset, bytes, reason };
}
