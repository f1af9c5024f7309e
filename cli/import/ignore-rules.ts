/**
 * What is left out of an import, by patterns in the syntax of .gitignore. As with git, patterns of the
 * command line come first, then the files in the tree, the nearest directory first, then the files that
 * were named; the first that says something decides. The patterns themselves are the business of the
 * package `ignore`.
 */
import ignore from 'ignore';

/** Where patterns stand in the tree. */
export const ignoreFileName = Buffer.from('.vaultignore');

const slash = 0x2f;
const askedMax = 10_000;

export interface IgnoreOptions {
  /** Of the command line. */
  readonly excludes: readonly string[];
  /** Texts of files that were named there; a later one comes first. */
  readonly texts: readonly string[];
  /** The text of the file of patterns in a directory of the tree; undefined: it has none. */
  readonly readIn: (directory: Buffer) => string | undefined;
}

export interface IgnoreRules {
  /**
   * Whether to leave something out. A directory is asked about before what is in it, and what is in one
   * that is left out is not asked about at all.
   * @param path from the root of the tree; not empty
   */
  ignores(path: Buffer, isDirectory: boolean): boolean;
}

export function createIgnoreRules({ excludes, texts, readIn }: IgnoreOptions): IgnoreRules {
  const first = excludes.length === 0 ? [] : [createLayer(Buffer.alloc(0), excludes.join('\n'))];
  const last = texts.map((text) => createLayer(Buffer.alloc(0), text)).reverse();
  /** From the root to the directory that was asked about last. */
  let open: { readonly directory: Buffer; readonly layer: Layer | undefined }[] = [];

  function enter(directory: Buffer): void {
    open = open.filter((each) => isWithin(directory, each.directory));
    const known = open.at(-1)?.directory;
    if (known?.equals(directory) === true) return;
    for (const each of wayTo(directory, known)) {
      const text = readIn(each);
      const layer = text === undefined ? undefined : createLayer(each, text);
      open.push({ directory: each, layer });
    }
  }

  return {
    ignores(path, isDirectory) {
      enter(parentOf(path));
      const inTree = open.flatMap(({ layer }) => layer ?? []).reverse();
      for (const layer of [...first, ...inTree, ...last]) {
        const verdict = layer.verdict(path, isDirectory);
        if (verdict !== undefined) return verdict;
      }
      return false;
    },
  };
}

/** The patterns of one place. */
interface Layer {
  /** undefined: they say nothing about it. */
  verdict(path: Buffer, isDirectory: boolean): boolean | undefined;
}

/** @param base the directory that they are relative to */
function createLayer(base: Buffer, text: string): Layer {
  const all = createPatterns(text);
  const single = text.split(/\r?\n/).flatMap(singlePattern);
  const skip = base.length === 0 ? 0 : base.length + 1;
  return {
    verdict(path, isDirectory) {
      const relative = path.subarray(skip).toString();
      const name = isDirectory ? `${relative}/` : relative;
      const cut = relative.lastIndexOf('/');
      const isPassed = cut >= 0 && all.test(`${relative.slice(0, cut)}/`).ignored;
      // Somebody else took the directory back in: it counts no more that these patterns leave it out.
      if (isPassed) return verdictOfOwn(single, name, cut + 1);
      const { ignored, unignored } = all.test(name);
      return ignored || unignored ? ignored : undefined;
    },
  };
}

/** The package remembers every path that it was asked about: it starts anew before that is much. */
function createPatterns(text: string): Pick<ignore.Ignore, 'test'> {
  const create = (): ignore.Ignore =>
    ignore({ ignorecase: false, allowRelativePaths: true }).add(text);
  let patterns = create();
  let asked = 0;
  return {
    test(path) {
      asked += 1;
      if (asked % askedMax === 0) patterns = create();
      return patterns.test(path);
    },
  };
}

interface SinglePattern {
  readonly isNegative: boolean;
  /** Holds a slash before its end: it means a place, not a name. */
  readonly isPlace: boolean;
  /** Means all that is below a place. */
  readonly isDeep: boolean;
  readonly matches: (path: string) => boolean;
}

function singlePattern(line: string): readonly SinglePattern[] {
  if (line.trim() === '' || line.startsWith('#')) return [];
  const isNegative = line.startsWith('!');
  const body = isNegative ? line.slice(1) : line;
  const rule = createPatterns(body);
  const isPlace = body.replace(/^\*\*\/|\/$/g, '').includes('/');
  const isDeep = body.endsWith('/**');
  return [{ isNegative, isPlace, isDeep, matches: (path) => rule.test(path).ignored }];
}

/** What patterns say of a path itself, whatever they say of the directories above it. */
function verdictOfOwn(
  patterns: readonly SinglePattern[],
  path: string,
  nameStart: number,
): boolean | undefined {
  const above = path.slice(0, nameStart);
  const last = patterns.findLast(({ isPlace, isDeep, matches }) =>
    isPlace ? matches(path) && (isDeep || !matches(above)) : matches(path.slice(nameStart)),
  );
  return last === undefined ? undefined : !last.isNegative;
}

/** Directories below `known` down to `directory`, the upper ones first; from the root without `known`. */
function wayTo(directory: Buffer, known: Buffer | undefined): readonly Buffer[] {
  const way: Buffer[] = [];
  for (let at = directory; known?.equals(at) !== true; at = parentOf(at)) {
    way.unshift(at);
    if (at.length === 0) break;
  }
  return way;
}

function parentOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(0, path.lastIndexOf(slash)));
}

function isWithin(path: Buffer, directory: Buffer): boolean {
  if (directory.length === 0) return true;
  if (!path.subarray(0, directory.length).equals(directory)) return false;
  return path.length === directory.length || path[directory.length] === slash;
}
