/**
 * Whether a directory is safe to keep keys in. Whoever may write to any directory of the path can put
 * another home, or another socket, in its place; so the whole path counts, from the root down.
 */
import { VaultError } from '../../protocol/errors.ts';

/** What the file system says about one directory of the path. */
export interface DirectoryFacts {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits with the sticky bit. */
  readonly mode: number;
}

export interface UserFacts {
  readonly uid: number;
  /** Primary group; alone in it on systems where every user has a group of his own. */
  readonly gid: number;
}

const sticky = 0o1000;
const groupWritable = 0o020;
const othersWritable = 0o002;

/**
 * Checks a home and every directory above it.
 * @param chain from the root to the home itself, without symbolic links
 * @throws VaultError `home-invalid`: which directory, why, and the command that mends it
 */
export function checkHomeChain(chain: readonly DirectoryFacts[], user: UserFacts): void {
  checkPlaceChain(chain.slice(0, -1), user);
  for (const home of chain.slice(-1)) checkHome(home, user);
}

/**
 * Checks the directories above a file whose own mode guards it, such as a socket: nobody else may
 * replace it. A sticky directory (/tmp) will do.
 * @throws VaultError `home-invalid`
 */
export function checkPlaceChain(chain: readonly DirectoryFacts[], user: UserFacts): void {
  for (const directory of chain) checkAbove(directory, user);
}

function checkHome(home: DirectoryFacts, user: UserFacts): void {
  if (!home.isDirectory) refuse(home, 'it is not a directory', 'choose another path');
  if (home.uid !== user.uid) {
    refuse(home, 'it belongs to another user', 'run as its owner, or choose another --home');
  }
  if ((home.mode & (groupWritable | othersWritable)) !== 0) {
    refuse(home, 'others may write to it', `chmod 700 ${home.path}`);
  }
}

function checkAbove(directory: DirectoryFacts, user: UserFacts): void {
  if (!directory.isDirectory) refuse(directory, 'it is not a directory', 'choose another path');
  if (directory.uid !== 0 && directory.uid !== user.uid) {
    refuse(
      directory,
      'it belongs to another user',
      'choose a --home below directories of your own',
    );
  }
  // In a sticky directory (/tmp) nobody renames what belongs to somebody else.
  if ((directory.mode & sticky) !== 0) return;
  const foreignGroup = (directory.mode & groupWritable) !== 0 && directory.gid !== user.gid;
  if (foreignGroup || (directory.mode & othersWritable) !== 0) {
    refuse(directory, 'others may write to it', `chmod go-w ${directory.path}`);
  }
}

function refuse(directory: DirectoryFacts, detail: string, next: string): never {
  throw new VaultError('home-invalid', { op: 'home.open', subject: directory.path, detail, next });
}
