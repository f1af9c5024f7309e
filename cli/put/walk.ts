/**
 * Walks a local tree, parents before their children, and remembers only the way from the root: a
 * directory of a million files costs no memory. The calls are synchronous, because each takes some
 * microseconds and would take ten times as long through the thread pool.
 */
import { lstatSync, opendirSync, readlinkSync } from 'node:fs';
import type { Dir } from 'node:fs';
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

const op = 'cli.put';

/**
 * @param root is not followed when it is a symbolic link
 * @param warn gets what cannot be read and is left out
 */
export function* walk(
  root: Buffer,
  warn: (error: VaultError) => void,
): Generator<SourceItem, undefined> {
  const open: OpenDirectory[] = [];
  try {
    yield* visit({ file: root, path: Buffer.alloc(0) }, open, warn);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const name = nextName(top, warn);
      if (name === undefined) {
        open.pop();
        top.handle.closeSync();
      } else {
        const place = { file: joinPath(top.file, name), path: joinPath(top.path, name) };
        yield* visit(place, open, warn);
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
  warn: (error: VaultError) => void,
): Generator<SourceItem, undefined> {
  try {
    const stats = lstatSync(place.file, { bigint: true });
    const kind = kindOf(stats);
    if (kind === undefined) {
      throw new VaultError('not-supported', {
        op,
        subject: place.file.toString(),
        detail: 'neither a file, a directory nor a symbolic link: skipped',
      });
    }
    if (place.path.length > names.pathBytesMax || open.length > names.depthMax) {
      throw new VaultError('name-too-long', { op, subject: place.file.toString() });
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
