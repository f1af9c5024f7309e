import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { takeHomeLock, waitUntilFree } from '../../../agent/host/home-lock.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const fixture = join(import.meta.dirname, '../../fixtures/hold-home-lock.ts');

async function holdElsewhere(t: ExecutionContext, home: string, ...more: string[]) {
  const child = spawn(process.execPath, [fixture, home, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, line: line.toString('utf8').trim() };
}

test('a second taker is refused and told which process holds it', async (t) => {
  const home = await temporaryDirectory(t);
  const { child } = await holdElsewhere(t, home);
  const error = await t.throwsAsync(() => takeHomeLock(home));
  t.true(isVaultError(error, 'agent-running'));
  t.true(error?.message.includes(String(child.pid)), error?.message);
});

test('kill -9 of the holder frees the home at once', async (t) => {
  const home = await temporaryDirectory(t);
  const { child } = await holdElsewhere(t, home);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await takeHomeLock(home);
  await lock.release();
  t.pass();
});

test('the home stays taken while a process that inherited the lock lives', async (t) => {
  const home = await temporaryDirectory(t);
  const { child, line } = await holdElsewhere(t, home, 'heir');
  const heir = Number(line);
  t.true(heir > 1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.false(await waitUntilFree(home, 50));
  process.kill(heir, 'SIGKILL');
  t.true(await waitUntilFree(home, 5_000));
});

test('of ten takers at once exactly one wins', async (t) => {
  const home = await temporaryDirectory(t);
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => takeHomeLock(home)));
  const won = results.filter((result) => result.status === 'fulfilled');
  t.is(won.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') t.true(isVaultError(result.reason, 'agent-running'));
  }
  await won[0]?.value.release();
  await (await takeHomeLock(home)).release();
});

test('a lock file that was removed meanwhile does not let two in', async (t) => {
  const home = await temporaryDirectory(t);
  const first = await takeHomeLock(home);
  const waiter = waitUntilFree(home, 5_000);
  await rm(join(home, 'lock'));
  const second = await takeHomeLock(home);
  await first.release();
  await t.throwsAsync(() => takeHomeLock(home));
  await second.release();
  t.true(await waiter);
});

test('a home that is missing is an error that says so', async (t) => {
  const error = await t.throwsAsync(() => takeHomeLock('/nonexistent/home'));
  t.true(isVaultError(error, 'home-invalid'));
});
