import test from 'ava';
import { isWithin } from '../../../agent/vault/is-within.ts';
import type { JournalId } from '../../../protocol/ids.ts';

const vector = (places: Readonly<Record<string, number>>): ReadonlyMap<JournalId, number> =>
  new Map(Object.entries(places) as [JournalId, number][]);

test('a vector is within another when no journal goes further in it', (t) => {
  t.true(isWithin(vector({}), vector({})));
  t.true(isWithin(vector({ a: 2 }), vector({ a: 2, b: 1 })));
  t.false(isWithin(vector({ a: 3 }), vector({ a: 2, b: 1 })));
  t.false(isWithin(vector({ c: 1 }), vector({ a: 2, b: 1 })));
  t.true(isWithin(vector({ c: 0 }), vector({ a: 2 })), 'nothing of a journal is nowhere too far');
});
