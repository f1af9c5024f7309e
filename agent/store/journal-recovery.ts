/**
 * What the journals hold when the store opens. All of them are read record by record as long as they
 * are small together; beyond that a journal whose files the index knows to the last byte is believed,
 * and its batches are checked when they are read. A journal that lost something is always read.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { JournalId } from '../../protocol/ids.ts';
import type { Disk, DiskFile, IndexChange } from '../ports.ts';
import type { BufferedIndex } from './buffered-index.ts';
import { cutTail, keepBadRanges, type TailParts } from './damage.ts';
import { decodeFileHeader, fileHeaderBytes } from './file-header.ts';
import {
  branchStart,
  decodeJournalSummary,
  journalMetaKey,
  JournalWalk,
  journalSummaryChange,
  limitOf,
  type JournalFile,
  type JournalState,
  type JournalSummary,
} from './journal-file.ts';
import { batchChanges, smallChange } from './journal-places.ts';
import { directories, isRewritten, journalPath, parseJournalName } from './paths.ts';
import { scanRecords, type BadRange } from './record-scan.ts';

export interface JournalRecoveryParts extends TailParts {
  readonly disk: Disk;
  readonly index: BufferedIndex;
  /** Up to so many bytes of journals are read in full at every start. */
  readonly scanBytesMax: number;
}

const changesPerWrite = 10_000;

/** @throws VaultError `io`: a journal that cannot be read is not taken for a shorter one */
export async function recoverJournals(
  parts: JournalRecoveryParts,
): Promise<Map<JournalId, JournalState>> {
  const { disk, index, quarantine } = parts;
  const numbers = await journalFiles(disk);
  const sizes = await sizesOf(disk, numbers);
  const totalBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const damaged = new Set(quarantine.journals());
  const states = new Map<JournalId, JournalState>();
  for (const [journal, fileNumbers] of numbers) {
    const key = journalMetaKey(journal);
    const summary = decodeJournalSummary(key, index.get(key));
    const exact = isExact(journal, { summary, fileNumbers, sizes });
    const large = exact && totalBytes > parts.scanBytesMax && !damaged.has(journal);
    const believed = large && (await areRevisions(disk, journal, summary));
    const state =
      believed && summary !== undefined
        ? stateOf(journal, summary)
        : await walkJournal(parts, { journal, fileNumbers, sizes, summary });
    if (state !== undefined) states.set(journal, state);
  }
  return states;
}

async function journalFiles(disk: Disk): Promise<Map<JournalId, number[]>> {
  const numbers = new Map<JournalId, number[]>();
  for (const name of await disk.list(directories.journals)) {
    if (isRewritten(name)) await disk.remove(`${directories.journals}/${name}`);
    const parsed = parseJournalName(name);
    if (parsed === undefined) continue;
    const known = numbers.get(parsed.journal) ?? [];
    numbers.set(
      parsed.journal,
      [...known, parsed.number].sort((one, other) => one - other),
    );
  }
  return numbers;
}

async function sizesOf(
  disk: Disk,
  journals: ReadonlyMap<JournalId, readonly number[]>,
): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const [journal, numbers] of journals) {
    for (const number of numbers) {
      const path = journalPath(journal, number);
      sizes.set(path, (await disk.sizeOf(path)) ?? 0);
    }
  }
  return sizes;
}

interface JournalTask {
  readonly summary: JournalSummary | undefined;
  readonly fileNumbers: readonly number[];
  readonly sizes: ReadonlyMap<string, number>;
}

/** Whether the index knows these files, each to its end. */
function isExact(journal: JournalId, { summary, fileNumbers, sizes }: JournalTask): boolean {
  if (summary?.files.length !== fileNumbers.length) return false;
  return summary.files.every(
    ({ number, end }, at) =>
      number === fileNumbers[at] && end === sizes.get(journalPath(journal, number)),
  );
}

/** Whether the index knows these files as they are, and none from before it was written anew. */
async function areRevisions(
  disk: Disk,
  journal: JournalId,
  summary: JournalSummary | undefined,
): Promise<boolean> {
  for (const { number, revision } of summary?.files ?? []) {
    const file = await disk.open(journalPath(journal, number), 'read');
    try {
      const header = decodeFileHeader('journal', await file.read(0, fileHeaderBytes));
      if (header?.revision !== revision) return false;
    } finally {
      await file.close();
    }
  }
  return true;
}

function stateOf(journal: JournalId, { files, sequence, hash }: JournalSummary): JournalState {
  return {
    journal,
    files: files.map((file) => ({ ...file, fresh: false })),
    tip: hash === undefined ? undefined : { journal, sequence, hash },
    revision: 0,
  };
}

async function walkJournal(
  parts: JournalRecoveryParts,
  task: JournalTask & { readonly journal: JournalId },
): Promise<JournalState | undefined> {
  const { journal, fileNumbers, sizes } = task;
  const files: JournalFile[] = [];
  for (const number of fileNumbers) {
    const end = sizes.get(journalPath(journal, number)) ?? 0;
    const file = await readFileState(parts, { journal, number, end });
    if (file !== undefined) files.push(file);
  }
  if (files.length === 0) return undefined;
  const state: JournalState = { journal, files, tip: undefined, revision: 0 };
  const walk = new JournalWalk({ sequence: branchStart(files), hash: undefined });
  for (const at of files.keys()) await walkFile(parts, { state, at, walk, summary: task.summary });
  const { sequence, hash } = walk;
  if (hash !== undefined) state.tip = { journal, sequence, hash };
  await addAll(parts.index, [journalSummaryChange(state)]);
  return state;
}

/** Header of a file; a file that never got one holds nothing and is removed. */
async function readFileState(
  parts: JournalRecoveryParts,
  { journal, number, end }: { journal: JournalId; number: number; end: number },
): Promise<JournalFile | undefined> {
  const path = journalPath(journal, number);
  const file = await parts.disk.open(path, 'write');
  try {
    const header = decodeFileHeader('journal', await file.read(0, fileHeaderBytes));
    if (header !== undefined) {
      const { base, revision } = header;
      return { number, base, end, retired: false, fresh: false, revision };
    }
    // Without a header nothing says where it went on from: its batches count as they come.
    if (await hasRecords(file, end)) {
      const base = Number.MAX_SAFE_INTEGER;
      return { number, base, end, retired: true, fresh: false, revision: 0 };
    }
    if (await cutTail(parts, { path, file, from: 0, to: end })) await parts.disk.remove(path);
    return undefined;
  } finally {
    await file.close();
  }
}

async function hasRecords(file: DiskFile, size: number): Promise<boolean> {
  for await (const found of scanRecords(file, { from: fileHeaderBytes, to: size, bodies: true })) {
    if (found.type === 'record') return true;
  }
  return false;
}

interface FileWalk {
  readonly state: JournalState;
  /** Which of the state's files. */
  readonly at: number;
  readonly walk: JournalWalk;
  readonly summary: JournalSummary | undefined;
}

async function walkFile(parts: JournalRecoveryParts, task: FileWalk): Promise<void> {
  const { state, at } = task;
  const journalFile = state.files[at];
  if (journalFile === undefined) return;
  const { journal } = state;
  const path = journalPath(journal, journalFile.number);
  const last = at === state.files.length - 1;
  const size = journalFile.end;
  const file = await parts.disk.open(path, 'write');
  try {
    const { inside, tail, open } = await walkRecords(parts, task, { file, journalFile });
    await keepBadRanges(parts, { path, file, ranges: inside, ...ofJournal(inside, journal) });
    if (inside.length > 0) journalFile.retired = true;
    if (tail < size && last && !journalFile.retired) {
      const cut = await cutTail(parts, { path, file, from: tail, to: size, journal });
      journalFile.end = cut ? tail : size;
      journalFile.retired ||= !cut;
    } else if (open.length > 0) {
      await keepBadRanges(parts, { path, file, ranges: open, journal });
      journalFile.retired = true;
    }
    await makeSure(parts, { task, file, journalFile, size });
  } finally {
    await file.close();
  }
}

/** What a killed process wrote must be on the medium before it counts. */
async function makeSure(
  { disk }: JournalRecoveryParts,
  known: { task: FileWalk; file: DiskFile; journalFile: JournalFile; size: number },
): Promise<void> {
  const { number } = known.journalFile;
  const summary = known.task.summary?.files.find((file) => file.number === number);
  const isKnown = summary?.revision === known.journalFile.revision;
  if (isKnown && summary.end === known.size && known.journalFile.end === known.size) return;
  await known.file.sync();
  await disk.syncDirectory(directories.journals);
}

/** A small record that is damaged concerns no batch: its journal goes on. */
function ofJournal(ranges: readonly BadRange[], journal: JournalId): { journal?: JournalId } {
  return ranges.every(({ header }) => header?.kind === 'small') ? {} : { journal };
}

/** Up to where the index knows the places in a file: of another revision of it none. */
function knownEnd(summary: JournalSummary | undefined, { number, revision }: JournalFile): number {
  const file = summary?.files.find((each) => each.number === number);
  return file?.revision === revision ? file.end : 0;
}

/** Takes what counts into the index; bad ranges inside, the end of what is good, and those behind. */
async function walkRecords(
  parts: JournalRecoveryParts,
  { state, at, walk, summary }: FileWalk,
  { file, journalFile }: { file: DiskFile; journalFile: JournalFile },
): Promise<{ inside: BadRange[]; tail: number; open: BadRange[] }> {
  const place = { journal: state.journal, file: journalFile.number };
  const known = knownEnd(summary, journalFile);
  const limit = limitOf(state.files, at);
  const changes: IndexChange[] = [];
  const inside: BadRange[] = [];
  let open: BadRange[] = [];
  let tail = fileHeaderBytes;
  const range = { from: fileHeaderBytes, to: journalFile.end, bodies: true };
  for await (const found of scanRecords(file, range)) {
    if (found.type === 'bad') {
      open.push(found);
      if (found.header?.kind === 'small') changes.push(smallChange(found.header.id, undefined));
      continue;
    }
    inside.push(...open);
    open = [];
    const taken = walk.take(found, limit);
    if (walk.waiting.length === 0) tail = found.end;
    if (taken === undefined || found.offset < known) continue;
    const added = 'prefix' in taken ? batchChanges(place, taken) : [smallPlace(place, taken)];
    changes.push(...added);
    if (changes.length >= changesPerWrite) await addAll(parts.index, changes.splice(0));
  }
  walk.endFile();
  await addAll(parts.index, changes);
  return { inside, tail, open };
}

function smallPlace(
  place: { journal: JournalId; file: number },
  small: { id: string; offset: number; body: Buffer },
): IndexChange {
  return smallChange(small.id, { ...place, offset: small.offset, length: small.body.length });
}

async function addAll(index: BufferedIndex, changes: readonly IndexChange[]): Promise<void> {
  index.add(changes);
  try {
    await index.flush();
  } catch (error) {
    // They wait in memory; the next flush takes them.
    if (!isVaultError(error, 'io', 'disk-full')) throw error;
  }
}
