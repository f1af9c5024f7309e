/**
 * Which state the journals of this device begin with, on the disk: small, and there twice, since without it
 * nobody knows what stands for the bodies that went. Each copy has a check of its own: a digit that changed
 * would make another place or another page of it. What one copy lost comes back from the other.
 */
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import { blake3 } from '../../../protocol/hash.ts';
import type { BatchHash, ChunkId, EpochId, JournalId, StatementId } from '../../../protocol/ids.ts';
import { readJson, writeJson, type JsonFields } from '../../members/json-file.ts';
import type { CountedFold } from '../../members/membership.ts';
import type { Disk } from '../../ports.ts';

export const foldFile = 'journals/fold.json';
export const foldCopy = 'journals/fold.copy';
/** Format 1 had one file without a check. */
const format = 2;
const journalBytes = 24;

/** What has to be known of a fold to read its state. */
export type FoldedState = Pick<CountedFold, 'id' | 'vector' | 'stateRoot' | 'pages' | 'epoch'>;

export interface SavedBase extends FoldedState {
  readonly places: ReadonlyMap<JournalId, number>;
  /** When the latest of what it folds was written: Unix time by its author's clock, or when it was here. */
  readonly latestMs: number;
  /** Bodies were cut away. */
  readonly isDone: boolean;
}

export interface ReadBase {
  /** undefined: nothing was folded here, or both files are damaged. */
  readonly saved: SavedBase | undefined;
  /** Files that could not be read. */
  readonly damaged: readonly string[];
  /** What is saved stands in both files. */
  readonly isTwice: boolean;
}

export function baseOf(fold: FoldedState, latestMs: number): SavedBase {
  const { id, vector, stateRoot, pages, epoch } = fold;
  const places = new Map(vector.map(({ journal, sequence }) => [journal, sequence]));
  return { id, vector, stateRoot, pages, epoch, places, latestMs, isDone: false };
}

/**
 * Both files are whole and say the same when it resolves, if one of them is and the disk has room.
 * @throws VaultError `home-newer`, `io`
 */
export async function readBase(disk: Disk): Promise<ReadBase> {
  const first = await readOne(disk, foldFile);
  const copy = await readOne(disk, foldCopy);
  const saved = first.saved ?? copy.saved;
  const newer = first.newer ?? copy.newer;
  // Next to one that is whole it is a digit that changed.
  if (saved === undefined && newer !== undefined) throw newer;
  const damaged = [first, copy].flatMap((each) => each.damaged ?? []);
  return {
    saved,
    damaged,
    isTwice: saved === undefined || (await isMended(disk, saved, [first, copy])),
  };
}

/** A full disk keeps nobody from starting. The file that is whole is not touched. */
async function isMended(
  disk: Disk,
  saved: SavedBase,
  [first, copy]: readonly [ReadFile, ReadFile],
): Promise<boolean> {
  return isWritten(async () => {
    // A copy that is older is one that a crash left: no body went before both said the same.
    if (first.saved === undefined) await write(disk, foldFile, saved);
    if (copy.check !== checkOf(saved)) await write(disk, foldCopy, saved);
  });
}

/** Whether the disk had room for it. */
export async function isWritten(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isVaultError(error, 'disk-full')) return false;
    throw error;
  }
}

/** Durable, twice, when it resolves. */
export async function writeBase(disk: Disk, base: SavedBase): Promise<void> {
  await write(disk, foldFile, base);
  await write(disk, foldCopy, base);
}

interface ReadFile {
  readonly saved?: SavedBase;
  readonly check?: string;
  readonly damaged?: string;
  /** It says that a newer version wrote it. */
  readonly newer?: VaultError;
}

async function readOne(disk: Disk, path: string): Promise<ReadFile> {
  try {
    const fields = await readJson(disk, path);
    if (fields === undefined) return {};
    fields.checkFormatUpTo(format);
    const saved = parse(fields);
    const check = checkOf(saved);
    const isChecked = fields.has('check') || fields.count('format') > 1;
    if (isChecked && fields.hex('check', 32).toString('hex') !== check) throw otherCheck(path);
    return isChecked ? { saved, check } : { saved };
  } catch (error) {
    if (isVaultError(error, 'home-newer')) return { damaged: path, newer: error };
    if (isVaultError(error, 'damaged')) return { damaged: path };
    throw error;
  }
}

function parse(fields: JsonFields): SavedBase {
  const hex = (field: string, of = fields): string => of.hex(field, 32).toString('hex');
  const fold: FoldedState = {
    id: hex('id') as StatementId,
    stateRoot: fields.hex('stateRoot', 32),
    epoch: hex('epoch') as EpochId,
    vector: fields.list('vector').map((row) => ({
      journal: row.hex('journal', journalBytes).toString('hex') as JournalId,
      sequence: row.count('sequence'),
      hash: hex('hash', row) as BatchHash,
    })),
    pages: fields
      .list('pages')
      .map((row) => ({ id: hex('id', row) as ChunkId, length: row.count('length') })),
  };
  return { ...baseOf(fold, fields.count('latestMs')), isDone: fields.flag('isDone') };
}

async function write(disk: Disk, path: string, base: SavedBase): Promise<void> {
  await writeJson(disk, path, { format, check: checkOf(base), ...rowOf(base) });
}

function rowOf({ id, stateRoot, epoch, latestMs, isDone, vector, pages }: SavedBase): object {
  return { id, stateRoot: stateRoot.toString('hex'), epoch, latestMs, isDone, vector, pages };
}

/** Of what is said, however it is laid out. */
function checkOf(base: SavedBase): string {
  return blake3(Buffer.from(JSON.stringify(rowOf(base)), 'utf8')).toString('hex');
}

function otherCheck(path: string): VaultError {
  return new VaultError('damaged', { op: 'vault.readBase', subject: path, detail: 'other check' });
}
