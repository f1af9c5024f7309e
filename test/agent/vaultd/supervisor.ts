import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { waitUntilFree } from '../../../agent/host/home-lock.ts';
import { finishStaging, openStaging } from '../../../agent/host/node-home.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const fixture = join(import.meta.dirname, '../../fixtures/supervise-double.ts');

async function makeHome(t: ExecutionContext, part: string): Promise<string> {
  const home = await temporaryDirectory(t);
  await openStaging(home);
  await finishStaging(home);
  await writeFile(join(home, 'part'), part);
  return home;
}

function startOn(t: ExecutionContext, home: string) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fixture, home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const heard = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (piece: Buffer) => {
      heard[name] += piece.toString('utf8');
      for (const check of waiting) check();
    });
  }
  return {
    child,
    heard,
    exited: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    hears(name: 'stdout' | 'stderr', text: string, times = 1): Promise<void> {
      return new Promise((resolve) => {
        const check = (): void => {
          if (heard[name].split(text).length <= times) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    },
  };
}

async function linesOf(home: string, name: string): Promise<string[]> {
  const text = await readFile(join(home, name), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

test('an agent that is ready is announced on standard output, its log goes to standard error', async (t) => {
  const home = await makeHome(t, 'ready');
  const { child, heard, hears, exited } = startOn(t, home);
  await hears('stdout', '\n');
  t.is(heard.stdout, `vaultd ready device=d1 vault=v1 listen=l:1 socket=${home}/agent.sock\n`);
  child.kill('SIGTERM');
  t.deepEqual(await exited, [0, null]);
  t.deepEqual(await linesOf(home, 'ends'), ['clean']);
  t.true(heard.stderr.includes('log line of the agent'));
});

test('a crashed agent is started again, and announced only once', async (t) => {
  const home = await makeHome(t, 'ready');
  const { child, heard, hears, exited } = startOn(t, home);
  await hears('stderr', 'agent ready');
  const [first] = await linesOf(home, 'starts');
  process.kill(Number(first), 'SIGKILL');
  await hears('stderr', 'agent ready', 2);
  t.is((await linesOf(home, 'starts')).length, 2);
  child.kill('SIGTERM');
  t.deepEqual(await exited, [0, null]);
  t.is(heard.stdout.split('\n').length, 2);
  t.true(heard.stderr.includes('signal SIGKILL'));
});

test('after three failed starts the agent runs in rescue mode with the reasons', async (t) => {
  const home = await makeHome(t, 'broken');
  const { child, heard, hears, exited } = startOn(t, home);
  await hears('stderr', 'rescue mode');
  while ((await linesOf(home, 'rescue')).length < 1) await new Promise(setImmediate);
  t.is((await linesOf(home, 'starts')).length, 4);
  t.deepEqual(await linesOf(home, 'rescue'), ['the store is damaged']);
  await hears(
    'stderr',
    'vaultd: the agent does not start and runs in rescue mode: the store is damaged',
  );
  await hears('stderr', '\n  try: restore it; then vaultd stop and vaultd start\n');
  child.kill('SIGTERM');
  t.deepEqual(await exited, [0, null]);
  t.is(heard.stdout, '');
});

test('an agent that aborts without a word is quoted with its last line', async (t) => {
  const home = await makeHome(t, 'abort');
  const { heard, hears, child, exited } = startOn(t, home);
  await hears('stderr', 'rescue mode');
  t.true(heard.stderr.includes('signal SIGABRT'), heard.stderr);
  t.true(heard.stderr.includes('a last word'));
  child.kill('SIGTERM');
  await exited;
});

test('an error that a person has to mend ends the first start with its status and next step', async (t) => {
  const home = await makeHome(t, 'refuse');
  const { heard, exited } = startOn(t, home);
  t.deepEqual(await exited, [4, null]);
  t.true(heard.stderr.includes('vaultd: taken\n  try: another port'), heard.stderr);
  t.is((await linesOf(home, 'starts')).length, 1);
});

test('a second start on the same home is refused and disturbs nobody', async (t) => {
  const home = await makeHome(t, 'ready');
  const first = startOn(t, home);
  await first.hears('stdout', '\n');
  const second = startOn(t, home);
  t.deepEqual(await second.exited, [4, null]);
  t.true(second.heard.stderr.includes(String(first.child.pid)), second.heard.stderr);
  t.is((await linesOf(home, 'starts')).length, 1);
  first.child.kill('SIGTERM');
  t.deepEqual(await first.exited, [0, null]);
});

test('a killed supervisor takes its agent along, cleanly, and leaves no lock', async (t) => {
  const home = await makeHome(t, 'ready');
  const { child, hears, exited } = startOn(t, home);
  await hears('stdout', '\n');
  child.kill('SIGKILL');
  await exited;
  t.true(await waitUntilFree(home, 10_000));
  t.deepEqual(await linesOf(home, 'ends'), ['clean']);
});

test('the home stays locked until the agent of a killed supervisor is gone', async (t) => {
  const home = await makeHome(t, 'ready');
  const { child, hears } = startOn(t, home);
  await hears('stdout', '\n');
  const [agent] = await linesOf(home, 'starts');
  process.kill(Number(agent), 'SIGSTOP');
  child.kill('SIGKILL');
  t.false(await waitUntilFree(home, 100));
  process.kill(Number(agent), 'SIGCONT');
  t.true(await waitUntilFree(home, 10_000));
});

test('a second signal ends at once, with an agent that does not listen', async (t) => {
  const home = await makeHome(t, 'deaf');
  const { child, hears, exited } = startOn(t, home);
  await hears('stdout', '\n');
  child.kill('SIGINT');
  await hears('stderr', '"ending"');
  child.kill('SIGINT');
  t.deepEqual(await exited, [130, null]);
  t.true(await waitUntilFree(home, 10_000));
});

test('a signal during the pause between two starts ends at once', async (t) => {
  const home = await makeHome(t, 'broken');
  const { child, hears, exited } = startOn(t, home);
  await hears('stderr', 'the store is damaged', 2);
  child.kill('SIGTERM');
  t.deepEqual(await exited, [0, null]);
  t.is((await linesOf(home, 'starts')).length, 2);
});
