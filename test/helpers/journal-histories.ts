/**
 * Random histories of devices with everything that decides which batches count: real members, signatures,
 * journals, doors and publishers. Homes come back from old backups and are written to before they meet
 * anybody, so that journals fork; an admin names a branch now and then. In the end all devices show the
 * tree that naive replay makes of the batches that the naive rule lets count, and what does not count is
 * on the list of journals.
 */
import assert from 'node:assert/strict';
import type { OpenedBatch } from '../../agent/journal/batch.ts';
import { openStored } from '../../agent/vault/load-tree.ts';
import type { IndexedStore, StoredBatch } from '../../agent/store/store.ts';
import { splitJournalId, type BatchHash, type IncarnationId } from '../../protocol/ids.ts';
import { countingOf } from './counting-oracle.ts';
import { Dice } from './dice.ts';
import { copyOfStore, Desk } from './journal-desk.ts';
import { checkConflictsListed, checkNothingLost, compareWithOracle } from './namespace-checks.ts';
import { honestOps } from './namespace-work.ts';
import { smallVault, type SmallVault } from './small-vault.ts';

export interface JournalHistoryCounts {
  histories: number;
  batches: number;
  restored: number;
  restarts: number;
  forked: number;
  chosen: number;
  hidden: number;
}

/** Histories of seeds `seed`, `seed + 1`, …; rejects with the seed of the first that fails. */
export async function runJournalHistories(
  seed: number,
  count: number,
): Promise<JournalHistoryCounts> {
  const counts: JournalHistoryCounts = {
    ...{ histories: 0, batches: 0, restored: 0, restarts: 0, forked: 0, chosen: 0, hidden: 0 },
  };
  for (let at = seed; at < seed + count; at += 1) {
    try {
      await new JournalHistory(at, counts).run();
    } catch (error) {
      throw new Error(`history of seed ${String(at)} failed: ${String(error)}`, { cause: error });
    }
    counts.histories += 1;
  }
  return counts;
}

interface Copy {
  readonly store: IndexedStore;
  readonly incarnation: IncarnationId | undefined;
}

const choicesMax = 40;
const roundsMax = 12;
const yearMs = 365 * 24 * 3_600_000;

class JournalHistory {
  readonly #dice: Dice;
  readonly #vault: SmallVault;
  readonly #counts: JournalHistoryCounts;
  readonly #desks: Desk[] = [];
  readonly #backups = new Map<number, Copy>();
  readonly #clocks: number[] = [];
  #opened = 0;

  constructor(seed: number, counts: JournalHistoryCounts) {
    this.#dice = new Dice(seed);
    this.#counts = counts;
    this.#vault = smallVault(`journals ${String(seed)}`);
  }

  async run(): Promise<void> {
    const dice = this.#dice;
    const others = dice.between(1, 3);
    const identities = Array.from({ length: others }, () => this.#vault.admit('writer'));
    for (const identity of [this.#vault.first, ...identities]) {
      this.#clocks.push(Date.UTC(2026, 10, 21) + dice.pick([0, 0, 0, -20, 5, 200]) * yearMs);
      const at = this.#desks.length;
      this.#desks.push(await this.#open(at, { identity }));
    }
    const steps = dice.between(20, 50);
    for (let step = 0; step < steps; step += 1) await this.#step();
    await this.#meetAll();
    await this.#check();
    if (await this.#chooseAll()) await this.#check();
  }

  #open(at: number, options: Partial<Copy> & { identity: Desk['identity'] }): Promise<Desk> {
    this.#opened += 1;
    const seed = `${this.#vault.log.vault} ${String(this.#opened)}`;
    return Desk.open(this.#vault, { ...options, seed, nowMs: this.#clocks[at]! });
  }

  async #step(): Promise<void> {
    const dice = this.#dice;
    const at = dice.between(0, this.#desks.length - 1);
    const desk = this.#desks[at]!;
    const what = dice.between(0, 19);
    if (what < 8) await this.#write(desk);
    else if (what < 15) await this.#hear(desk, dice.pick(this.#desks));
    else if (what < 17) this.#backups.set(at, await copyOf(desk));
    else if (what < 18) await this.#restore(at);
    else if (what < 19) await this.#restart(at);
    else await this.#choose();
  }

  /** Some actions; not each of them has something to say. */
  async #write(desk: Desk): Promise<void> {
    for (let action = this.#dice.between(1, 4); action > 0; action -= 1) {
      for (const ops of honestOps(this.#dice, desk.tree)) {
        if (ops.length === 0) continue;
        await desk.say(...ops);
        this.#counts.batches += 1;
      }
    }
  }

  /** All that another one has, or a part of it: in order of the journals, some of it twice. */
  async #hear(desk: Desk, other: Desk): Promise<void> {
    if (desk === other) return;
    const dice = this.#dice;
    if (dice.chance(0.5)) return desk.takeFrom(other);
    await desk.members.learn(other.members.statements());
    const batches = (await other.batches()).toSorted((a, b) => a.sequence - b.sequence);
    for (const batch of batches.slice(0, dice.between(0, batches.length))) {
      await desk.receive(batch);
      if (dice.chance(0.1)) await desk.receive(batch);
    }
    await desk.settle();
  }

  /** The home comes back, and is written to before it meets anybody. */
  async #restore(at: number): Promise<void> {
    const backup = this.#backups.get(at);
    if (backup === undefined) return;
    this.#counts.restored += 1;
    const { identity } = this.#desks[at]!;
    const store = await copyOfStore(backup.store);
    this.#desks[at] = await this.#open(at, { identity, ...backup, store });
    if (this.#dice.chance(0.85)) await this.#write(this.#desks[at]);
  }

  async #restart(at: number): Promise<void> {
    const desk = this.#desks[at]!;
    this.#counts.restarts += 1;
    const { identity, store } = desk;
    this.#desks[at] = await this.#open(at, { identity, store, incarnation: lifeOf(desk) });
  }

  /** @returns whether there was something to choose */
  async #choose(): Promise<boolean> {
    const [owner] = this.#desks as [Desk, ...Desk[]];
    const row = (await owner.book.rows()).find(({ state }) => state === 'forked');
    if (row === undefined) return false;
    const here = row.branches.filter((each) => each.sequence === row.forkedAt && each.here);
    const wanted = here.find(({ reissued }) => !reissued) ?? here[0];
    if (wanted === undefined) return false;
    await owner.book.choose({ ...row, sequence: wanted.sequence, hash: wanted.hash });
    this.#counts.chosen += 1;
    return true;
  }

  async #chooseAll(): Promise<boolean> {
    for (let count = 0; count < choicesMax; count += 1) {
      if (!(await this.#choose())) return count > 0;
      await this.#meetAll();
    }
    throw new Error('choosing does not end');
  }

  /** Everybody hears everything, until nothing new is said. */
  async #meetAll(): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      const before = await this.#amounts();
      for (const desk of this.#desks) {
        for (const other of this.#desks) if (other !== desk) await desk.takeFrom(other);
      }
      if ((await this.#amounts()) === before) return;
    }
    throw new Error('exchanging does not end');
  }

  async #amounts(): Promise<string> {
    const sizes: number[] = [];
    for (const desk of this.#desks) {
      sizes.push((await desk.batches()).length, desk.lines.proofs().length);
      sizes.push(desk.members.statements().length);
    }
    return sizes.join();
  }

  async #check(): Promise<void> {
    const hashes = new Set(this.#desks.map(({ tree }) => tree.treeHash().toString('hex')));
    assert.equal(hashes.size, 1, 'all trees have one hash');
    for (const desk of this.#desks) {
      const all = await desk.batches();
      const opened = all.map((batch) => open(desk, batch));
      const counting = naiveCounting(desk, opened);
      const rows = compareWithOracle(desk.tree, counting, (device) => device);
      await checkConflictsListed(desk.tree, rows);
      checkNothingLost(desk.tree, counting);
      const journals = await desk.book.rows();
      const hidden = journals.reduce((sum, row) => sum + row.hidden, 0);
      assert.equal(hidden, opened.length - counting.length, 'what does not count is listed');
      this.#counts.hidden += hidden;
      this.#counts.forked += journals.filter(({ state }) => state === 'forked').length;
    }
  }
}

function open(desk: Desk, batch: StoredBatch): OpenedBatch {
  const opened = openStored(batch, (epoch) => desk.members.keyring().epoch(epoch)?.opKey);
  assert.ok(opened !== undefined, 'every batch can be opened');
  return opened;
}

/** The batches that the rule lets count, of all that a device has. */
function naiveCounting(desk: Desk, opened: readonly OpenedBatch[]): OpenedBatch[] {
  const { choices } = desk.members.current();
  return [...Map.groupBy(opened, ({ header }) => header.journal)].flatMap(([journal, batches]) => {
    const chained = batches.map(({ hash, header }) => ({ ...header, hash }));
    const counts = countingOf(chained, {
      forks: desk.lines.forksOf(journal),
      choices: choices.get(journal) ?? new Map<number, BatchHash>(),
      right: { type: 'all' },
    });
    return counts.map((hash) => batches.find((each) => each.hash === hash)!);
  });
}

async function copyOf(desk: Desk): Promise<Copy> {
  return { store: await desk.copyStore(), incarnation: lifeOf(desk) };
}

function lifeOf({ publisher }: Desk): IncarnationId | undefined {
  const writing = publisher.writing();
  return writing === undefined ? undefined : splitJournalId(writing).incarnation;
}
