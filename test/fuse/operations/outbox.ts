/** The order of publication, against the rule itself: which change has to wait for which earlier one. */
import test from 'ava';
import fc from 'fast-check';
import { Inode } from '../../../fuse/operations/inode.ts';
import { Outbox } from '../../../fuse/operations/outbox.ts';
import type { NodeId } from '../../../fuse/operations/port.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';

const directories = 3;
const nodes = 6;
/** Rounds are never further apart. */
const roundMs = 1_000;

interface Asked {
  readonly node: number;
  readonly places: readonly { readonly parent: number; readonly name: number }[];
  readonly endsItself: boolean;
  readonly fails: boolean;
  /** So many of those that run are let end before it is asked for. */
  readonly endBefore: number;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  node: fc.nat(nodes - 1),
  places: fc.array(fc.record({ parent: fc.nat(directories - 1), name: fc.nat(1) }), {
    maxLength: 2,
  }),
  endsItself: fc.boolean(),
  fails: fc.boolean(),
  endBefore: fc.nat(2),
});

const isDirectory = (node: number): boolean => node < directories;
const ends = ({ node, endsItself }: Asked): boolean => endsItself && isDirectory(node);

/** The naive oracle: `later` builds on `earlier`. */
function waitsFor(later: Asked, earlier: Asked): boolean {
  if (later.node === earlier.node) return true;
  return (
    later.places.some(({ parent, name }) =>
      earlier.places.some((other) => other.parent === parent && other.name === name),
    ) ||
    (isDirectory(earlier.node) && later.places.some(({ parent }) => parent === earlier.node)) ||
    (ends(later) && earlier.places.some(({ parent }) => parent === later.node))
  );
}

class Play {
  readonly vault = new MemoryVault();
  readonly outbox: Outbox;
  readonly all: Asked[] = [];
  readonly running = new Map<number, () => void>();
  readonly ended = new Set<number>();
  idleCount = 0;
  readonly inodes = Array.from({ length: nodes }, (_item, index) => newInode(index));

  constructor() {
    this.outbox = new Outbox(this.vault.port(), () => {
      this.idleCount += 1;
    });
  }

  add(change: Asked): void {
    const index = this.all.push(change) - 1;
    const places = change.places.map(({ parent, name }) => ({
      parent: idOf(parent),
      name: Buffer.from(`name-${String(name)}`),
    }));
    const turn = { places, ends: ends(change) ? [idOf(change.node)] : undefined };
    this.outbox.add(this.inode(change.node), turn, async () => {
      await new Promise<void>((resolve) => this.running.set(index, resolve));
      this.running.delete(index);
      this.ended.add(index);
      if (change.fails) throw new Error('it cannot be published');
    });
  }

  inode(node: number): Inode {
    const inode = this.inodes[node];
    if (inode === undefined) throw new RangeError(String(node));
    return inode;
  }

  /** Those that may run do, and no others. */
  async compare(t: { deepEqual(a: unknown, b: unknown): unknown }): Promise<void> {
    await this.vault.pass(roundMs);
    const wanted = this.all.flatMap((change, index) => {
      const isFree = this.all
        .slice(0, index)
        .every((earlier, before) => this.ended.has(before) || !waitsFor(change, earlier));
      return isFree && !this.ended.has(index) ? index : [];
    });
    t.deepEqual(
      [...this.running.keys()].sort((a, b) => a - b),
      wanted,
    );
  }

  endOne(choice: number): void {
    const { size } = this.running;
    if (size > 0) [...this.running.values()][choice % size]?.();
  }
}

test('a change waits for those that it builds on, and for no others', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: 1, maxLength: 10 }),
      fc.array(fc.nat(10), { minLength: 30, maxLength: 30 }),
      async (changes, choices) => {
        const play = new Play();
        let turn = 0;
        const endOne = async (): Promise<void> => {
          play.endOne(choices[turn % choices.length] ?? 0);
          turn += 1;
          await play.compare(t);
        };
        for (const change of changes) {
          for (let count = 0; count < change.endBefore; count += 1) await endOne();
          play.add(change);
        }
        await play.compare(t);
        for (let left = changes.length; left > 0; left -= 1) await endOne();
        t.true(play.outbox.isIdle);
        t.true(play.idleCount > 0);
        t.is(
          play.outbox.hasFailed,
          changes.some(({ fails }) => fails),
        );
        t.deepEqual(
          play.inodes.map(({ pending }) => pending),
          play.inodes.map(() => 0),
        );
      },
    ),
    { numRuns: 40 },
  );
});

function newInode(index: number): Inode {
  const kind = isDirectory(index) ? 'directory' : 'file';
  const mtime = { seconds: 0, nanoseconds: 0 };
  return new Inode({ id: idOf(index), kind, mode: 0, mtime, xattrs: new Map(), links: 1 });
}

function idOf(index: number): NodeId {
  return String(index).padStart(32, '0') as NodeId;
}
