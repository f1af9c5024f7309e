import test from 'ava';
import { IdTable } from '../../../../agent/namespace/frozen/id-table.ts';
import type { NodeId } from '../../../../protocol/ids.ts';
import { Dice } from '../../../helpers/dice.ts';

test('an id hashes like its bytes, and differently under another seed', (t) => {
  const id = '00ff10203040506070809aabbccddeef' as NodeId;
  const bytes = Buffer.from(`aa${id}`, 'hex');
  t.is(new IdTable(7).hashOf(id), new IdTable(7).hashOfBytes(bytes, 1));
  t.not(new IdTable(7).hashOf(id), new IdTable(8).hashOf(id));
});

test('whatever is added, moved and removed, the table says what a map says', (t) => {
  const dice = new Dice(11);
  const table = new IdTable(3);
  const pages = new Map<NodeId, number>();
  // Few hashes, so that ids meet each other; the page tells them apart.
  const hashOf = (id: NodeId): number => table.hashOf(id) % 4096;
  for (let step = 0; step < 20_000; step += 1) {
    const id = dice.hex(16) as NodeId;
    const known =
      dice.chance(0.5) && pages.size > 0 ? dice.pick([...pages.keys()].slice(0, 50)) : undefined;
    if (known === undefined) {
      pages.set(id, step);
      table.add(hashOf(id), step);
    } else if (dice.chance(0.5)) {
      table.move(hashOf(known), pages.get(known)!, step);
      pages.set(known, step);
    } else {
      table.remove(hashOf(known), pages.get(known)!);
      pages.delete(known);
    }
  }
  t.is(table.size, pages.size);
  for (const [id, page] of pages) {
    t.is(
      table.find(hashOf(id), (candidate) => candidate === page),
      page,
    );
    if (page % 97 === 0)
      t.is(
        table.find(hashOf(id), () => false),
        undefined,
      );
  }
});
