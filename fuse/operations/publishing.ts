/**
 * Brings what was changed in the mount into the vault: versions of files when they are closed, or after
 * some seconds of being open; names and attributes at once. What it takes for that is decided when the
 * turn of a change has come, so that what was taken back meanwhile is never published.
 */
import type { Snapshot } from './file-data.ts';
import type { Inode } from './inode.ts';
import type { Inodes } from './inodes.ts';
import type { NamesLog } from './names-log.ts';
import type { Claim, PendingNames } from './names.ts';
import type { Outbox } from './outbox.ts';
import type { Attributes, Change, NodeId, OpId, Place, StoredContent, VaultPort } from './port.ts';

/** An open file's changes are a version after so long. */
export const openDirtyMs = 5_000;

export interface PublishingParts {
  readonly port: VaultPort;
  readonly outbox: Outbox;
  readonly names: PendingNames;
  readonly inodes: Inodes;
  readonly log: Pick<NamesLog, 'begin' | 'done'>;
  /** A change of this inode has come into the vault, whose word may be another one by now. */
  readonly onPublished: (inode: Inode, places: readonly Place[]) => void;
}

/** What ends when a change of names is in the vault. */
export interface Queued {
  readonly claims: readonly Claim[];
  readonly serials: readonly number[];
  /** A directory that ends with it. */
  readonly ends?: NodeId | undefined;
}

export class Publishing {
  readonly #parts: PublishingParts;

  constructor(parts: PublishingParts) {
    this.#parts = parts;
  }

  /** Something of a file changed: it is published soon, at the latest when it is closed. */
  touched(inode: Inode): void {
    if (inode.timer !== undefined || inode.contentQueued) return;
    inode.timer = this.#parts.port.clock.after(openDirtyMs, () => {
      inode.timer = undefined;
      this.content(inode);
    });
  }

  /** Publishes the content and the attributes of an inode as they are then. */
  content(inode: Inode): void {
    inode.timer?.cancel();
    inode.timer = undefined;
    if (inode.contentQueued || inode.isVoid || !needsContent(inode)) return;
    inode.contentQueued = true;
    if (inode.creation !== undefined && inode.kind !== 'file') inode.creation.isFixed = true;
    const places = inode.creation?.places.map(({ place }) => place) ?? [];
    this.#parts.outbox.add(inode, { places }, async () => {
      inode.contentQueued = false;
      // It got another name meanwhile, which somebody else may be leaving.
      if (hasPlaceBeside(inode, places)) {
        this.content(inode);
        return;
      }
      const shown = inode.creation?.places.map(({ place }) => place) ?? [];
      await this.#publishContent(inode);
      this.#parts.onPublished(inode, shown);
    });
  }

  /** New attributes, with the content if that is on its way anyway. */
  attributes(inode: Inode): void {
    if (inode.creation !== undefined || inode.isDirty) {
      this.touched(inode);
      return;
    }
    this.#parts.outbox.add(inode, { places: [] }, async () => {
      const attributes = takeUnsaved(inode);
      const serials = takeSerials(inode);
      if (attributes !== undefined && !inode.isRemoved && !inode.isStale) {
        await this.#parts.outbox.publish({ type: 'attributes', node: inode.id, attributes });
      }
      this.#parts.log.done(serials);
      this.#parts.onPublished(inode, []);
    });
  }

  link(inode: Inode, claim: Claim, serials: readonly number[]): void {
    const { place } = claim;
    this.#change(inode, { claims: [claim], serials }, { type: 'link', node: inode.id, place });
  }

  rename(
    inode: Inode,
    places: { readonly from: Place; readonly to: Place; readonly exchange: boolean },
    queued: Queued,
  ): void {
    this.#change(inode, queued, { type: 'rename', node: inode.id, ...places });
  }

  remove(inode: Inode, claim: Claim, serials: readonly number[]): void {
    const { place } = claim;
    const ends = inode.kind === 'directory' ? inode.id : undefined;
    const queued = { claims: [claim], serials, ends };
    this.#change(inode, queued, { type: 'remove', node: inode.id, place });
  }

  #change(inode: Inode, { claims, serials, ends }: Queued, change: Change): void {
    const { outbox, names, log } = this.#parts;
    const places = claims.map(({ place }) => place);
    outbox.add(inode, { places, ends: ends === undefined ? [] : [ends] }, async () => {
      try {
        await log.begin(serials);
        await outbox.publish(change);
        log.done(serials);
      } finally {
        for (const claim of claims) names.release(claim);
      }
      this.#parts.onPublished(inode, places);
    });
  }

  async #publishContent(inode: Inode): Promise<void> {
    const { port } = this.#parts;
    const { data } = inode;
    if (inode.isVoid || !needsContent(inode)) return;
    const snapshot = data?.isDirty === true ? await data.snapshot() : undefined;
    const stored = snapshot === undefined ? undefined : await this.#store(snapshot);
    // It may have lost its name while its bytes were stored.
    if (isGone(inode)) return;
    const op =
      inode.creation === undefined
        ? await this.#publishVersion(inode, stored)
        : await this.#publishCreation(inode, stored);
    const before = inode.version;
    if (op !== undefined) inode.version = op;
    this.#parts.inodes.rekey(inode, before);
    if (snapshot !== undefined && stored !== undefined)
      await data?.rebase(snapshot, stored.content);
    if (!needsContent(inode)) return;
    if (inode.writers > 0) this.touched(inode);
    else
      port.clock.after(0, () => {
        this.content(inode);
      });
  }

  #store(snapshot: Snapshot): Promise<StoredContent> {
    const { port, outbox } = this.#parts;
    return outbox.retry(() => port.store(snapshot));
  }

  async #publishVersion(
    inode: Inode,
    content: StoredContent | undefined,
  ): Promise<OpId | undefined> {
    const { outbox, log } = this.#parts;
    const serials = takeSerials(inode);
    const unsaved = takeUnsaved(inode);
    const { id: node, version: base } = inode;
    if (content === undefined) {
      if (unsaved !== undefined) {
        await outbox.publish({ type: 'attributes', node, attributes: unsaved });
      }
      log.done(serials);
      return undefined;
    }
    const attributes = { mode: inode.mode, mtime: inode.mtime, ...unsaved };
    const op = await outbox.publish({ type: 'write', node, base, content, attributes });
    log.done(serials);
    return op;
  }

  async #publishCreation(
    inode: Inode,
    content: StoredContent | undefined,
  ): Promise<OpId | undefined> {
    const { outbox, names, log } = this.#parts;
    const { creation } = inode;
    const [first, ...others] = creation?.places ?? [];
    if (creation === undefined || first === undefined) return undefined;
    takeUnsaved(inode);
    // From here on whatever happens to its names is a change of its own.
    inode.creation = undefined;
    const serials = takeSerials(inode);
    const { kind, id: node, target } = inode;
    const { mode, mtime, xattrs } = inode;
    const attributes: Attributes = { mode, mtime, ...(xattrs.size > 0 && { xattrs }) };
    await log.begin(serials);
    const op = await outbox.publish({
      type: 'create',
      kind,
      node,
      place: first.place,
      attributes,
      content,
      target,
      over: creation.over,
    });
    names.release(first.claim);
    for (const { place, claim } of others) {
      await outbox.publish({ type: 'link', node, place });
      names.release(claim);
    }
    log.done(serials);
    return op;
  }
}

function needsContent({ creation, isDirty, unsaved }: Inode): boolean {
  return creation !== undefined || isDirty || unsaved !== undefined;
}

function isGone(inode: Inode): boolean {
  return inode.isVoid;
}

function hasPlaceBeside({ creation }: Inode, places: readonly Place[]): boolean {
  return creation?.places.some(({ place }) => !places.includes(place)) === true;
}

function takeSerials(inode: Inode): readonly number[] {
  const { serials } = inode;
  inode.serials = [];
  return serials;
}

function takeUnsaved(inode: Inode): Attributes | undefined {
  const { unsaved } = inode;
  inode.unsaved = undefined;
  return unsaved;
}
