/**
 * Snapshots as people use them: taking one, finding one by what it is called, letting it go, and saying
 * what is missing to show it.
 */
import { VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type JournalId } from '../../protocol/ids.ts';
import { journal as journalLimits } from '../../protocol/limits.ts';
import { formatTime } from './format-time.ts';
import type { Snapshot } from '../namespace/snapshots.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Vector } from './batch-times.ts';
import { checkName } from './path.ts';
import type { VaultParts } from './vault.ts';

/** At least so many digits of an id stand for it. */
const idDigitsMin = 4;
/** Every device keeps all of them in memory. */
const snapshotsMax = 10_000;

/** Why a part of what a snapshot stands for cannot be shown. */
export interface Gap {
  readonly journal: JournalId;
  readonly batches: number;
  readonly state: 'missing' | 'no-key';
}

/** What this device has of the journals. */
export interface Reach {
  /** In the tree. */
  readonly applied: Vector;
  /** In the store. */
  readonly stored: (journal: JournalId) => number;
  /** Whether the batch after the last one in the tree is here and cannot be read. */
  readonly isUnreadable: (journal: JournalId) => boolean;
}

/**
 * Takes a snapshot of the tree as it is.
 * @param name empty: the present time
 * @throws VaultError `exists`, `name-invalid`, `name-too-long`, `too-large`, `read-only`, `no-key`
 */
export async function takeSnapshot(
  parts: Pick<VaultParts, 'publisher' | 'tree' | 'random' | 'clock'>,
  name: string,
): Promise<Snapshot> {
  const chosen = name === '' ? formatTime(parts.clock.nowMs()) : name;
  checkName(Buffer.from(chosen));
  const id = parts.random.bytes(16).toString('hex');
  await parts.publisher.publish({
    keys: [`snapshot ${chosen}`],
    build(tree) {
      checkFree(tree, chosen);
      const vector = [...tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
      return { ops: [{ type: 'take-snapshot', id, name: chosen, vector }] };
    },
  });
  return findSnapshot(parts.tree, id);
}

/** @throws VaultError `exists`, `too-large` */
function checkFree(tree: Tree, name: string): void {
  const snapshots = tree.snapshots();
  if (snapshots.some((each) => each.name === name)) {
    throw new VaultError('exists', {
      op: 'vault.takeSnapshot',
      subject: `snapshot ${name}`,
      next: 'choose another name, or let that one go with vault snapshot rm',
    });
  }
  if (snapshots.length >= snapshotsMax) {
    throw new VaultError('too-large', {
      op: 'vault.takeSnapshot',
      subject: 'snapshots',
      detail: `there are ${String(snapshots.length)}`,
      next: 'let some of them go with vault snapshot rm',
    });
  }
  if (tree.vector().size > journalLimits.seenMax) {
    throw new VaultError('too-large', {
      op: 'vault.takeSnapshot',
      subject: 'the vault',
      detail: `it has more than ${String(journalLimits.seenMax)} journals`,
      next: 'use --at with a time',
    });
  }
}

/**
 * Lets a snapshot go, on every device.
 * @returns what it was
 * @throws VaultError `not-found`, `conflict` when several are called so, `read-only`, `no-key`
 */
export async function dropSnapshot(
  { publisher, tree }: Pick<VaultParts, 'publisher' | 'tree'>,
  text: string,
): Promise<Snapshot> {
  const snapshot = findSnapshot(tree, text);
  await publisher.publish({
    keys: [`snapshot ${snapshot.name}`],
    build: () => ({ ops: [{ type: 'drop-snapshot', id: snapshot.id }] }),
  });
  return snapshot;
}

/**
 * The snapshot of this name, or whose id begins so.
 * @throws VaultError `not-found`, `conflict`
 */
export function findSnapshot(tree: Tree, text: string): Snapshot {
  const found = snapshotsCalled(tree, text);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) {
    throw new VaultError('not-found', {
      op: 'vault.findSnapshot',
      subject: `snapshot ${text}`,
      detail: 'no snapshot is called so',
      next: 'vault snapshot list shows them',
    });
  }
  throw new VaultError('conflict', {
    op: 'vault.findSnapshot',
    subject: `snapshot ${text}`,
    detail: `${String(found.length)} snapshots are called so`,
    next: `name it by its id: ${found.map(({ id }) => id.slice(0, 8)).join(', ')}`,
  });
}

/** By name, else by the beginning of the id. */
export function snapshotsCalled(tree: Tree, text: string): readonly Snapshot[] {
  const all = tree.snapshots();
  const named = all.filter(({ name }) => name === text);
  if (named.length > 0 || text.length < idDigitsMin) return named;
  const digits = text.toLowerCase();
  return all.filter(({ id }) => id.startsWith(digits));
}

/** What a snapshot stands for and this device cannot show; batches that do not count are no gap. */
export function gapsOf({ vector }: Snapshot, reach: Reach): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const [journal, sequence] of vector) {
    const stored = reach.stored(journal);
    const applied = reach.applied.get(journal) ?? 0;
    if (stored < sequence) {
      gaps.push({ journal, batches: sequence - stored, state: 'missing' });
    } else if (applied < sequence && reach.isUnreadable(journal)) {
      gaps.push({ journal, batches: sequence - applied, state: 'no-key' });
    }
  }
  return gaps;
}

/** Gaps for people: how many batches of whom. */
export function describeGaps(
  gaps: readonly Gap[],
  nameOf: (device: ReturnType<typeof splitJournalId>['device']) => string,
): string {
  return gaps
    .map(({ journal, batches, state }) => {
      const name = nameOf(splitJournalId(journal).device);
      const count = `${String(batches)} ${batches === 1 ? 'batch' : 'batches'} of changes by ${name}`;
      return state === 'missing' ? `${count} are not here` : `${count} cannot be read here`;
    })
    .join(', ');
}
