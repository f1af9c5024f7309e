import test from 'ava';
import fc from 'fast-check';
import { NoteRegister, type NoteRef } from '../../../agent/namespace/notes.ts';
import {
  journalId,
  type DeviceId,
  type IncarnationId,
  type NodeId,
} from '../../../protocol/ids.ts';
import type { NoteOp } from '../../../protocol/messages/op.ts';
import { SavedTree } from '../../helpers/saved-trees.ts';
import { exchange, labelOf, TreeDevice } from '../../helpers/tree-device.ts';

const idOf = (number: number): string => number.toString(16).padStart(32, '0');
const noteOf = (number: number, text = 'x'): NoteOp => ({
  type: 'note',
  id: idOf(number),
  text,
  sealed: [],
});
const incarnations = ['1', '2'].map((digit) => digit.repeat(16) as IncarnationId);
const [first, second] = ['a', 'b'].map((digit) => digit.repeat(32) as DeviceId);
const journals = [first!, second!].flatMap((device) =>
  incarnations.map((incarnation) => journalId(device, incarnation)),
);

test('notes are known with who said them, for whom, and about what; the oldest stands first', (t) => {
  const [laptop, nas] = [new TreeDevice('a'), new TreeDevice('b')];
  laptop.put('f', 'one');
  const about = laptop.at('f').node.id;
  laptop.say([{ ...noteOf(1), about }, noteOf(2)]);
  exchange(laptop, nas);
  nas.nowMs = laptop.nowMs + 1000;
  nas.say([noteOf(3)]);
  exchange(laptop, nas);
  for (const { tree } of [laptop, nas]) {
    t.deepEqual(
      tree.notes().map(({ id, op }) => [id, op.journal, op.index]),
      [
        [idOf(1), laptop.journal, 0],
        [idOf(2), laptop.journal, 1],
        [idOf(3), nas.journal, 0],
      ],
    );
    t.is(tree.notes()[0]?.about, about);
  }
});

test('a tree that took in notes shows the same files as one that did not', (t) => {
  const device = new TreeDevice('a');
  device.put('f', 'one');
  const before = device.tree.treeHash();
  device.say([noteOf(1), { ...noteOf(2), about: device.at('f').node.id }]);
  device.say([{ ...noteOf(3), about: idOf(77) as NodeId }]);
  t.deepEqual(device.tree.treeHash(), before);
  t.is(device.tree.notes().length, 3);
});

test('a tree that was saved and loaded knows the same notes', (t) => {
  const device = new TreeDevice('a');
  device.put('f', 'one');
  const to = 'b'.repeat(32) as DeviceId;
  const sealing = { recipient: to, encapsulated: Buffer.alloc(32), ciphertext: Buffer.alloc(20) };
  device.say([
    noteOf(1),
    { ...noteOf(2), about: device.at('f').node.id },
    { type: 'note', id: idOf(3), to, sealed: [sealing] },
  ]);
  const saved = new SavedTree();
  saved.save(device.tree);
  t.deepEqual(saved.load({ deviceName: labelOf }).notes(), device.tree.notes());
});

test('of each device the latest are kept, whatever comes when and is said again', (t) => {
  const kept = 5;
  const sayings = fc.array(
    fc.record({
      id: fc.integer({ min: 1, max: kept * 2 }),
      journal: fc.constantFrom(...journals),
      wallMs: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: kept * 8, size: 'max' },
  );
  let left = 0;
  fc.assert(
    fc.property(sayings, fc.infiniteStream(fc.nat()), (list, dice) => {
      const refs = list.map(({ id, journal, wallMs }, at) => ({
        id,
        op: { journal, sequence: at + 1, index: 0 },
        stamp: { wallMs, counter: 0 },
      }));
      const take = (order: readonly (typeof refs)[number][]): readonly NoteRef[] => {
        const register = new NoteRegister(kept);
        for (const { id, op, stamp } of order) register.take(noteOf(id), op, stamp);
        return register.list();
      };
      const straight = take(refs);
      const shuffled = refs
        .map((ref) => ({ ref, by: dice.next().value ?? 0 }))
        .sort((a, b) => a.by - b.by)
        .map(({ ref }) => ref);
      t.deepEqual(take(shuffled), straight);
      const again = new NoteRegister(kept);
      again.restore(straight);
      t.deepEqual(again.list(), straight);
      for (const device of [first!, second!]) {
        const ids = new Set(
          refs.flatMap(({ id, op }) => (op.journal.startsWith(device) ? [id] : [])),
        );
        const count = straight.filter(({ op }) => op.journal.startsWith(device)).length;
        t.is(count, Math.min(ids.size, kept));
        left += ids.size - count;
      }
    }),
    { numRuns: 500 },
  );
  t.true(left > 0, 'some had more than are kept');
});
