import test from 'ava';
import { destinationOf } from '../../../cli/commands/put.ts';
import { findSocketPath } from '../../../protocol/control/socket-path.ts';
import { chooseDestination, pathIn } from '../../../cli/paths/destination.ts';
import { parseVaultPath, splitVersion } from '../../../cli/paths/vault-path.ts';
import { names } from '../../../protocol/limits.ts';

test('slashes too many and single dots change nothing', (t) => {
  for (const typed of ['docs/a.txt', '/docs/a.txt', '//docs///a.txt', './docs/./a.txt']) {
    const path = parseVaultPath(typed);
    t.is(path.bytes.toString(), 'docs/a.txt');
    t.false(path.asDirectory);
  }
  for (const typed of ['/', '.', './', '//']) {
    t.is(parseVaultPath(typed).bytes.length, 0, typed);
    t.true(parseVaultPath(typed).asDirectory);
  }
  t.true(parseVaultPath('docs/').asDirectory);
  t.is(parseVaultPath('ü').bytes.toString('hex'), 'c3bc');
});

test('names are checked to the byte', (t) => {
  const longest = 'ü'.repeat(127) + 'x';
  t.is(parseVaultPath(longest).bytes.length, names.nameBytesMax);
  t.throws(() => parseVaultPath(`${longest}y`), { code: 'name-too-long' });
  t.throws(() => parseVaultPath('a/../b'), { code: 'name-invalid' });
  t.throws(() => parseVaultPath(''), { code: 'usage' });
  t.throws(() => parseVaultPath('a\0b'), { code: 'name-invalid' });
  const deep = Array.from({ length: names.pathBytesMax / 2 }, () => 'a').join('/');
  t.is(parseVaultPath(deep).bytes.length, names.pathBytesMax - 1);
  t.throws(() => parseVaultPath(`${deep}/b`), { code: 'name-too-long' });
});

test('escaped paths name what text cannot', (t) => {
  t.is(parseVaultPath('d/\\xff\\n', true).bytes.toString('hex'), '642fff0a');
  t.is(parseVaultPath('d/\\xff', false).bytes.toString(), 'd/\\xff');
  t.throws(() => parseVaultPath('\\q', true), { code: 'usage' });
});

test('a version is at least four hexadecimal digits behind the last @', (t) => {
  t.deepEqual(splitVersion('a@b@3F2a'), { path: 'a@b', version: '3f2a' });
  for (const typed of ['a@3f2', '@3f2a', 'a@3f2g', 'a', 'a@', `a@${'0'.repeat(65)}`]) {
    t.is(splitVersion(typed), undefined, typed);
  }
});

const rules = { op: 'test', sources: 1, parents: false };

test('into an existing directory, else the new name', (t) => {
  const at = (typed: string, kind: 'file' | 'directory' | undefined, change = {}) => {
    const destination = chooseDestination(parseVaultPath(typed), kind, { ...rules, ...change });
    return pathIn(destination, Buffer.from('s')).toString();
  };
  t.is(at('d', 'directory'), 'd/s');
  t.is(at('/', 'directory'), 's');
  t.is(at('d', 'file'), 'd');
  t.is(at('d', undefined), 'd');
  t.is(at('d/', undefined, { parents: true }), 'd/s');
  t.is(at('d', undefined, { parents: true, sources: 2 }), 'd/s');
  t.throws(() => at('d/', undefined), { code: 'not-found' });
  t.throws(() => at('d', undefined, { sources: 2 }), { code: 'not-found' });
  t.throws(() => at('d/', 'file'), { code: 'not-directory' });
  t.throws(() => at('d', 'file', { sources: 2 }), { code: 'not-directory' });
});

test('a local source gives its last name; a dot means what is in it', (t) => {
  const into = { path: Buffer.from('d'), into: true };
  const as = { path: Buffer.from('d'), into: false };
  t.is(destinationOf('a/b.txt', into).toString(), 'd/b.txt');
  t.is(destinationOf('a/b//', into).toString(), 'd/b');
  t.is(destinationOf('a/.', into).toString(), 'd');
  t.is(destinationOf('.', into).toString(), 'd');
  t.is(destinationOf('a/b.txt', as).toString(), 'd');
  t.is(destinationOf('-', as).toString(), 'd');
  t.throws(() => destinationOf('-', into), { code: 'is-directory' });
});

test('flag beats environment beats default, and the socket beats the home', (t) => {
  const base = { environment: {}, userHome: '/u' };
  const both = { VAULT_SOCKET: '/e.sock', VAULT_HOME: '/e' };
  t.is(findSocketPath(base), '/u/.local/share/peervault/agent.sock');
  const data = { ...base, environment: { XDG_DATA_HOME: '/x' } };
  t.is(findSocketPath(data), '/x/peervault/agent.sock');
  const relative = { ...base, environment: { XDG_DATA_HOME: 'x', VAULT_HOME: '' } };
  t.is(findSocketPath(relative), '/u/.local/share/peervault/agent.sock');
  t.is(findSocketPath({ ...base, environment: { VAULT_HOME: '/e' } }), '/e/agent.sock');
  t.is(findSocketPath({ ...base, environment: both }), '/e.sock');
  t.is(findSocketPath({ ...base, environment: both, home: '/h' }), '/h/agent.sock');
  t.is(findSocketPath({ ...base, environment: both, home: '/h', socket: '/s' }), '/s');
});

test('a path of 107 bytes is taken, one of 108 names the setting', (t) => {
  const base = { environment: {}, userHome: '/u' };
  const longest = `/${'ä'.repeat(53)}`;
  t.is(findSocketPath({ ...base, socket: longest }), longest);
  t.throws(() => findSocketPath({ ...base, socket: `${longest}x` }), {
    code: 'usage',
    message: /108 bytes/,
  });
  const setting = (settings: object) =>
    t.throws(() => findSocketPath({ ...base, ...settings }), { code: 'usage' }) as unknown as {
      next: string;
    };
  t.regex(setting({ home: 'x'.repeat(100) }).next, /--home/);
  t.regex(setting({ environment: { VAULT_HOME: 'x'.repeat(100) } }).next, /VAULT_HOME/);
  t.regex(setting({ environment: { VAULT_SOCKET: 'x'.repeat(108) } }).next, /VAULT_SOCKET/);
});
