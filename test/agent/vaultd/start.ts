import { once } from 'node:events';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { StatusReport } from '../../../protocol/control/reports.ts';
import { waitUntilFree } from '../../../agent/host/home-lock.ts';
import { makeVault, readyPattern, startReady } from '../../helpers/running-vault.ts';
import { runVaultd, startOnTerminal, startVaultd } from '../../helpers/vaultd.ts';

async function statusOf(t: ExecutionContext, home: string): Promise<StatusReport> {
  const { stdout, stderr } = await runVaultd(t, ['status', '--json', '--home', home]);
  t.is(stderr, '');
  return JSON.parse(stdout) as StatusReport;
}

test('an agent starts, says where it is, answers, and ends with vaultd stop', async (t) => {
  const home = await makeVault(t);
  const { ready, finished, child } = await startReady(t, home);
  const [, device, vault, listen, socket] = ready;
  t.is(socket, join(home, 'agent.sock'));
  t.is((await stat(join(home, 'agent.sock'))).mode & 0o777, 0o600);
  const report = await statusOf(t, home);
  t.like(report, { deviceId: device, vaultId: vault, listen, name: 'laptop' });
  t.is(report.supervisorPid, child.pid ?? null);
  t.not(report.health, 'broken');

  const second = await runVaultd(t, ['start', '--home', home]);
  t.is(second.status, 4);
  t.true(second.stderr.includes('an agent runs already'));

  const stopped = await runVaultd(t, ['stop', '--home', home]);
  t.is(stopped.status, 0, stopped.stderr);
  const end = await finished;
  t.is(end.status, 0);
  t.is(end.stdout.split('\n').length, 2);
  t.false((await readdir(home)).includes('agent.sock'));
  t.is((await runVaultd(t, ['status', '--home', home])).status, 6);
});

test('a killed agent is back with the same identity, and its supervisor stays', async (t) => {
  const home = await makeVault(t);
  const { child, ready, hears, finished } = await startReady(t, home);
  const before = await statusOf(t, home);
  process.kill(before.pid, 'SIGKILL');
  t.truthy(await hears(/agent ready[^]*agent ready/));
  const after = await statusOf(t, home);
  t.not(after.pid, before.pid);
  t.is(after.supervisorPid, before.supervisorPid);
  t.is(after.deviceId, ready[1] ?? '');
  child.kill('SIGINT');
  t.is((await finished).status, 0);
});

test('a killed supervisor leaves no agent and no lock, and the next start works', async (t) => {
  const home = await makeVault(t);
  const { child } = await startReady(t, home);
  child.kill('SIGKILL');
  t.true(await waitUntilFree(home, 15_000));
  const again = await startReady(t, home);
  again.child.kill('SIGTERM');
  t.is((await again.finished).status, 0);
});

test('detached, start returns with the ready line and the log is in the home', async (t) => {
  const home = await makeVault(t);
  const words = ['start', '--detach', '--home', home, '--listen', '127.0.0.1:0'];
  const { status, stdout, stderr } = await runVaultd(t, words);
  t.is(status, 0, stderr);
  t.regex(stdout, readyPattern);
  const report = await statusOf(t, home);
  t.teardown(async () => {
    process.kill(report.supervisorPid ?? report.pid, 'SIGTERM');
    await waitUntilFree(home, 15_000);
  });
  t.true((await readFile(join(home, 'log', 'vaultd.log'), 'utf8')).includes('agent ready'));
  const second = await runVaultd(t, words);
  t.is(second.status, 4);
  t.true(second.stderr.includes('an agent runs already'), second.stderr);
  t.is((await statusOf(t, home)).pid, report.pid);
});

test('a port in use ends the start at once, with what to do, in the foreground and detached', async (t) => {
  const home = await makeVault(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const listen = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  for (const more of [[], ['--detach']]) {
    const result = await runVaultd(t, ['start', '--home', home, '--listen', listen, ...more]);
    t.is(result.status, 4, result.stderr);
    t.true(result.stderr.includes('the port is in use'));
    t.true(result.stderr.includes('--listen'));
  }
});

test('at a terminal a start that fails shows what failed and what to do, and nothing else', async (t) => {
  const home = await makeVault(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const listen = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const { finished } = startOnTerminal(t, ['start', '--home', home, '--listen', listen]);
  const { status, stdout } = await finished;
  t.is(status, 4, stdout);
  const [first = '', second = '', ...more] = stdout.replaceAll('\r', '').trimEnd().split('\n');
  t.is(first, `vaultd: ${listen}: the port is in use (another program listens there)`);
  t.true(second.startsWith('  try: '), second);
  t.deepEqual(more, []);
  const kept = await readFile(join(home, 'log', 'vaultd.log'), 'utf8');
  t.regex(kept, /"code":"port-in-use".*"stack":"VaultError/);
});

test('at a terminal the log of an agent that is ready shows as text', async (t) => {
  const home = await makeVault(t);
  const words = ['start', '--home', home, '--listen', '127.0.0.1:0'];
  const { hears, finished } = startOnTerminal(t, words);
  t.truthy(await hears(/vaultd ready /));
  t.truthy(await hears(/info {2}supervisor: agent ready/));
  t.is((await runVaultd(t, ['stop', '--home', home])).status, 0);
  const { status, stdout } = await finished;
  t.is(status, 0);
  t.notRegex(stdout, /\{"level"/);
});

test('a mistake in the configuration is told with its line before anything starts', async (t) => {
  const home = await makeVault(t);
  await writeFile(join(home, 'config.toml'), '\nlisten = "nowhere"\n');
  for (const more of [[], ['--detach']]) {
    const result = await runVaultd(t, ['start', '--home', home, ...more]);
    t.is(result.status, 2);
    t.true(result.stderr.includes('config.toml:2:1'), result.stderr);
  }
});

test('a home of a newer version is refused and nothing in it changes', async (t) => {
  const home = await makeVault(t);
  await writeFile(join(home, 'format'), 'peervault home 2\n');
  const before = (await readdir(home)).sort();
  const result = await runVaultd(t, ['start', '--home', home]);
  t.is(result.status, 1);
  t.true(result.stderr.includes('newer version'), result.stderr);
  t.deepEqual((await readdir(home)).sort(), before);
});

test('an identity that cannot be read ends in rescue mode, which says why and can be stopped', async (t) => {
  const home = await makeVault(t);
  await writeFile(join(home, 'identity', 'device.json'), '{"broken');
  const { finished, hears } = startVaultd(t, ['start', '--home', home]);
  t.truthy(
    await hears(/^vaultd: the agent does not start .*rescue mode: .*device\.json.*\n {2}try: /m),
  );
  let report = await statusOf(t, home);
  while (!('health' in report)) report = await statusOf(t, home);
  t.is(report.health, 'broken');
  t.true(report.reasons.some((reason) => reason.message.includes('device.json')));
  t.is((await runVaultd(t, ['stop', '--home', home])).status, 0);
  const end = await finished;
  t.is(end.stdout, '');
});
