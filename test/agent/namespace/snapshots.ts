import test from 'ava';
import fc from 'fast-check';
import { SnapshotRegister } from '../../../agent/namespace/snapshots.ts';
import { createTree } from '../../../agent/namespace/tree.ts';
import type { OpId, TakeSnapshotOp } from '../../../protocol/messages/op.ts';
import { exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';

const idOf = (digit: number): string => digit.toString(16).repeat(32).slice(0, 32);
const takeOp = (id: string, name: string): TakeSnapshotOp => ({
  type: 'take-snapshot',
  id,
  name,
  vector: [],
});

test('a snapshot says what was taken, by whom and when; the oldest stands first', (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  const vector = [...laptop.tree.vector()].map(([journal, sequence]) => ({ journal, sequence }));
  laptop.say([{ type: 'take-snapshot', id: idOf(1), name: 'first', vector }]);
  exchange(laptop, nas);
  nas.nowMs = laptop.nowMs + 1000;
  nas.say([takeOp(idOf(2), 'second')]);
  exchange(laptop, nas);
  for (const { tree } of [laptop, nas]) {
    const [first, second, ...others] = tree.snapshots();
    t.like(first, { id: idOf(1), name: 'first', op: { journal: laptop.journal, sequence: 2 } });
    t.deepEqual([...(first?.vector ?? [])], [[laptop.journal, 1]]);
    t.like(second, { id: idOf(2), name: 'second', stamp: { wallMs: nas.nowMs } });
    t.deepEqual(others, []);
  }
});

test('what was dropped stays dropped, also when the drop comes first', (t) => {
  const [laptop, nas, late] = [new TreeDevice('a'), new TreeDevice('b'), new TreeDevice('c')];
  laptop.say([takeOp(idOf(1), 'x')]);
  nas.hear(laptop);
  nas.say([{ type: 'drop-snapshot', id: idOf(1) }]);
  late.hear(nas);
  t.deepEqual(late.tree.snapshots(), []);
  late.hear(laptop);
  t.deepEqual(late.tree.snapshots(), []);
});

test('the same operations give the same snapshots in any order', (t) => {
  const operation = fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    name: fc.constantFrom('p', 'q'),
    drops: fc.boolean(),
    wallMs: fc.integer({ min: 1, max: 3 }),
  });
  let shown = 0;
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 12 }).chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray(
            list.map((_, at) => at),
            { minLength: list.length },
          ),
        ),
      ),
      ([list, order]) => {
        const apply = (places: readonly number[]) => {
          const register = new SnapshotRegister();
          for (const at of places) {
            const { id, name, drops, wallMs } = list[at]!;
            const by = { journal: 'j', sequence: at + 1, index: 0 } as unknown as OpId;
            if (drops) register.drop(idOf(id));
            else register.take(takeOp(idOf(id), name), by, { wallMs, counter: 0 });
          }
          return [register.list(), register.dropped().toSorted()];
        };
        const straight = apply(list.map((_, at) => at));
        shown += straight[0]!.length;
        t.deepEqual(apply(order), straight);
      },
    ),
    { numRuns: 500 },
  );
  t.true(shown > 100, String(shown));
});

test('a tree that took in snapshots shows the same files as one that did not', (t) => {
  const device = new TreeDevice('a');
  device.put('f', 'one');
  const before = device.tree.treeHash();
  device.say([takeOp(idOf(1), 'x')]);
  t.deepEqual(device.tree.treeHash(), before);
  t.is(createTree({ deviceName: labelOf }).snapshots().length, 0);
});
