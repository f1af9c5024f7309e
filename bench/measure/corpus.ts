/** The files that are stored: random bytes, so that nobody gains by compressing or by repetition. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './programs.ts';
import type { Corpus, Sizes, SmallFolder } from './row.ts';

const pieceBytes = 4 * 1024 * 1024;
const smallest = 100;
const largest = 16_384;
const filesInDirectory = 100;
const packageRoot = join(import.meta.dirname, '..', '..');

export function createCorpus(directory: string, sizes: Sizes): Corpus {
  let large: Promise<string> | undefined;
  let small: Promise<SmallFolder> | undefined;
  let tree: Promise<string> | undefined;
  let wide: Promise<string> | undefined;
  return {
    large: () => (large ??= makeLarge(join(directory, 'large'), sizes.largeBytes)),
    small: () => (small ??= makeSmall(join(directory, 'small'), sizes.smallFiles)),
    tree: () => (tree ??= makeTree(join(directory, 'tree'), sizes.treeFiles)),
    wide: () => (wide ??= makeTree(join(directory, 'wide'), sizes.wideFiles, sizes.wideFiles)),
  };
}

async function makeLarge(path: string, bytes: number): Promise<string> {
  const file = await open(path, 'wx');
  try {
    for await (const piece of randomPieces(bytes)) await file.writeFile(piece);
  } finally {
    await file.close();
  }
  return path;
}

/** So many random bytes, each piece different from the others. */
export async function* randomPieces(bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= pieceBytes) {
    yield await new Promise<Buffer>((resolve, reject) => {
      randomBytes(Math.min(left, pieceBytes), (error, piece) => {
        if (error === null) resolve(piece);
        else reject(error);
      });
    });
  }
}

async function makeSmall(path: string, files: number): Promise<SmallFolder> {
  let bytes = 0;
  for (let number = 0; number < files; number++) {
    const directory = join(path, `directory-${String(Math.floor(number / filesInDirectory))}`);
    if (number % filesInDirectory === 0) await mkdir(directory, { recursive: true });
    const size = sizeOf(number);
    await writeFile(join(directory, `file-${String(number)}`), randomBytes(size));
    bytes += size;
  }
  return { path, files, bytes };
}

async function makeTree(directory: string, files: number, inBig?: number): Promise<string> {
  const home = join(directory, 'a');
  await mkdir(directory);
  const words = ['init', '--home', home, '--recovery-file', join(directory, 'words')];
  await runProgram([join(packageRoot, 'bin', 'vaultd'), ...words]);
  await fillTree(home, files, inBig);
  return directory;
}

/** Gives the vault of a home that no agent runs in so many files more, `inBig` of them in one directory. */
export async function fillTree(home: string, files: number, inBig?: number): Promise<void> {
  const program = join(packageRoot, 'bench', 'peers', 'tree-home.ts');
  const counts = [files, ...(inBig === undefined ? [] : [inBig])].map(String);
  await runProgram([process.execPath, program, home, ...counts]);
}

/** The same sizes in every run, spread evenly: multiples of the golden ratio, modulo one. */
function sizeOf(number: number): number {
  return smallest + Math.floor(((number * 0.6180339887498949) % 1) * (largest - smallest + 1));
}
