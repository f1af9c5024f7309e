/**
 * After a restart: which node is behind a number that the kernel knows from an agent before this one. The tree is
 * walked in slices, from the root on, and not further than to the number that is asked for: whoever lists a
 * large directory does not wait until it has been walked through as well.
 */
import { rootNodeId } from '../protocol/constants.ts';
import type { FileSystem } from '../operations/file-system.ts';
import type { NodeId } from '../operations/port.ts';

const directoriesPerSlice = 50;
/** In the first one, what is moved while it stands still may be missed. */
const walksMax = 2;

export class Revived {
  readonly #fs: FileSystem;
  readonly #found = new Map<number, NodeId>();
  readonly #waiting: NodeId[] = [];
  #walks = 0;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** undefined: there is no such node any more. */
  async find(number: number): Promise<NodeId | undefined> {
    for (let count = 1; ; count += 1) {
      const found = this.#found.get(number);
      if (found !== undefined || !this.#goOn()) return found;
      if (count % directoriesPerSlice === 0) await pause(this.#fs);
    }
  }

  /** Looks into one more directory. @returns whether there was one */
  #goOn(): boolean {
    const directory = this.#waiting.pop() ?? this.#nextWalk();
    if (directory === undefined) return false;
    // Without inodes: one that is made for a walk could be another request's by the end of it.
    for (const { number, id, kind } of this.#fs.listNode(directory)) {
      this.#found.set(number, id);
      if (kind === 'directory') this.#waiting.push(id);
    }
    return true;
  }

  #nextWalk(): NodeId | undefined {
    if (this.#walks === walksMax) return undefined;
    this.#walks += 1;
    const { id } = this.#fs.root();
    for (const inode of this.#fs.inodes.all()) this.#found.set(inode.number, inode.id);
    this.#found.set(rootNodeId, id);
    return id;
  }
}

function pause({ port }: FileSystem): Promise<void> {
  return new Promise((resolve) => {
    port.clock.after(0, resolve);
  });
}
