/** Paths, as the library passes them, to inodes. Whoever works on one holds it meanwhile. */
import { refusal } from '../errno.ts';
import type { FileSystem } from '../operations/file-system.ts';
import type { Inode } from '../operations/inode.ts';
import { isVirtual } from '../operations/virtual.ts';

export interface NamedPlace {
  readonly directory: Inode;
  readonly name: Buffer;
}

export class Paths {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** Runs `work` on what is at a path. @throws Refusal ENOENT, ENOTDIR, ENAMETOOLONG */
  async at<Result>(path: string, work: (inode: Inode) => Result): Promise<Awaited<Result>> {
    return this.hold(await this.#find(namesOf(path)), work);
  }

  /** Runs `work` on a name in a directory that is there. */
  async in<Result>(path: string, work: (place: NamedPlace) => Result): Promise<Awaited<Result>> {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw refusal('EBUSY');
    return this.hold(await this.#find(names), (directory) => work({ directory, name }));
  }

  /** Nobody lets an inode go while somebody works on it. */
  async hold<Result>(inode: Inode, work: (inode: Inode) => Result): Promise<Awaited<Result>> {
    inode.handles += 1;
    try {
      return await work(inode);
    } finally {
      inode.handles -= 1;
      if (inode.handles === 0) this.#fs.released(inode);
    }
  }

  async #find(names: readonly Buffer[]): Promise<Inode> {
    let inode = this.#fs.root();
    for (const name of names) {
      if (inode.kind !== 'directory') throw refusal('ENOTDIR');
      const found = isVirtual(inode)
        ? await this.#fs.virtual.lookup(inode, name)
        : this.#fs.lookup(inode, name);
      if (found === undefined) throw refusal('ENOENT');
      inode = found;
    }
    return inode;
  }
}

function namesOf(path: string): Buffer[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name) => Buffer.from(name));
}
