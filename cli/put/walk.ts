/**
 * Walks a local tree, parents before their children, and remembers only the way from the root: a
 * directory of a million files costs no memory. The calls are synchronous, because each takes some
 * microseconds and would take ten times as long through the thread pool.
 */
import { lstatSync, opendirSync, readlinkSync } from 'node:fs';
import type { BigIntStats, Dir } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { names } from '../../protocol/limits.ts';
import { joinPath } from '../output/entry-row.ts';
import { kindOf, sourceItem } from './source-item.ts';
import type { SourceItem } from './source-item.ts';
import { localError } from '../local/local-error.ts';

interface OpenDirectory {
  readonly handle: Dir;
  readonly file: Buffer;
  /** From the root of the walk. */
  readonly path: Buffer;
}

/** Something that was found, before anything of it is read. */
export interface FoundItem {
  /** From the root of the walk; empty: the root. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

const op = 'cli.put';

/**
 * @param root is not followed when it is a symbolic link
 * @param warn gets what cannot be read and is left out
 * @param accepts whether to take something in; of a directory, with all that is below it
 */
export function* walk(
  root: Buffer,
  warn: (error: VaultError) => void,
  accepts: (found: FoundItem) => boolean = () => true,
): Generator<SourceItem, undefined> {
  const open: OpenDirectory[] = [];
  try {
    yield* visit({ file: root, path: Buffer.alloc(0) }, open, { warn, accepts });
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const name = nextName(top, warn);
      if (name === undefined) {
        open.pop();
        top.handle.closeSync();
      } else {
        const place = { file: joinPath(top.file, name), path: joinPath(top.path, name) };
        yield* visit(place, open, { warn, accepts });
      }
    }
    return undefined;
  } finally {
    for (const each of open) each.handle.closeSync();
  }
}

function* visit(
  place: { readonly file: Buffer; readonly path: Buffer },
  open: OpenDirectory[],
  {
    warn,
    accepts,
  }: {
    readonly warn: (error: VaultError) => void;
    readonly accepts: (found: FoundItem) => boolean;
  },
): Generator<SourceItem, undefined> {
  try {
    const stats = lstatSync(place.file, { bigint: true });
    if (!accepts({ path: place.path, stats })) return undefined;
    const kind = kindOf(stats);
    if (kind === undefined) {
      throw new VaultError('not-supported', {
        op,
        subject: place.file.toString(),
        detail: 'neither a file, a directory nor a symbolic link: skipped',
        next: 'what is in it can be stored from standard input: vault put - NAME',
      });
    }
    if (place.path.length > names.pathBytesMax || open.length > names.depthMax) {
      throw new VaultError('name-too-long', {
        op,
        subject: place.file.toString(),
        detail: `at most ${String(names.pathBytesMax)} bytes and ${String(names.depthMax)} levels`,
        next: 'store a directory further down by itself',
      });
    }
    if (kind === 'directory') {
      // Opened before it is offered: one that cannot be read is left out, and so is its content.
      const handle = opendirSync(place.file, { encoding: 'buffer' as BufferEncoding });
      open.push({ handle, ...place });
    }
    const target = kind === 'symlink' ? readlinkSync(place.file, 'buffer') : undefined;
    yield sourceItem(stats, kind, { ...place, target });
  } catch (error) {
    if (place.path.length === 0) throw localError(op, place.file, error);
    warn(localError(op, place.file, error));
  }
  return undefined;
}

function nextName(directory: OpenDirectory, warn: (error: VaultError) => void): Buffer | undefined {
  try {
    // With the encoding "buffer" names are Buffers, which the types do not know.
    return directory.handle.readSync()?.name as Buffer | undefined;
  } catch (error) {
    warn(localError(op, directory.file, error));
    return undefined;
  }
}
