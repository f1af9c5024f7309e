/**
 * The local tree that is imported: what of it is taken in, and what there is to say about the rest.
 */
import { readFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { localError } from '../local/local-error.ts';
import { joinPath } from '../output/entry-row.ts';
import type { SourceItem } from '../put/source-item.ts';
import { walk } from '../put/walk.ts';
import type { FoundItem } from '../put/walk.ts';
import { createIgnoreRules, ignoreFileName } from './ignore-rules.ts';

const op = 'cli.import';
const ignoreFileBytesMax = 1024 * 1024;

export interface SourceTree {
  readonly root: Buffer;
  /** How many files and directories were left out on purpose. */
  readonly ignored: number;
  /** Names of files that have other names too. */
  readonly hardLinks: number;
  /** All that is to be stored, parents before their children. */
  items(): Generator<SourceItem, undefined>;
  /** Whether something is taken in, without counting it. */
  accepts(found: FoundItem): boolean;
}

export interface SourceTreeOptions {
  /** Absolute, without symbolic links. */
  readonly root: Buffer;
  readonly excludes: readonly string[];
  /** Local files of patterns. */
  readonly ignoreFiles: readonly string[];
  /** Gets what cannot be read. */
  readonly warn: (error: VaultError) => void;
  /** Hears of what is left out on purpose. */
  readonly onIgnored?: ((path: Buffer, stats: BigIntStats) => void) | undefined;
}

/** @throws VaultError when a file of patterns that was named cannot be read */
export function openSourceTree(options: SourceTreeOptions): SourceTree {
  const { root, excludes, warn } = options;
  const texts = options.ignoreFiles.map((file) => readPatterns(Buffer.from(file)) ?? missing(file));
  const tree = { ignored: 0, hardLinks: 0 };

  function rulesWith(onUnreadable: (error: VaultError) => void) {
    return createIgnoreRules({
      excludes,
      texts,
      readIn(directory) {
        try {
          return readPatterns(joinPath(joinPath(root, directory), ignoreFileName));
        } catch (error) {
          onUnreadable(localError(op, directory, error));
          return undefined;
        }
      },
    });
  }

  function acceptsBy(rules: ReturnType<typeof rulesWith>) {
    return ({ path, stats }: FoundItem): boolean =>
      path.length === 0 || !rules.ignores(path, stats.isDirectory());
  }

  return {
    root,
    get ignored() {
      return tree.ignored;
    },
    get hardLinks() {
      return tree.hardLinks;
    },
    items() {
      const accepts = acceptsBy(rulesWith(warn));
      return walk(root, warn, (found) => {
        const isAccepted = accepts(found);
        if (!isAccepted) {
          tree.ignored += 1;
          options.onIgnored?.(found.path, found.stats);
        } else if (found.stats.isFile() && found.stats.nlink > 1n) tree.hardLinks += 1;
        return isAccepted;
      });
    },
    accepts: acceptsBy(rulesWith(() => undefined)),
  };
}

/** The text of a file of patterns; undefined when there is none. */
function readPatterns(file: Buffer): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw localError(op, file, error);
  }
  if (bytes.length > ignoreFileBytesMax) {
    throw new VaultError('too-large', {
      op,
      subject: file.toString(),
      detail: 'it should hold patterns',
      next: 'name a file with one pattern a line',
    });
  }
  return bytes.toString();
}

function missing(file: string): never {
  throw new VaultError('not-found', {
    op,
    subject: file,
    next: 'name a file with one pattern a line',
  });
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
