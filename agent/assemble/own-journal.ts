/**
 * Who writes and who speaks about journals, put together: the publisher of ours, what is issued again
 * of a hidden branch of it, and the book of all of them.
 */
import { splitJournalId, type EpochId, type IncarnationId } from '../../protocol/ids.ts';
import type { Stamp } from '../../protocol/messages/op.ts';
import type { OpKeyLookup } from '../journal/batch.ts';
import type { MemberDesk } from '../control/context.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { createHybridClock } from '../namespace/clock.ts';
import type { JournaledTree } from '../namespace/tree.ts';
import type { Ports } from '../ports.ts';
import type { JournalLines } from '../replication/journal-lines.ts';
import type { JournalTip, Store } from '../store/store.ts';
import type { Vector } from '../vault/batch-times.ts';
import { isOf, type CountingJournals } from '../vault/counting-journals.ts';
import { isBareBatch } from '../journal/bare-batch.ts';
import type { FoldBase } from '../vault/fold/fold-base.ts';
import { JournalBook } from '../vault/journal-book.ts';
import { openStored } from '../vault/load-tree.ts';
import type { MembersService } from '../vault/members-service.ts';
import { Publisher } from '../vault/publisher.ts';
import type { ReleaseBook } from '../replication/release-book.ts';
import { Reissuer } from '../vault/reissuer.ts';
import type { KeptTree } from './counting-tree.ts';
import type { Teller } from './tell-events.ts';

const batchesToLookAt = 16;

export interface JournalParts {
  readonly ports: Ports;
  readonly identity: DeviceIdentity;
  readonly members: MembersService;
  readonly tree: JournaledTree;
  readonly lines: JournalLines;
  readonly counting: CountingJournals;
  readonly kept: KeptTree;
  readonly base: Pick<FoldBase, 'requireIn' | 'isLost'>;
  readonly releases: ReleaseBook;
  readonly tell: Teller;
}

/** Keys of batches that this device can open. */
export function opKeys(members: MembersService): (epoch: EpochId) => Buffer | undefined {
  return (epoch) => members.keyring().epoch(epoch)?.opKey;
}

/** The one writer of this device's journal. */
export async function createPublisher(
  store: Store,
  parts: JournalParts,
  announce: () => void,
): Promise<Publisher> {
  const { ports, identity, members, tree, releases } = parts;
  return new Publisher(
    {
      store,
      tree,
      random: ports.random,
      clock: createHybridClock(ports.clock, tree),
      timer: ports.clock,
      author: {
        vault: members.current().vault,
        device: identity.device,
        sign: (bytes) => identity.signKey.sign(bytes),
      },
      epoch: () => {
        parts.base.requireIn(tree, beginsWith(parts));
        return members.writeKeys().epoch;
      },
      membershipHeads: () => members.current().heads,
      onAuthored: (batches) => {
        for (const { header } of batches) releases.noteNames(header.journal, header);
      },
      onPublished: (batches) => {
        for (const { header } of batches) releases.note(header.journal, header);
        announce();
      },
    },
    await lastWritten(store, parts),
  );
}

/**
 * What others begin with, for a device that has to know all of it before it writes: one that has written
 * nothing yet, so that nobody waited for its word, and one that does not know any more where it began.
 */
function beginsWith({ base, identity, members, tree }: JournalParts): Vector | undefined {
  const hasWritten = [...tree.vector().keys()].some((journal) => isOf(journal, identity.device));
  return hasWritten && !base.isLost ? undefined : members.current().fold?.places;
}

export function createReissuer(
  { journals }: Store,
  parts: JournalParts,
  publisher: Publisher,
): Reissuer {
  const { ports, identity, members, counting, tell } = parts;
  return new Reissuer({
    device: identity.device,
    journals,
    counting,
    publisher,
    opKeyOf: opKeys(members),
    log: ports.log.child('journals'),
    onReissued: (journal, ops) => {
      tell.reissued(journal, ops);
    },
  });
}

export function createJournalBook(
  { journals }: Store,
  { members, lines, counting, kept }: JournalParts,
  { desk, publisher }: { readonly desk: MemberDesk; readonly publisher: Publisher },
): JournalBook {
  return new JournalBook({
    ...{ journals, lines, counting, members },
    issuing: desk.issuing,
    opKeyOf: opKeys(members),
    writing: () => publisher.writing(),
    settled: () => kept.refresh(),
  });
}

/**
 * The journal to go on with: of those of this device that are whole and count the one that it wrote
 * last; none when there is no such. A longer one may have been left because others knew more of it.
 */
async function lastWritten(
  { journals }: Store,
  { identity, members, counting }: JournalParts,
): Promise<IncarnationId | undefined> {
  const damaged = new Set(journals.damaged());
  let best: { incarnation: IncarnationId; stamp: Stamp } | undefined;
  for (const tip of journals.tips()) {
    const { device, incarnation } = splitJournalId(tip.journal);
    if (device !== identity.device || damaged.has(tip.journal)) continue;
    if (!counting.countsWhole(tip.journal)) continue;
    const stamp = await lastStamp(journals, tip, opKeys(members)).catch(() => undefined);
    // One that cannot be read is not whole.
    if (stamp === undefined) continue;
    if (best === undefined || isLater(stamp, best.stamp)) best = { incarnation, stamp };
  }
  return best?.incarnation;
}

/** Of the last of its batches that has operations, among the newest; undefined: not known. */
async function lastStamp(
  journals: Store['journals'],
  { journal, sequence }: JournalTip,
  opKeyOf: OpKeyLookup,
): Promise<Stamp | undefined> {
  let stamp: Stamp = { wallMs: 0, counter: 0 };
  let isFolded = false;
  for await (const stored of journals.read(journal, sequence - batchesToLookAt)) {
    isFolded ||= isBareBatch(stored.bytes);
    const { body } = openStored(stored, opKeyOf) ?? {};
    if (body !== undefined && body.ops.length > 0) stamp = body.stamp;
  }
  // Nothing says any more whether it is the one that was written last: a new one is never wrong.
  return isFolded && stamp.wallMs === 0 ? undefined : stamp;
}

function isLater(one: Stamp, other: Stamp): boolean {
  return one.wallMs > other.wallMs || (one.wallMs === other.wallMs && one.counter > other.counter);
}
