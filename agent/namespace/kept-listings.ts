/**
 * What directories show, kept for the next question: a directory is asked for page by page, and name by
 * name. A listing holds until something of its directory changes; how many are kept goes by their rows,
 * because a row costs a thousand times what a packed file does.
 */
import assert from 'node:assert/strict';
import type { Group } from './groups.ts';
import type { NodeRecord } from './records.ts';
import { rowsOf, type DeviceName, type Row } from './rows.ts';
import type { TreeState } from './state.ts';
import type { EntryView } from './tree.types.ts';
import { entryView } from './views.ts';

const listingsMax = 32;
/** Of all listings but the newest. */
const rowsMax = 20_000;

interface Listing {
  /** What it was made of. */
  readonly seen: readonly unknown[];
  readonly rows: readonly Row[];
  views: readonly EntryView[] | undefined;
}

export class KeptListings {
  readonly #deviceName: DeviceName;
  readonly #listings = new Map<NodeRecord, Listing>();
  #rows = 0;

  constructor(deviceName: DeviceName) {
    this.#deviceName = deviceName;
  }

  /** Rows of a group. */
  rows(state: TreeState, group: Group): readonly Row[] {
    return this.#listing(state, group).rows;
  }

  /** The same as the world outside sees them. */
  views(state: TreeState, group: Group): readonly EntryView[] {
    const listing = this.#listing(state, group);
    listing.views ??= listing.rows.flatMap((row) => entryView(row, group) ?? []);
    return listing.views;
  }

  clear(): void {
    this.#listings.clear();
    this.#rows = 0;
  }

  #listing(state: TreeState, group: Group): Listing {
    const [first] = group;
    assert(first !== undefined);
    const kept = this.#listings.get(first);
    const seen = versionsOf(state, group);
    if (kept !== undefined && isSame(kept.seen, seen)) return kept;
    const rows = rowsOf(state, group, this.#deviceName);
    const listing = { seen, rows, views: undefined };
    if (this.#listings.size >= listingsMax || this.#rows > rowsMax) this.clear();
    this.#listings.set(first, listing);
    this.#rows += rows.length;
    return listing;
  }
}

/** Differs whenever a group may show something else than before. */
function versionsOf(state: TreeState, group: Group): readonly unknown[] {
  return [state.epoch, ...group.flatMap((member) => [member, member.directory?.version])];
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
