/**
 * Walks a local tree, parents before their children, and remembers only the way from the root: a
 * directory of a million files costs little memory. The calls are synchronous, because each takes some
 * microseconds and would take ten times as long through the thread pool. Names are bytes; here they are
 * strings with a character a byte (latin1), which cost a fifth of what a Buffer each does.
 */
import { lstatSync, opendirSync, readdirSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { MiB, names } from '../../protocol/limits.ts';
import { kindOf, sourceItem } from './source-item.ts';
import type { SourceItem } from './source-item.ts';
import { localError } from '../local/local-error.ts';

interface OpenDirectory {
  readonly file: Buffer;
  /** What stands before a name in it. */
  readonly front: string;
  readonly names: Names;
}

/** Names in a directory, latin1. */
interface Names {
  /** @throws what the system says */
  next(): string | undefined;
  close(): void;
}

/** What a walk leaves out, and whom it tells. */
interface WalkRules {
  readonly warn: (error: VaultError) => void;
  readonly accepts: (found: FoundItem) => boolean;
}

/** Something that was found, before anything of it is read. */
export interface FoundItem {
  /** From the root of the walk; empty: the root. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

const op = 'cli.put';
/** The names of a directory that says that it is no larger come all at once. */
const wholeDirectoryBytesMax = 1n * BigInt(MiB);
/** Of a larger one, so many at a time. */
const namesAtOnce = 1024;

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
  const rules = { warn, accepts };
  // Of a file below the root, what is behind the root and a slash.
  const pathStart = root.length + 1;
  try {
    const first = visit({ file: root, path: Buffer.alloc(0) }, open, rules);
    if (first !== undefined) yield first;
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const name = nextName(top, warn);
      if (name === undefined) {
        open.pop();
        top.names.close();
        continue;
      }
      const file = Buffer.from(top.front + name, 'latin1');
      const item = visit({ file, path: file.subarray(pathStart) }, open, rules);
      if (item !== undefined) yield item;
    }
    return undefined;
  } finally {
    for (const each of open) each.names.close();
  }
}

function visit(
  place: { readonly file: Buffer; readonly path: Buffer },
  open: OpenDirectory[],
  { warn, accepts }: WalkRules,
): SourceItem | undefined {
  const { file, path } = place;
  try {
    const stats = lstatSync(file, { bigint: true });
    if (!accepts({ path, stats })) return undefined;
    const kind = kindOf(stats);
    if (kind === undefined) {
      throw new VaultError('not-supported', {
        op,
        subject: file.toString(),
        detail: 'neither a file, a directory nor a symbolic link: skipped',
        next: 'what is in it can be stored from standard input: vault put - NAME',
      });
    }
    if (path.length > names.pathBytesMax || open.length > names.depthMax) {
      throw new VaultError('name-too-long', {
        op,
        subject: file.toString(),
        detail: `at most ${String(names.pathBytesMax)} bytes and ${String(names.depthMax)} levels`,
        next: 'store a directory further down by itself',
      });
    }
    if (kind === 'directory') {
      // Opened before it is offered: one that cannot be read is left out, and so is its content.
      open.push({ file, front: `${file.toString('latin1')}/`, names: namesIn(file, stats.size) });
    }
    const target = kind === 'symlink' ? readlinkSync(file, 'buffer') : undefined;
    return sourceItem(stats, kind, { file, path, target });
  } catch (error) {
    if (path.length === 0) throw localError(op, file, error);
    warn(localError(op, file, error));
    return undefined;
  }
}

function namesIn(directory: Buffer, bytes: bigint): Names {
  if (bytes <= wholeDirectoryBytesMax) {
    const all = readdirSync(directory, 'latin1');
    let at = 0;
    return { next: () => all[at++], close: () => undefined };
  }
  // Where the file system does not tell of what kind a name is, Node joins it to the path, which is a Buffer:
  // then it has to be one too. The types do not know of that encoding.
  const encoding = 'buffer' as BufferEncoding;
  const handle = opendirSync(directory, { encoding, bufferSize: namesAtOnce });
  return {
    next: () => (handle.readSync()?.name as Buffer | undefined)?.toString('latin1'),
    close: () => {
      handle.closeSync();
    },
  };
}

function nextName(directory: OpenDirectory, warn: (error: VaultError) => void): string | undefined {
  try {
    return directory.names.next();
  } catch (error) {
    warn(localError(op, directory.file, error));
    return undefined;
  }
}
