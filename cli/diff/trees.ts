/** Two directories with all that is below them: what is only in one, and what is not the same. */
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { joinPath } from '../output/entry-row.ts';
import { haveSameBytes } from './contents.ts';
import type { Side } from './sides.ts';

export interface TreeDifference {
  readonly type: 'added' | 'removed' | 'changed';
  /** Below both directories. */
  readonly path: Buffer;
  readonly kind: Entry['kind'];
  readonly sizeBefore: number | undefined;
  readonly sizeAfter: number | undefined;
}

/** By path. */
export async function* compareTrees(a: Side, b: Side): AsyncGenerator<TreeDifference> {
  const [before, after] = [await entriesOf(a), await entriesOf(b)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  for (const name of names) {
    const [old, now] = [before.get(name), after.get(name)];
    const path = Buffer.from(name, 'latin1');
    const sizes = { sizeBefore: old?.size, sizeAfter: now?.size };
    if (old === undefined) yield { type: 'added', path, kind: now?.kind ?? 'file', ...sizes };
    else if (now === undefined) yield { type: 'removed', path, kind: old.kind, ...sizes };
    else if (!(await isSame(below(a, old), below(b, now)))) {
      yield { type: 'changed', path, kind: now.kind, ...sizes };
    }
  }
}

/** Whether two entries that are no directories hold the same. */
export async function isSame(a: Side, b: Side): Promise<boolean> {
  const { kind, target } = a.entry;
  if (kind !== b.entry.kind) return false;
  if (kind === 'directory') return true;
  if (kind === 'symlink') return target?.equals(b.entry.target ?? Buffer.alloc(0)) === true;
  return haveSameBytes(a, b);
}

/** Names as latin1: one character a byte, sorted as bytes. */
async function entriesOf({ client, path }: Side): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const page of client.list({ path, recursive: true })) {
    for (const entry of page) entries.set(entry.path.toString('latin1'), entry);
  }
  return entries;
}

function below(side: Side, entry: Entry): Side {
  return { ...side, path: joinPath(side.path, entry.path), version: undefined, entry };
}
