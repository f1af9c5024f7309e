import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { InviteReport, StatusReport } from '../../../protocol/control/reports.ts';
import { parseTicket, ticketToText } from '../../../protocol/messages/ticket.ts';
import { makeVault, startReady } from '../../helpers/running-vault.ts';
import { runVault, runVaultd, startVaultd } from '../../helpers/vaultd.ts';

async function invite(t: ExecutionContext, home: string): Promise<string> {
  const words = ['invite', '--home', home, '--role', 'writer', '--json'];
  const { status, stdout, stderr } = await runVault(t, words);
  t.is(status, 0, stderr);
  return (JSON.parse(stdout) as InviteReport).ticket;
}

test('a ticket makes a home that runs; used again it is refused and leaves nothing', async (t) => {
  const home = await makeVault(t);
  const directory = dirname(home);
  const issuer = await startReady(t, home);
  const ticket = await invite(t, home);
  const file = join(directory, 'ticket');
  await writeFile(file, `${ticket}\n`);
  const joined = join(directory, 'joined');
  const words = ['join', '--ticket-file', file, '--name', 'nas', '--home', joined];
  const result = await runVaultd(t, words);
  t.is(result.status, 0, result.stderr);
  t.true(result.stdout.includes(`vault ${issuer.ready[2] ?? ''}\n`));
  const agent = await startReady(t, joined);
  t.is(agent.ready[2], issuer.ready[2]);
  t.not(agent.ready[1], issuer.ready[1]);

  const before = await readdir(directory);
  const again = await runVaultd(t, ['join', '-', '--home', join(directory, 'second')], ticket);
  t.is(again.status, 4, again.stderr);
  t.true(again.stderr.includes('used'), again.stderr);
  t.deepEqual(await readdir(directory), before);

  for (const { child, finished } of [agent, issuer]) {
    child.kill('SIGTERM');
    t.is((await finished).status, 0);
  }
});

test('an issuer that does not answer is told, and nothing is left behind', async (t) => {
  const home = await makeVault(t);
  const directory = dirname(home);
  const { child, finished } = await startReady(t, home);
  const ticket = await invite(t, home);
  child.kill('SIGTERM');
  await finished;
  const before = await readdir(directory);
  const result = await runVaultd(t, ['join', ticket, '--home', join(directory, 'joined')]);
  t.is(result.status, 9, result.stderr);
  t.true(result.stderr.includes('cannot be reached'));
  t.deepEqual(await readdir(directory), before);
});

test('Ctrl-C while the issuer does not answer leaves nothing behind', async (t) => {
  const home = await makeVault(t);
  const directory = dirname(home);
  await startReady(t, home);
  const ticket = await invite(t, home);
  const status = await runVaultd(t, ['status', '--json', '--home', home]);
  const { pid } = JSON.parse(status.stdout) as StatusReport;
  process.kill(pid, 'SIGSTOP');
  t.teardown(() => process.kill(pid, 'SIGCONT'));
  const before = await readdir(directory);
  const joined = join(directory, 'joined');
  const joining = startVaultd(t, ['join', ticket, '--home', joined]);
  while (!(await namesIn(joined)).includes('.new')) await new Promise(setImmediate);
  joining.child.kill('SIGINT');
  const { status: exit, stdout } = await joining.finished;
  t.is(exit, 130);
  t.is(stdout, '');
  t.deepEqual(await readdir(directory), before);
});

test('Ctrl-C ends a handshake that nobody answers, at once and as cancelled', async (t) => {
  const home = await makeVault(t);
  const directory = dirname(home);
  await startReady(t, home);
  const ticket = parseTicket(await invite(t, home));
  // Takes the connection and what is sent, and says nothing.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const addresses = [`127.0.0.1:${String(port)}`];
  const before = await readdir(directory);
  const joined = join(directory, 'joined');
  const words = ['join', ticketToText({ ...ticket, addresses }), '--home', joined];
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const joining = startVaultd(t, words);
  const [socket] = await connected;
  t.teardown(() => {
    socket.destroy();
    server.close();
  });
  socket.on('error', () => undefined);
  await once(socket, 'data');
  joining.child.kill('SIGINT');
  const { status, stderr } = await joining.finished;
  t.is(status, 130, stderr);
  t.deepEqual(await readdir(directory), before);
});

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
