/** What was done on a device is on record, and a record that somebody changed says so. */
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import type { AuditReport } from '../../protocol/control/audit-reports.ts';
import type { EventRecord } from '../../protocol/control/reports.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

async function entriesOf(device: RealDevice, ...words: string[]): Promise<readonly EventRecord[]> {
  const { stdout } = mustSucceed(await device.vault('audit', '--json', ...words));
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EventRecord);
}

test('members, keys, settings, refused strangers and many deletions are on record', async (t) => {
  t.timeout(300_000);
  const folder = await temporaryFolder(t);
  const device = new RealDevice(t, folder, 'laptop');
  await device.init();
  await device.start();
  const other = new RealDevice(t, folder, 'nas');
  await other.join(await device.invite('reader'));

  const [host = '', port = ''] = device.listening.split(':');
  const stranger = connect({ host, port: Number(port) });
  stranger.on('error', () => undefined);
  stranger.resume();
  stranger.end(Buffer.alloc(200, 'x'));
  await once(stranger, 'close');

  const secret = join(folder, 'passphrase');
  await writeFile(secret, 'some words', { mode: 0o600 });
  mustSucceed(await device.vault('passphrase', 'set', '--passphrase-file', secret));
  mustSucceed(await device.vault('keys', 'backup', join(folder, 'k'), '--passphrase-file', secret));
  for (let at = 0; at < 120; at++) await writeFile(join(folder, `secret-name-${String(at)}`), 'x');
  mustSucceed(await device.vault('mkdir', 'many'));
  const names = Array.from({ length: 120 }, (_, at) => join(folder, `secret-name-${String(at)}`));
  mustSucceed(await device.vault('put', ...names, 'many'));
  mustSucceed(await device.vault('rm', '-r', 'many'));
  for (const words of [
    ['role', 'nas', 'writer'],
    ['keys', 'rotate'],
    ['revoke', 'nas', '--yes'],
    ['config', 'set', 'log.level', 'debug'],
    ['config', 'set', 'log.level', 'info'],
  ]) {
    mustSucceed(await device.vault(...words));
  }
  const atOnce = (await entriesOf(device)).map(({ type }) => type);
  t.is(atOnce.filter((type) => type === 'config-changed').length, 2, 'before the next start');
  mustSucceed(await device.vault('lock'));
  mustSucceed(await device.vault('unlock', '--passphrase-file', secret));
  await device.stop();
  device.change({ environment: { VAULT_LOG_LEVEL: 'warn' } });
  await device.start('--passphrase-file', secret);

  const entries = await entriesOf(device);
  const types = new Set(entries.map(({ type }) => type));
  for (const type of [
    'agent-started',
    'agent-stopped',
    'member-added',
    'role-changed',
    'epoch-opened',
    'member-key-renewed',
    'member-revoked',
    'connection-refused',
    'passphrase-set',
    'keys-backup',
    'mass-change',
    'keys-locked',
    'keys-unlocked',
    'config-changed',
  ]) {
    t.true(types.has(type), type);
  }
  t.regex(entries.find(({ type }) => type === 'member-added')?.message ?? '', /nas .*reader/);
  t.regex(entries.find(({ type }) => type === 'config-changed')?.message ?? '', /log\.level/);
  t.false(JSON.stringify(entries).includes('secret-name'), 'no name of a file');
  const soon = await entriesOf(device, '--since', new Date(Date.now() + 60_000).toISOString());
  t.is(soon.length, 0);

  const follower = device.launch('vault', ['audit', '--follow', '--json']);
  const followed = once(follower.child.stdout, 'data');
  await followed;
  const heard: string[] = [];
  follower.child.stdout.on('data', (piece: Buffer) => heard.push(piece.toString()));
  mustSucceed(await device.vault('passphrase', 'remove', '--passphrase-file', secret));
  await eventually('who follows sees it', () =>
    Promise.resolve(heard.join('').includes('passphrase-removed')),
  );
  follower.child.kill('SIGINT');
  await follower.outcome;

  const verified = (await device.json('audit', '--verify')) as AuditReport;
  t.true(verified.whole, JSON.stringify(verified));
  await device.stop();

  const file = join(device.home, 'audit', '00000001.log');
  const text = await readFile(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.includes('"member-added"'));
  t.true(at > 0);
  await writeFile(
    file,
    lines.map((line, row) => `${row === at ? line.replace('nas', 'usb') : line}\n`).join(''),
  );
  await device.start();
  const tampered = await device.vault('audit', '--verify');
  t.is(tampered.code, 8);
  t.regex(tampered.stdout, new RegExp(`BROKEN at entry ${String(at + 1)} in audit/00000001.log`));
  await device.stop();
});
