/**
 * Names that were changed here and are not in the vault's tree yet: they lie over what it lists. Of the
 * claims on a name the latest counts; when it ends, or is taken back, the one before it counts again, and
 * after the last one the tree.
 */
import type { Inode } from './inode.ts';
import type { NodeId, Place } from './port.ts';

export interface Claim {
  readonly place: Place;
  /** undefined: the name was removed. */
  readonly inode: Inode | undefined;
}

export interface PendingName {
  readonly name: Buffer;
  readonly inode: Inode | undefined;
}

export class PendingNames {
  readonly #directories = new Map<NodeId, Map<string, Claim[]>>();

  /** undefined: nothing is pending for this name. */
  get(parent: NodeId, name: Buffer): Claim | undefined {
    return this.#directories.get(parent)?.get(name.toString('latin1'))?.at(-1);
  }

  set(place: Place, inode: Inode | undefined): Claim {
    let directory = this.#directories.get(place.parent);
    if (directory === undefined) {
      directory = new Map();
      this.#directories.set(place.parent, directory);
    }
    const key = place.name.toString('latin1');
    const claim = { place, inode };
    const claims = directory.get(key);
    if (claims === undefined) directory.set(key, [claim]);
    else claims.push(claim);
    return claim;
  }

  release(claim: Claim): void {
    const { place } = claim;
    const directory = this.#directories.get(place.parent);
    const key = place.name.toString('latin1');
    const claims = directory?.get(key) ?? [];
    const index = claims.indexOf(claim);
    if (directory === undefined || index < 0) return;
    claims.splice(index, 1);
    if (claims.length > 0) return;
    directory.delete(key);
    if (directory.size === 0) this.#directories.delete(place.parent);
  }

  has(parent: NodeId, name: Buffer): boolean {
    return this.get(parent, name) !== undefined;
  }

  *in(parent: NodeId): Generator<PendingName> {
    for (const claims of this.#directories.get(parent)?.values() ?? []) {
      const last = claims.at(-1);
      if (last !== undefined) yield { name: last.place.name, inode: last.inode };
    }
  }
}
