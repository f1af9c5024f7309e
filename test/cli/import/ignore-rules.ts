import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { createIgnoreRules } from '../../../cli/import/ignore-rules.ts';
import { walk } from '../../../cli/put/walk.ts';
import { Dice } from '../../helpers/dice.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

interface Patterns {
  readonly excludes?: readonly string[];
  /** Texts of files that were named. */
  readonly texts?: readonly string[];
  /** By directory, `''` for the root. */
  readonly files?: Readonly<Record<string, string>>;
}

function rulesOf({ excludes = [], texts = [], files = {} }: Patterns) {
  return createIgnoreRules({ excludes, texts, readIn: (directory) => files[directory.toString()] });
}

/** Which of the paths are taken in; a directory ends in a slash, and comes before what is in it. */
function takenIn(patterns: Patterns, paths: readonly string[]): string[] {
  const rules = rulesOf(patterns);
  const leftOut: string[] = [];
  return paths.filter((path) => {
    if (leftOut.some((above) => path.startsWith(above))) return false;
    const isDirectory = path.endsWith('/');
    const ignored = rules.ignores(Buffer.from(path.replace(/\/$/, '')), isDirectory);
    if (ignored && isDirectory) leftOut.push(path);
    return !ignored;
  });
}

test('names, places, directories only, and taking back in', (t) => {
  const paths = [
    'a.o',
    'keep.o',
    'build/',
    'build/x',
    'src/',
    'src/a.o',
    'src/build',
    'top',
    'src/top',
  ];
  const files = { '': '*.o\n!keep.o\nbuild/\n/top\n# a comment\n\n' };
  t.deepEqual(takenIn({ files }, paths), ['keep.o', 'src/', 'src/build', 'src/top']);
});

test('the nearest file decides, and takes back in what one above leaves out', (t) => {
  const files = { '': '*.log\nbuild/\n', sub: '!build/\n!keep.log\n', 'sub/build': '*.tmp\n' };
  const paths = [
    'a.log',
    'build/',
    'sub/',
    'sub/keep.log',
    'sub/a.log',
    'sub/build/',
    'sub/build/x',
    'sub/build/a.log',
    'sub/build/a.tmp',
  ];
  t.deepEqual(takenIn({ files }, paths), ['sub/', 'sub/keep.log', 'sub/build/', 'sub/build/x']);
});

test('patterns of the command line come first, those of named files last', (t) => {
  const paths = ['a', 'b', 'c', 'd'];
  const files = { '': 'b\n!c\n' };
  t.deepEqual(takenIn({ excludes: ['a', '!b'], texts: ['c\nd'], files }, paths), ['b', 'c']);
  t.deepEqual(takenIn({ texts: ['a', '!a'] }, ['a']), ['a'], 'a later file before an earlier one');
});

test('letters in two cases are two names, and names of dots are names', (t) => {
  t.deepEqual(takenIn({ excludes: ['README'] }, ['README', 'readme']), ['readme']);
  t.deepEqual(takenIn({ excludes: ['*.o'] }, ['...', '..a', '.o']), ['...', '..a']);
});

test('a directory is asked for its patterns once, and only when something in it is asked about', (t) => {
  const asked: string[] = [];
  const rules = createIgnoreRules({
    excludes: [],
    texts: [],
    readIn(directory) {
      asked.push(directory.toString());
      return undefined;
    },
  });
  for (const path of ['a', 'b', 'd/x', 'd/y', 'd/e/z', 'f'])
    rules.ignores(Buffer.from(path), false);
  t.deepEqual(asked, ['', 'd', 'd/e']);
});

const patternParts = [
  'a',
  'b',
  '*',
  '*.x',
  'a/',
  'b/',
  '/a',
  '/b/',
  'a/b',
  '**/b',
  'a/**',
  '?',
  '[ab]',
  'a/*',
  '/*.x',
];
const names = ['a', 'b', 'c', 'a.x', 'b.x'];

function randomPatterns(dice: Dice): string {
  const lines = Array.from({ length: dice.between(1, 3) }, () => {
    const sign = dice.chance(0.35) ? '!' : '';
    return sign + dice.pick(patternParts);
  });
  return `${lines.join('\n')}\n`;
}

test('in random trees it takes in exactly what git would', async (t) => {
  const hasGit = spawnSync('git', ['--version']).status === 0;
  if (!hasGit) {
    t.log('git is not installed: nothing to compare with');
    t.pass();
    return;
  }
  for (let seed = 1; seed <= 60; seed += 1) {
    const dice = new Dice(seed);
    const root = join(await temporaryDirectory(t), 'tree');
    mkdirSync(root);
    makeTree(root, dice);
    const excludes = dice.chance(0.4) ? randomPatterns(dice).trim().split('\n') : [];
    const named = dice.chance(0.4) ? randomPatterns(dice) : undefined;
    const own = takenInOf(root, { excludes, texts: named === undefined ? [] : [named] });
    const theirs = takenInByGit(root, excludes, named);
    t.deepEqual(own, theirs, `seed ${String(seed)}`);
  }
});

function makeTree(root: string, dice: Dice): void {
  const directories = [''];
  for (let at = 0; at < 5; at += 1) {
    const directory = join(dice.pick(directories), dice.pick(['a', 'b', 'c']));
    directories.push(directory);
    mkdirSync(join(root, directory), { recursive: true });
  }
  for (const directory of new Set(directories)) {
    for (const name of names) {
      const path = join(root, directory, name);
      if (dice.chance(0.5) && !directories.includes(join(directory, name))) writeFileSync(path, '');
    }
    if (dice.chance(0.5))
      writeFileSync(join(root, directory, '.vaultignore'), randomPatterns(dice));
  }
}

function takenInOf(root: string, patterns: { excludes: string[]; texts: string[] }): string[] {
  const rules = createIgnoreRules({
    ...patterns,
    readIn(directory) {
      try {
        return readFileSync(join(root, directory.toString(), '.vaultignore'), 'utf8');
      } catch {
        return undefined;
      }
    },
  });
  const taken: string[] = [];
  const accepts = ({ path, stats }: { path: Buffer; stats: { isDirectory(): boolean } }): boolean =>
    path.length === 0 || !rules.ignores(path, stats.isDirectory());
  for (const item of walk(Buffer.from(root), () => undefined, accepts)) {
    if (item.kind === 'file') taken.push(item.path.toString());
  }
  return taken.sort();
}

function takenInByGit(
  root: string,
  excludes: readonly string[],
  named: string | undefined,
): string[] {
  const run = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const gitDirectory = `${root}.git`;
  const place = ['--git-dir', gitDirectory, '--work-tree', root];
  run('init', '--quiet', '--bare', gitDirectory);
  const more = excludes.map((pattern) => `--exclude=${pattern}`);
  if (named !== undefined) {
    const file = join(dirname(root), 'named-patterns');
    writeFileSync(file, named);
    more.push(`--exclude-from=${file}`);
  }
  const options = ['-c', 'core.excludesFile=', ...place, 'ls-files', '--others', '-z'];
  return run(...options, '--exclude-per-directory=.vaultignore', ...more)
    .split('\0')
    .filter((path) => path !== '')
    .sort();
}
