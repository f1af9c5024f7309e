/**
 * What a change of names or attributes does to the inodes, as soon as it is written down: it is shown at
 * once and queued for the vault. The same steps are taken again after a crash (`recover.ts`). A file that
 * the vault does not know yet only changes what it will be created as.
 */
import { Inode, type Creation } from './inode.ts';
import type { Inodes } from './inodes.ts';
import type { NamesLog, NamesRecord } from './names-log.ts';
import type { PendingNames } from './names.ts';
import type { Attributes, FileTime, Place } from './port.ts';
import type { Publishing } from './publishing.ts';

export interface ChangesParts {
  readonly names: PendingNames;
  readonly inodes: Inodes;
  readonly publishing: Publishing;
  readonly log: Pick<NamesLog, 'done'>;
  readonly now: () => FileTime;
  /** Somebody less needs an inode. */
  readonly released: (inode: Inode) => void;
}

interface Renaming {
  readonly from: Place;
  readonly to: Place;
  readonly exchange: boolean;
  readonly serial: number;
}

export class Changes {
  readonly #parts: ChangesParts;

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  create(inode: Inode, place: Place | undefined, serial: number): void {
    inode.creation = { places: [], over: undefined, isFixed: false };
    inode.serials.push(serial);
    this.#parts.inodes.adopt(inode);
    if (place === undefined) {
      inode.isRemoved = true;
      inode.links = 0;
      return;
    }
    inode.creation.places.push({ place, claim: this.#parts.names.set(place, inode) });
    // A directory goes at once, and whatever comes into it goes after it.
    if (inode.kind !== 'file') this.#parts.publishing.content(inode);
  }

  link(inode: Inode, place: Place, serial: number): void {
    const { names, publishing, now } = this.#parts;
    const claim = names.set(place, inode);
    inode.links += 1;
    inode.isRemoved = false;
    inode.ctime = now();
    const { draft } = inode;
    if (draft === undefined) {
      publishing.link(inode, claim, [serial]);
      return;
    }
    inode.serials.push(serial);
    draft.places.push({ place, claim });
    if (inode.writers === 0) publishing.content(inode);
  }

  remove(inode: Inode, place: Place, serial: number): void {
    const { names, publishing, inodes, log } = this.#parts;
    const { draft } = inode;
    const claim = names.set(place, undefined);
    this.#loseName(inode);
    if (draft === undefined) {
      publishing.remove(inode, claim, [serial]);
      return;
    }
    const over = this.#takePlace(draft, place);
    inode.serials.push(serial);
    const serials = inode.isRemoved ? inode.serials.splice(0) : [];
    // It may have taken the name of something that is in the vault.
    const replaced = over === undefined ? undefined : inodes.ofNode(over);
    if (replaced !== undefined) {
      publishing.remove(replaced, claim, serials);
      return;
    }
    names.release(claim);
    void (inode.owes ?? Promise.resolve()).then(() => {
      log.done(serials);
    });
  }

  rename(inode: Inode, other: Inode | undefined, { from, to, exchange, serial }: Renaming): void {
    const { names, publishing, inodes } = this.#parts;
    const { draft } = inode;
    inode.ctime = this.#parts.now();
    if (exchange && other !== undefined) {
      const claims = [names.set(to, inode), names.set(from, other)];
      publishing.rename(inode, { from, to, exchange }, { claims, serials: [serial] });
      return;
    }
    const way = other === undefined ? undefined : this.#makeWay(other, to);
    if (draft === undefined) {
      const claims = [names.set(from, undefined), names.set(to, inode)];
      const serials = [...(way?.serials ?? []), serial];
      const ends = other?.kind === 'directory' ? other.id : undefined;
      publishing.rename(inode, { from, to, exchange: false }, { claims, serials, ends });
      return;
    }
    inode.serials.push(...(way?.serials ?? []), serial);
    const index = Math.max(0, placeIndex(draft.places, from));
    const left = draft.places[index];
    const over = index === 0 ? draft.over : undefined;
    const replaced = over === undefined ? undefined : inodes.ofNode(over);
    if (replaced !== undefined) {
      publishing.remove(replaced, names.set(from, undefined), []);
      inode.owes = replaced.tail;
    }
    if (left !== undefined) names.release(left.claim);
    draft.places[index] = { place: to, claim: names.set(to, inode) };
    if (index === 0) draft.over = way?.over;
  }

  attributes(inode: Inode, attributes: Attributes, serial: number): void {
    const { mode, mtime, xattrs } = attributes;
    const unsaved = (inode.unsaved ??= {});
    inode.serials.push(serial);
    if (mode !== undefined) inode.mode = unsaved.mode = mode;
    if (mtime !== undefined) inode.mtime = inode.vaultMtime = unsaved.mtime = mtime;
    if (xattrs !== undefined) {
      const now = new Map(inode.xattrs);
      unsaved.xattrs ??= new Map<string, Buffer | undefined>();
      for (const [name, value] of xattrs) {
        unsaved.xattrs.set(name, value);
        if (value === undefined) now.delete(name);
        else now.set(name, value);
      }
      inode.xattrs = now;
    }
    if (inode.isStale || inode.isRemoved) inode.unsaved = undefined;
    else this.#parts.publishing.attributes(inode);
  }

  /**
   * @returns what has to make way in the vault, if it is there, and records that are void with what the
   *   vault never knew
   */
  #makeWay(
    other: Inode,
    place: Place,
  ): { readonly over: Inode['id'] | undefined; readonly serials: readonly number[] } {
    const { draft } = other;
    this.#loseName(other);
    if (draft === undefined) return { over: other.id, serials: [] };
    const over = this.#takePlace(draft, place);
    return { over, serials: other.isRemoved ? other.serials.splice(0) : [] };
  }

  /** Takes a name of a creation away. @returns what had made way for it there */
  #takePlace(creation: Creation, place: Place): Creation['over'] {
    const index = placeIndex(creation.places, place);
    const [taken] = creation.places.splice(Math.max(0, index), index < 0 ? 0 : 1);
    if (taken !== undefined) this.#parts.names.release(taken.claim);
    if (index !== 0) return undefined;
    const { over } = creation;
    creation.over = undefined;
    return over;
  }

  #loseName(inode: Inode): void {
    inode.links = Math.max(0, inode.links - 1);
    inode.ctime = this.#parts.now();
    if (inode.kind !== 'directory' && inode.links > 0) return;
    inode.links = 0;
    inode.isRemoved = true;
    this.#parts.released(inode);
  }
}

/** An inode that only the log of names knows. */
export function newInode(record: Extract<NamesRecord, { op: 'create' }>): Inode {
  const { kind, node, attributes, target } = record;
  const xattrs = new Map<string, Buffer>();
  for (const [name, value] of attributes.xattrs ?? []) {
    if (value !== undefined) xattrs.set(name, value);
  }
  const mtime = attributes.mtime ?? { seconds: 0, nanoseconds: 0 };
  const mode = attributes.mode ?? 0o644;
  return new Inode({ id: node, kind, mode, mtime, xattrs, links: 1, target });
}

function placeIndex(places: readonly { readonly place: Place }[], wanted: Place): number {
  return places.findIndex(
    ({ place }) => place.parent === wanted.parent && place.name.equals(wanted.name),
  );
}
