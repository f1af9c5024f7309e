import test from 'ava';
import { VaultError, type ErrorCode } from '../../protocol/errors.ts';
import { concernsOneContent, concernsOneItem, reaches } from '../../protocol/reach.ts';

const error = (code: ErrorCode): VaultError => new VaultError(code, { op: 'test' });

test('what one item is refused for is about that item, whatever is done with it', (t) => {
  for (const code of ['is-directory', 'not-directory', 'name-too-long', 'not-found'] as const) {
    t.true(concernsOneItem(error(code)), code);
    t.true(concernsOneContent(error(code)), code);
  }
});

test('content that cannot be had is about one item when it is read, and about all when it is written', (t) => {
  for (const code of ['damaged', 'chunk-missing', 'io', 'timeout', 'no-key'] as const) {
    t.false(concernsOneItem(error(code)), code);
    t.true(concernsOneContent(error(code)), code);
  }
});

test('a full disk, a role that may not write, an agent that is gone and Ctrl-C are about everything', (t) => {
  for (const code of [
    'disk-full',
    'quota-full',
    'read-only',
    'no-agent',
    'closed',
    'cancelled',
  ] as const) {
    t.is(reaches[code], 'all');
    t.false(concernsOneItem(error(code)), code);
    t.false(concernsOneContent(error(code)), code);
  }
  t.false(concernsOneContent(new Error('a bug')));
});
