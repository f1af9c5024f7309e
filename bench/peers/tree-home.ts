/**
 * Fills the home of a device with a large tree, without an agent: real operations in sealed and signed
 * batches of the real journal, real small records, appended to the real store. The same number gives
 * the same shape; ids and keys are random.
 * node tree-home.ts HOME FILES [BIG]
 *
 *   /big   BIG files, 10,000 if not said    /wide  a tenth of all files, 1,000 in a folder
 *   /rest  the others, 100 in a folder, 100 folders in a folder
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sealSmall } from '../../agent/chunks/small.ts';
import { createLevelIndexHost } from '../../agent/host/level-index.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { createNodeDisk } from '../../agent/host/node-disk.ts';
import { authorBatch } from '../../agent/journal/author.ts';
import { loadIdentity } from '../../agent/members/identity-file.ts';
import type { DeviceIdentity } from '../../agent/members/identity.ts';
import { readMembershipLog, type MembershipLog } from '../../agent/members/membership-log.ts';
import type { Log } from '../../agent/ports.ts';
import { openDiskStore } from '../../agent/store/disk-store.ts';
import type { IndexedStore, SmallRecord, StoredBatch } from '../../agent/store/store.ts';
import { MembersService } from '../../agent/vault/members-service.ts';
import {
  journalId,
  rootNodeId,
  type EntryId,
  type IncarnationId,
  type NodeId,
} from '../../protocol/ids.ts';
import type { MakeOp, NodeKind } from '../../protocol/messages/op.ts';

/** As the publisher fills its batches. */
const opsInBatch = 240;
const batchesInWrite = 64;
const bigFiles = 10_000;
const wideShare = 0.1;
const filesInWideFolder = 1000;
const filesInFolder = 100;
const foldersInFolder = 100;
const mode = 0o644;

const nothing = (): void => undefined;
const quiet: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => quiet,
};

async function fill(home: string, files: number, inBig: number): Promise<void> {
  const disk = createNodeDisk(home);
  const identity = await loadIdentity(disk);
  if (identity === undefined) throw new Error(`there is no device in ${home}`);
  const store = await openDiskStore({
    disk,
    index: createLevelIndexHost(join(home, 'index')),
    clock: createNodeClock(),
    log: quiet,
    options: { ballastBytes: 0 },
  });
  try {
    await new HomeFiller(store, identity).fill(files, inBig);
  } finally {
    await store.close();
  }
}

class HomeFiller {
  readonly #store: IndexedStore;
  readonly #identity: DeviceIdentity;
  readonly #members: MembersService;
  readonly #journal;
  #ops: MakeOp[] = [];
  #small: SmallRecord[] = [];
  #batches: StoredBatch[] = [];
  #tip: Pick<StoredBatch, 'sequence' | 'hash'> | undefined;
  #made = 0;

  constructor(store: IndexedStore, identity: DeviceIdentity) {
    this.#store = store;
    this.#identity = identity;
    this.#members = new MembersService(logOf(store), store.statements, identity, createNodeClock());
    const incarnation = randomBytes(8).toString('hex') as IncarnationId;
    this.#journal = journalId(identity.device, incarnation);
  }

  async fill(files: number, inBig: number): Promise<void> {
    const big = Math.min(inBig, files);
    await this.#folderOf(await this.#make(rootNodeId, 'big', 'directory'), big);
    const wide = Math.min(Math.floor(files * wideShare), files - big);
    await this.#foldersOf(await this.#make(rootNodeId, 'wide', 'directory'), {
      files: wide,
      inFolder: filesInWideFolder,
    });
    const rest = await this.#make(rootNodeId, 'rest', 'directory');
    const inPart = filesInFolder * foldersInFolder;
    for (let left = files - big - wide, part = 0; left > 0; left -= inPart, part++) {
      const folder = await this.#make(rest, `part-${String(part)}`, 'directory');
      await this.#foldersOf(folder, { files: Math.min(left, inPart), inFolder: filesInFolder });
    }
    this.#closeBatch();
    await this.#write();
  }

  async #foldersOf(
    parent: NodeId,
    { files, inFolder }: { readonly files: number; readonly inFolder: number },
  ): Promise<void> {
    for (let left = files, number = 0; left > 0; left -= inFolder, number++) {
      const folder = await this.#make(parent, `folder-${String(number)}`, 'directory');
      await this.#folderOf(folder, Math.min(left, inFolder));
    }
  }

  async #folderOf(folder: NodeId, files: number): Promise<void> {
    for (let number = 0; number < files; number++) {
      await this.#make(folder, `file-${String(number).padStart(5, '0')}.txt`, 'file');
    }
  }

  async #make(parent: NodeId, name: string, kind: NodeKind): Promise<NodeId> {
    const node = randomBytes(16).toString('hex') as NodeId;
    this.#made++;
    const mtime = { seconds: 1_790_000_000 + this.#made, nanoseconds: 123_456_789 };
    this.#ops.push({
      type: 'make',
      node,
      kind,
      entry: randomBytes(16).toString('hex') as EntryId,
      parent,
      name: Buffer.from(name),
      attributes: { mode: kind === 'directory' ? 0o755 : mode, mtime },
      ...(kind === 'file' ? { content: this.#content() } : {}),
    });
    if (this.#ops.length >= opsInBatch) this.#closeBatch();
    if (this.#batches.length >= batchesInWrite) await this.#write();
    return node;
  }

  #content(): NonNullable<MakeOp['content']> {
    const content = Buffer.from(`file ${String(this.#made)}\n`);
    const { epoch } = this.#members.writeKeys();
    const { record, ref } = sealSmall({
      content,
      salt: randomBytes(32),
      chunkKey: epoch.chunkKey,
    });
    this.#small.push(record);
    return { type: 'small', size: content.length, small: { ...ref, epoch: epoch.id } };
  }

  #closeBatch(): void {
    if (this.#ops.length === 0) return;
    const { epoch } = this.#members.writeKeys();
    const small = this.#small;
    const sequence = (this.#tip?.sequence ?? 0) + 1;
    const batch = authorBatch({
      author: {
        vault: this.#members.current().vault,
        device: this.#identity.device,
        sign: (bytes) => this.#identity.signKey.sign(bytes),
      },
      opKey: epoch.opKey,
      header: {
        journal: this.#journal,
        sequence,
        previous: this.#tip?.hash,
        membershipHeads: this.#members.current().heads.slice(0, 8),
        epoch: epoch.id,
        salt: randomBytes(32),
        chunksAdded: [],
        chunksReused: [],
        smallRecords: small.map(({ id, body }) => ({ id, length: body.length })),
      },
      body: {
        stamp: { wallMs: Date.now(), counter: 0 },
        lamport: sequence,
        seen: [],
        ops: this.#ops,
      },
    });
    const { hash, bytes, header } = batch;
    this.#batches.push({
      ...{ journal: this.#journal, sequence, hash, bytes, small },
      previous: header.previous,
    });
    this.#tip = { sequence, hash };
    this.#ops = [];
    this.#small = [];
  }

  async #write(): Promise<void> {
    await this.#store.journals.append(this.#batches);
    this.#batches = [];
  }
}

function logOf(store: IndexedStore): MembershipLog {
  const log = readMembershipLog(store.statements.all());
  if (log === undefined) throw new Error('the vault has no genesis');
  return log;
}

const [home = '', files = '0', inBig = bigFiles] = process.argv.slice(2);
await fill(home, Number(files), Number(inBig));
