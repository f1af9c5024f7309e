import test from 'ava';
import { nearestOf } from '../../../protocol/text/nearest.ts';

test('nearest answers only for a slip of the fingers', (t) => {
  t.is(nearestOf('name', ['name']), 'name');
  t.is(nearestOf('nmae', ['name']), undefined);
  t.is(nearestOf('nam', ['name', 'game']), 'name');
  t.is(nearestOf('', ['name']), undefined);
  t.is(nearestOf('x'.repeat(10_000), ['name']), undefined);
});
