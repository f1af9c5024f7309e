import test from 'ava';
import { checkHomeChain, checkPlaceChain } from '../../../agent/home/trust.ts';
import type { DirectoryFacts } from '../../../agent/home/trust.ts';
import { isVaultError } from '../../../protocol/errors.ts';

const me = { uid: 1000, gid: 1000 };

function directory(path: string, facts: Partial<DirectoryFacts> = {}): DirectoryFacts {
  return { path, isDirectory: true, uid: 1000, gid: 1000, mode: 0o700, ...facts };
}

const root = directory('/', { uid: 0, gid: 0, mode: 0o755 });

function refusal(chain: readonly DirectoryFacts[], check = checkHomeChain) {
  try {
    check(chain, me);
  } catch (error) {
    if (isVaultError(error, 'home-invalid')) return error.subject;
    throw error;
  }
  return undefined;
}

test('a private home below directories of root and of oneself is trusted', (t) => {
  t.is(
    refusal([root, directory('/home', { uid: 0, mode: 0o755 }), directory('/home/me')]),
    undefined,
  );
});

test('a home of another user is refused, even of root', (t) => {
  t.is(refusal([root, directory('/h', { uid: 0 })]), '/h');
  t.is(refusal([root, directory('/h', { uid: 1001 })]), '/h');
});

test('a home that its group or others may write to is refused', (t) => {
  t.is(refusal([root, directory('/h', { mode: 0o720 })]), '/h');
  t.is(refusal([root, directory('/h', { mode: 0o702 })]), '/h');
  t.is(refusal([root, directory('/h', { mode: 0o1777 })]), '/h');
  t.is(refusal([root, directory('/h', { mode: 0o755 })]), undefined);
});

test('a directory above that others may replace things in is refused, a sticky one is not', (t) => {
  const home = directory('/tmp/h');
  t.is(refusal([root, directory('/tmp', { uid: 0, mode: 0o777 }), home]), '/tmp');
  t.is(refusal([root, directory('/tmp', { uid: 0, mode: 0o1777 }), home]), undefined);
  t.is(refusal([root, directory('/tmp', { uid: 1001, mode: 0o1777 }), home]), '/tmp');
});

test('a directory above may be writable for the own group only', (t) => {
  const home = directory('/d/h');
  t.is(refusal([root, directory('/d', { mode: 0o775 }), home]), undefined);
  t.is(refusal([root, directory('/d', { mode: 0o775, gid: 50 }), home]), '/d');
});

test('a file where a directory belongs is refused', (t) => {
  t.is(refusal([root, directory('/h', { isDirectory: false })]), '/h');
});

test('a file with a mode of its own may lie in a sticky directory, never in an open one', (t) => {
  const temporary = directory('/tmp', { uid: 0, mode: 0o1777 });
  t.is(refusal([root, temporary], checkPlaceChain), undefined);
  t.is(refusal([root, temporary], checkHomeChain), '/tmp');
  t.is(refusal([root, directory('/d', { mode: 0o777 })], checkPlaceChain), '/d');
});
