import test from 'ava';
import { statePageHash, stateRoot } from '../../../../agent/namespace/state/state-root.ts';

test('the root depends on every page and on their order', (t) => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')].map(statePageHash);
  t.is(a?.length, 32);
  const roots = [[], [a], [b], [a, b], [b, a], [a, a]].map((hashes) =>
    stateRoot(hashes as Buffer[]).toString('hex'),
  );
  t.is(new Set(roots).size, roots.length);
});

test('a page of two hashes is not the root of two pages', (t) => {
  const hashes = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  t.notDeepEqual(statePageHash(Buffer.concat(hashes)), stateRoot(hashes));
});
