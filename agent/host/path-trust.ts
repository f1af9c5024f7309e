/** The rules of `home/trust.ts` on real directories. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, parse } from 'node:path';
import { checkHomeChain, checkPlaceChain } from '../home/trust.ts';
import type { DirectoryFacts, UserFacts } from '../home/trust.ts';

/**
 * Checks a home and everything above it.
 * @param path without symbolic links
 * @throws VaultError `home-invalid`
 */
export async function checkHomePath(path: string): Promise<void> {
  checkHomeChain(await factsOf(path), currentUser());
}

/**
 * Checks the directories above a file with a mode of its own.
 * @throws VaultError `home-invalid`
 */
export async function checkPlacePath(file: string): Promise<void> {
  checkPlaceChain(await factsOf(await realpath(dirname(file))), currentUser());
}

/** The user that this process acts as. */
export function currentUser(): UserFacts {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

async function factsOf(path: string): Promise<DirectoryFacts[]> {
  const facts: DirectoryFacts[] = [];
  for (const directory of chainOf(path)) {
    const found = await lstat(directory);
    facts.push({
      path: directory,
      isDirectory: found.isDirectory(),
      uid: found.uid,
      gid: found.gid,
      mode: found.mode & 0o7777,
    });
  }
  return facts;
}

/** From the root to the path itself. */
function chainOf(path: string): string[] {
  const chain = [path];
  for (let at = path; at !== parse(path).root; at = dirname(at)) chain.unshift(dirname(at));
  return chain;
}
