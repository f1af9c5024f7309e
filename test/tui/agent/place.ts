import test from 'ava';
import { join } from 'node:path';
import { placeOf } from '../../../tui/agent/place.ts';
import { parseOptions } from '../../../tui/options.ts';

test('the way to the agent is shown where the console was told it, whole', async (t) => {
  const shown = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await placeOf(parseOptions(words, {}), {})).shown;
  t.deepEqual(await shown(), []);
  t.deepEqual(await shown('--attach', 'a b/agent.sock'), [
    '--socket',
    join(process.cwd(), 'a b/agent.sock'),
  ]);
  t.deepEqual(await shown('--home', '/srv/vault'), ['--home', '/srv/vault']);
  t.deepEqual(await shown('--home', '/srv/vault', '--attach', '/run/a.sock'), [
    '--socket',
    '/run/a.sock',
  ]);
});

test('what the environment says is shown as an option: the next shell may not have it', async (t) => {
  const shown = async (environment: Readonly<Record<string, string>>, ...words: string[]) =>
    (await placeOf(parseOptions(words, {}), environment)).shown;
  t.deepEqual(await shown({ VAULT_HOME: '/srv/vault' }), ['--home', '/srv/vault']);
  t.deepEqual(await shown({ VAULT_HOME: '/srv/vault', VAULT_SOCKET: '/run/a.sock' }), [
    '--socket',
    '/run/a.sock',
  ]);
  t.deepEqual(await shown({ VAULT_SOCKET: '/run/a.sock' }, '--home', '/srv/vault'), [
    '--home',
    '/srv/vault',
  ]);
  t.deepEqual(await shown({ VAULT_HOME: '' }), []);
});
