/**
 * What somebody hostile can do to the journals: batches of others that were changed on their way, and
 * batches that are signed well by devices that may not write, or not any more, dated back in every way
 * that a batch can say when it was made. None of it may change what an honest device shows or counts.
 */
import assert from 'node:assert/strict';
import { authorBatch } from '../../agent/journal/author.ts';
import type { Granter } from '../../agent/members/grant.ts';
import type { DeviceIdentity } from '../../agent/members/identity.ts';
import type { EpochKeys } from '../../agent/members/membership.ts';
import { changeRole, sendAway } from '../../agent/members/send-away.ts';
import type { StoredBatch } from '../../agent/store/store.ts';
import { isVaultError } from '../../protocol/errors.ts';
import {
  journalId,
  rootNodeId,
  splitJournalId,
  type EntryId,
  type IncarnationId,
  type NodeId,
} from '../../protocol/ids.ts';
import type { BatchHeader, Op } from '../../protocol/messages/op.ts';
import { Dice } from './dice.ts';
import { Desk, meet } from './journal-desk.ts';
import { keyringOf, smallVault, type SmallVault } from './small-vault.ts';

export interface HostileCounts {
  /** Batches that were changed on their way. */
  mutated: number;
  /** Batches signed by somebody without the right, or in the name of another device. */
  forged: number;
  /** Of these, those that were filed and hidden: they came from where a device was sent away. */
  hidden: number;
}

/** Looking at everything costs more than a batch. */
const checkEvery = 500;
/** Filed and hidden batches make it slow; a new vault makes it quick again. */
const perVault = 5_000;

export interface HostileOptions {
  readonly count: number;
  /** One of them may write, so that the checks have to find something. @default false */
  readonly isControl?: boolean;
}

/** So many hostile batches of a seed. @throws what the checks find */
export async function playHostileBatches(
  seed: number,
  { count, isControl = false }: HostileOptions,
): Promise<HostileCounts> {
  const counts: HostileCounts = { mutated: 0, forged: 0, hidden: 0 };
  for (let done = 0; done < count; done += perVault) {
    const scene = new Scene(await openScene(seed + done / perVault, isControl), counts);
    await scene.play(Math.min(perVault, count - done));
  }
  return counts;
}

/** Somebody who may not write what it writes, with all that it knows. */
interface Forger {
  readonly identity: DeviceIdentity;
  /** What stands in the journal that it goes on with, in order. */
  readonly batches: readonly StoredBatch[];
}

interface Parts {
  readonly seed: number;
  readonly vault: SmallVault;
  readonly honest: Desk;
  readonly epoch: EpochKeys;
  readonly forgers: readonly Forger[];
  /** All batches that there are. */
  readonly real: readonly StoredBatch[];
}

class Scene {
  readonly #dice: Dice;
  readonly #parts: Parts;
  readonly #counts: HostileCounts;
  readonly #known: ReadonlySet<string>;

  constructor(parts: Parts, counts: HostileCounts) {
    this.#dice = new Dice(parts.seed);
    this.#parts = parts;
    this.#counts = counts;
    this.#known = new Set(parts.real.map(({ bytes }) => hexOf(bytes)));
  }

  async play(count: number): Promise<void> {
    const before = await this.#view();
    for (let done = 0; done < count; done += 1) {
      if (this.#dice.chance(0.5)) await this.#sendMutated();
      else await this.#sendForged();
      if (done % checkEvery !== checkEvery - 1 && done !== count - 1) continue;
      assert.deepEqual(
        await this.#view(),
        before,
        `changed by one of the last ${String(checkEvery)}`,
      );
    }
  }

  /** Nothing that was changed on its way is taken in. */
  async #sendMutated(): Promise<void> {
    const bytes = this.#mutated(this.#dice.pick(this.#parts.real).bytes);
    if (this.#known.has(hexOf(bytes))) return;
    this.#counts.mutated += 1;
    assert.equal(await this.#received(bytes), 'refused', hexOf(bytes));
  }

  /** What is signed by somebody without the right is refused, or filed and hidden. */
  async #sendForged(): Promise<void> {
    this.#counts.forged += 1;
    if ((await this.#received(this.#forged())) === 'filed') this.#counts.hidden += 1;
  }

  async #received(bytes: Uint8Array): Promise<'refused' | 'filed' | 'known'> {
    try {
      const entry = await this.#parts.honest.receive({ bytes, small: [] });
      if (entry === 'known') return 'known';
      return entry === 'queued' ? 'filed' : 'refused';
    } catch (error) {
      if (isVaultError(error, 'peer-misbehaved')) return 'refused';
      throw error;
    }
  }

  /** What an honest device shows, and how far each journal counts. */
  async #view(): Promise<readonly unknown[]> {
    const { honest } = this.#parts;
    await honest.settle();
    const counting = honest.counting.tips().filter(({ sequence }) => sequence > 0);
    return [honest.tree.treeHash().toString('hex'), honest.shows(), counting];
  }

  /** A batch that its author may not write, and that says in every way that it is old. */
  #forged(): Buffer {
    const dice = this.#dice;
    const { vault, epoch } = this.#parts;
    const { identity, batches } = dice.pick(this.#parts.forgers);
    const behind = dice.chance(0.8) ? batches[dice.between(0, batches.length - 1)] : undefined;
    const journal = behind?.journal ?? journalId(identity.device, dice.hex(8) as IncarnationId);
    const header: BatchHeader = {
      journal,
      sequence: (behind?.sequence ?? 0) + 1,
      previous: behind?.hash,
      // As if it had heard of nothing since the vault began, or of everything.
      membershipHeads: dice.chance(0.5) ? [] : vault.log.heads(),
      epoch: epoch.id,
      salt: vault.random.bytes(32),
      ...{ chunksAdded: [], chunksReused: [], smallRecords: [] },
    };
    const body = {
      stamp: { wallMs: dice.pick([0, 1, Date.UTC(2020, 0, 1), Date.UTC(2090, 0, 1)]), counter: 0 },
      lamport: dice.pick([0, 1, 2 ** 40]),
      seen: [],
      ops: [this.#op()],
    };
    const author = {
      vault: vault.log.vault,
      device: identity.device,
      sign: (bytes: Uint8Array) => identity.signKey.sign(bytes),
    };
    return authorBatch({ author, header, body, opKey: epoch.opKey }).bytes;
  }

  #op(): Op {
    const { tree } = this.#parts.honest;
    const { entry, node } = this.#dice.pick(tree.list(rootNodeId) ?? []);
    if (this.#dice.chance(0.5)) {
      return { type: 'unlink', entry, node: node.id, heads: tree.headsOf(node.id) };
    }
    return {
      type: 'make',
      node: this.#dice.hex(16) as NodeId,
      kind: 'directory',
      entry: this.#dice.hex(16) as EntryId,
      parent: rootNodeId,
      name: Buffer.from(`forged ${this.#dice.hex(4)}`),
      attributes: {},
    };
  }

  #mutated(bytes: Uint8Array): Buffer {
    const dice = this.#dice;
    const copy = Buffer.from(bytes);
    switch (dice.between(0, 4)) {
      case 0:
        return copy.subarray(0, dice.between(0, copy.length - 1));
      case 1: {
        const other = Buffer.from(dice.pick(this.#parts.real).bytes);
        const at = dice.between(0, Math.min(copy.length, other.length));
        return Buffer.concat([copy.subarray(0, at), other.subarray(at)]);
      }
      case 2:
        return Buffer.concat([copy, Buffer.from(dice.hex(dice.between(1, 40)), 'hex')]);
      default:
        for (let flips = dice.between(1, 3); flips > 0; flips -= 1) {
          const at = dice.between(0, copy.length - 1);
          copy.writeUInt8(copy.readUInt8(at) ^ (1 << dice.between(0, 7)), at);
        }
        return copy;
    }
  }
}

async function openScene(seed: number, isControl: boolean): Promise<Parts> {
  const vault = smallVault(`hostile batches ${String(seed)}`);
  const open = (identity: DeviceIdentity): Promise<Desk> =>
    Desk.open(vault, { identity, seed: `${identity.device} ${String(seed)}` });
  const [wanda, gone, demoted] = [0, 1, 2].map(() => vault.admit('writer'));
  const readers = [vault.admit('reader'), vault.admit('blind'), vault.device()];
  assert(wanda && gone && demoted);
  const honest = await open(vault.first);
  const writers = await Promise.all([wanda, gone, demoted].map(open));
  for (const [number, desk] of [honest, ...writers].entries()) {
    for (let at = 1; at <= 6; at += 1) await desk.put(`${String(number)}-${String(at)}`, at);
  }
  await meet(honest, ...writers);
  const { epoch } = honest.members.writeKeys();
  const real = await honest.batches();
  const wroteOf = ({ device }: DeviceIdentity): readonly StoredBatch[] =>
    real.filter(({ journal }) => splitJournalId(journal).device === device);
  sendThemAway(vault, { gone, demoted, wroteOf });
  await honest.members.learn(vault.log.all());
  await honest.settle();
  const forgers: readonly Forger[] = [
    { identity: gone, batches: wroteOf(gone) },
    { identity: demoted, batches: wroteOf(demoted) },
    ...readers.map((identity) => ({ identity, batches: [] })),
    // A thief, who goes on with the journal of an honest device and has another key.
    { identity: isControl ? wanda : { ...gone, device: wanda.device }, batches: wroteOf(wanda) },
  ];
  return { seed, vault, honest, epoch, forgers, real };
}

/** One is sent away behind its third batch, one is made a reader behind its fourth. */
function sendThemAway(
  vault: SmallVault,
  {
    gone,
    demoted,
    wroteOf,
  }: {
    readonly gone: DeviceIdentity;
    readonly demoted: DeviceIdentity;
    readonly wroteOf: (identity: DeviceIdentity) => readonly StoredBatch[];
  },
): void {
  const granter = (): Granter => ({
    random: vault.random,
    issuer: vault.owner,
    keyring: keyringOf(vault.log, vault.first),
  });
  const upTo = (identity: DeviceIdentity, sequence: number) => {
    const batch = wroteOf(identity)[sequence - 1];
    assert(batch !== undefined);
    const { incarnation } = splitJournalId(batch.journal);
    return [{ incarnation, sequence, hash: batch.hash }];
  };
  const { device } = gone;
  const revocation = { device, reason: 'lost', lastStatement: undefined } as const;
  sendAway(vault.log, granter(), { ...revocation, lastBatches: upTo(gone, 3) });
  const role = { device: demoted.device, role: 'reader' } as const;
  changeRole(vault.log, granter(), { ...role, lastBatches: upTo(demoted, 4) });
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
