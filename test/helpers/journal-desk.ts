/**
 * One device with everything that decides which batches count, and no network: real members, real
 * store, tree and publisher. Batches, proofs and statements go from desk to desk when a test says so,
 * in the order that it says.
 */
import { BatchDoor, type Entry } from '../../agent/replication/receive-batch.ts';
import { openJournalLines, type JournalLines } from '../../agent/replication/journal-lines.ts';
import { proofOf } from '../../agent/replication/prove-fork.ts';
import { admitBatch } from '../../agent/replication/received-batch.ts';
import { readNews } from '../../agent/replication/received-forks.ts';
import type { roleCapabilities } from '../../agent/members/membership.ts';
import type { DeviceIdentity } from '../../agent/members/identity.ts';
import { createHybridClock } from '../../agent/namespace/clock.ts';
import { createTree, type JournaledTree } from '../../agent/namespace/tree.ts';
import { createMemoryStore } from '../../agent/store/memory-store.ts';
import type { IndexedStore, StoredBatch } from '../../agent/store/store.ts';
import { CountingJournals } from '../../agent/vault/counting-journals.ts';
import { CountingTree } from '../../agent/vault/counting-tree.ts';
import { Issuing, OwnerKey } from '../../agent/vault/issuing.ts';
import { JournalBook } from '../../agent/vault/journal-book.ts';
import { MembershipLog } from '../../agent/members/membership-log.ts';
import { MembersService } from '../../agent/vault/members-service.ts';
import { Publisher } from '../../agent/vault/publisher.ts';
import { Reissuer } from '../../agent/vault/reissuer.ts';
import {
  rootNodeId,
  splitJournalId,
  type EntryId,
  type IncarnationId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import type { Op, OpId } from '../../protocol/messages/op.ts';
import { createManualClock } from './manual-clock.ts';
import { silentLog } from './replication-node.ts';
import { seededRandom } from './seeded-random.ts';
import type { SmallVault } from './small-vault.ts';

export interface DeskOptions {
  readonly identity: DeviceIdentity;
  /** @default an empty one */
  readonly store?: IndexedStore;
  /** The journal that it goes on with. */
  readonly incarnation?: IncarnationId | undefined;
  readonly seed: string;
  /** What its clock shows; it stands still. */
  readonly nowMs?: number;
}

export class Desk {
  readonly identity: DeviceIdentity;
  readonly vault: SmallVault;
  readonly store: IndexedStore;
  readonly members: MembersService;
  readonly lines: JournalLines;
  readonly counting: CountingJournals;
  readonly tree: JournaledTree;
  readonly publisher: Publisher;
  readonly kept: CountingTree;
  readonly reissuer: Reissuer;
  readonly door: BatchDoor;
  readonly book: JournalBook;
  readonly reissued: number[] = [];
  rebuilt = 0;
  #proving: Promise<void> = Promise.resolve();
  readonly #random: ReturnType<typeof seededRandom>;

  static async open(vault: SmallVault, options: DeskOptions): Promise<Desk> {
    const store = options.store ?? createMemoryStore();
    if (store.statements.all().length === 0) await store.statements.append(vault.log.all());
    const desk = new Desk(vault, { ...options, store }, await openJournalLines(store));
    await desk.kept.refresh();
    return desk;
  }

  private constructor(
    vault: SmallVault,
    options: DeskOptions & { store: IndexedStore },
    lines: JournalLines,
  ) {
    const { identity, store } = options;
    this.vault = vault;
    this.identity = identity;
    this.store = store;
    this.lines = lines;
    this.#random = seededRandom(options.seed);
    const clock = createManualClock(options.nowMs);
    const log = new MembershipLog(vault.log.vault);
    log.add(store.statements.all());
    const members = new MembersService(log, store.statements, identity, clock);
    this.members = members;
    this.counting = new CountingJournals(store.journals, lines, () => members.current());
    const fresh = (): JournaledTree => createTree({ deviceName: (device) => device });
    this.tree = fresh();
    const opKeyOf = (epoch: Parameters<typeof members.chunkKey>[0]): Buffer | undefined =>
      members.keyring().epoch(epoch)?.opKey;
    this.kept = new CountingTree({
      tree: this.tree,
      counting: this.counting,
      opKeyOf,
      rebuildTree: async (fill) => {
        const anew = fresh();
        await fill(anew);
        this.tree.become(anew);
        this.rebuilt += 1;
      },
      onSettled: () => undefined,
      onTrouble: (error) => {
        throw error;
      },
    });
    this.publisher = new Publisher(
      {
        store,
        tree: this.tree,
        random: this.#random,
        clock: createHybridClock(clock, this.tree),
        timer: clock,
        author: {
          vault: vault.log.vault,
          device: identity.device,
          sign: (bytes) => identity.signKey.sign(bytes),
        },
        epoch: () => members.writeKeys().epoch,
        membershipHeads: () => members.current().heads,
        onPublished: () => undefined,
      },
      options.incarnation,
    );
    this.reissuer = new Reissuer({
      device: identity.device,
      journals: store.journals,
      counting: this.counting,
      publisher: this.publisher,
      opKeyOf,
      log: silentLog,
      onReissued: (_journal, ops) => this.reissued.push(ops),
    });
    this.door = new BatchDoor(store.journals, lines, {
      onAppended: (batches) => {
        this.kept.took(batches.map(({ verified }) => verified));
      },
      onBranch: (branch) => {
        this.#proving = this.#proving.then(async () => {
          const proof = await proofOf(store.journals, lines, branch);
          if (proof !== undefined) await this.learnForks([proof]);
        });
      },
      onFailure: (error) => {
        throw error;
      },
    });
    this.book = new JournalBook({
      journals: store.journals,
      lines,
      counting: this.counting,
      members,
      issuing: new Issuing({
        members,
        identity,
        random: vault.random,
        owner: new OwnerKey(identity === vault.first ? vault.owner : undefined),
      }),
      writing: () => this.publisher.writing(),
      settled: () => this.kept.refresh(),
      opKeyOf,
    });
  }

  /** The journal that it writes. */
  get journal(): JournalId {
    return this.publisher.writing()!;
  }

  /** Says operations, one batch a call. */
  say(...ops: readonly Op[]): Promise<readonly OpId[]> {
    return this.publisher.publish({ keys: [], build: () => ({ ops }) });
  }

  /** Makes a file in the root, or a new version of the one of that name. */
  async put(name: string, size: number): Promise<void> {
    const content = {
      type: 'chunk',
      size,
      chunk: {
        cid: this.#random.bytes(32).toString('hex'),
        pid: this.#random.bytes(32).toString('hex'),
        epoch: this.members.writeKeys().epoch.id,
        format: 0x01011000,
        plainLength: size,
        sealedLength: size + 16,
      },
    } as Extract<Op, { type: 'write' }>['content'];
    const row = this.tree.resolve([Buffer.from(name)]);
    const attributes = { mode: 0o644 };
    await this.say(
      row === undefined
        ? {
            type: 'make',
            node: this.#random.bytes(16).toString('hex') as NodeId,
            kind: 'file',
            entry: this.#random.bytes(16).toString('hex') as EntryId,
            parent: rootNodeId,
            name: Buffer.from(name),
            attributes,
            content,
          }
        : {
            type: 'write',
            node: row.node.id,
            supersedes: this.tree.headsOf(row.node.id),
            content,
            attributes,
            replaces: this.tree.attributeOpsOf(row.node.id, attributes),
          },
    );
  }

  /** Name and size of what the root shows. */
  shows(): string[] {
    return this.tree
      .list(rootNodeId)!
      .map(
        ({ name, version }) =>
          `${name.toString()} ${String(version?.content.type === 'empty' ? 0 : version?.content.size)}`,
      )
      .sort();
  }

  /** Every batch that is here, of all lines. */
  batches(): Promise<readonly StoredBatch[]> {
    return batchesIn(this.store);
  }

  /** What a peer sends: it enters by the door. */
  async receive(batch: Pick<StoredBatch, 'bytes' | 'small'>): Promise<Entry | 'refused by itself'> {
    const admission = admitBatch(
      {
        from: this.identity.device,
        small: batch.small.map(({ body }) => Buffer.from(body)),
        bytes: Buffer.from(batch.bytes),
      },
      this.members.current(),
    );
    if (admission.type !== 'admitted') return 'refused by itself';
    const { journal, sequence } = admission.batch.verified.header;
    const isOwn = splitJournalId(journal).device === this.identity.device;
    if (isOwn && sequence > (this.store.journals.tip(journal)?.sequence ?? 0)) this.leave(journal);
    return this.door.enter(admission.batch);
  }

  async learnForks(proofs: readonly Uint8Array[]): Promise<void> {
    const news = readNews(
      proofs.map((proof) => Buffer.from(proof)),
      this.lines,
      this.members.current(),
    );
    if (news.length === 0) return;
    await this.lines.keepProofs(news.map(({ proof }) => proof));
    for (const { fork } of news) this.leave(fork.journal);
  }

  leave(journal: JournalId): void {
    if (this.publisher.writing() === journal) this.publisher.openNewJournal();
  }

  /** Everything that another desk has, as replication would bring it. */
  async takeFrom(other: Desk): Promise<void> {
    await this.members.learn(other.members.statements());
    await this.learnForks(other.lines.proofs());
    // Branches after the lines that they leave, as a publisher sends them.
    const batches = (await other.batches()).toSorted((a, b) => a.sequence - b.sequence);
    for (const batch of batches) await this.receive(batch);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.door.idle();
    await this.#proving;
    await this.kept.refresh();
    await this.reissuer.run();
    await this.kept.refresh();
  }

  /** What a copy of the whole home would hold. */
  copyStore(): Promise<IndexedStore> {
    return copyOfStore(this.store);
  }
}

export async function copyOfStore(store: IndexedStore): Promise<IndexedStore> {
  const copy = createMemoryStore();
  await copy.statements.append(store.statements.all());
  await copy.forks.append(store.forks.all());
  for (const batch of await batchesIn(store)) await copy.journals.append([batch]);
  return copy;
}

async function batchesIn({ journals }: IndexedStore): Promise<readonly StoredBatch[]> {
  const all: StoredBatch[] = [];
  for (const { journal } of [...journals.tips(), ...journals.branches()]) {
    for await (const batch of journals.read(journal, 0)) all.push(batch);
  }
  return all;
}

/** A desk of a device that is admitted as `role`. */
export function deskOf(
  vault: SmallVault,
  role: keyof typeof roleCapabilities,
  seed: string,
): Promise<Desk> {
  return Desk.open(vault, { identity: vault.admit(role), seed });
}

/** Everybody hears everything, until nothing new is said. */
export async function meet(...desks: readonly Desk[]): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const one of desks)
      for (const other of desks) if (one !== other) await one.takeFrom(other);
  }
}
