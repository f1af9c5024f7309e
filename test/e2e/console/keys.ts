/** The console and a real agent whose keys have a passphrase: unlocked, changed, backed up, locked from it. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { mustSucceed, RealDevice, temporaryFolder } from '../../helpers/real-device.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';

test('unlock, another passphrase, recovery words, a new epoch, a backup, lock', async (t) => {
  t.timeout(180_000);
  const folder = await temporaryFolder(t);
  const file = join(folder, 'passphrase');
  writeFileSync(file, 'correct horse', { mode: 0o600 });
  const device = new RealDevice(t, folder, 'laptop');
  const words = join(folder, 'words');
  mustSucceed(
    await device.vaultd(
      ...['init', '--name', 'laptop', '--recovery-file', words],
      ...['--passphrase-file', file],
    ),
  );
  await device.startLocked();
  const terminal = startTerminal(t, [tuiProgram, '--attach', device.socket], {
    columns: 130,
    rows: 40,
  });
  await terminal.until(/the keys are locked: ! unlocks/);

  terminal.send('!');
  await terminal.until(/passphrase of the keys/);
  terminal.send('wrong horse\r');
  await terminal.until(/passphrase.*not the right one/);
  terminal.send('!');
  await terminal.until(/passphrase of the keys/);
  terminal.send('correct horse');
  await terminal.until(/\*{13}/);
  terminal.send('\r');
  await terminal.until(/laptop \(admin\) · ● ok/);

  terminal.send('7');
  await terminal.until(/epoch [0-9a-f]{8} +yes +yes/);
  terminal.send('w');
  await terminal.until(/24 recovery words/);
  terminal.send(`\u001b[200~${readFileSync(words, 'utf8')}\u001b[201~`);
  await terminal.until(/\*{40}/);
  terminal.send('\r');
  await terminal.until(/The words are those of this vault/);

  terminal.send('r');
  await terminal.until(/Open a new epoch\?/);
  terminal.send('y');
  await terminal.until(/What is written from now on has new keys: epoch/);
  await terminal.until(/epoch [0-9a-f]{8} +no +yes/);

  terminal.send('P');
  await terminal.until(/present passphrase/);
  terminal.send('correct horse\r');
  terminal.send('another horse\r');
  terminal.send('another horse\r');
  await terminal.until(/Another passphrase protects the keys/);

  const backup = join(folder, 'laptop.keys');
  terminal.send('b');
  await terminal.until(/new file of this machine/);
  terminal.send(`${backup}\r`);
  terminal.send('another horse\r');
  terminal.send('another horse\r');
  await terminal.until(/The keys of this device are in/);
  t.true(existsSync(backup));
  t.is(statSync(backup).mode & 0o777, 0o600);

  terminal.send('l');
  await terminal.until(/Lock the keys\?/);
  terminal.send('y');
  await terminal.until(/the keys are locked: ! unlocks/);
  terminal.send('!');
  await terminal.until(/passphrase of the keys/);
  terminal.send('another horse\r');
  await terminal.until(/laptop \(admin\) · ● ok/);
  // What happens from now on is heard again.
  mustSucceed(await device.vault('mkdir', 'afterwards'));
  terminal.send('2');
  await terminal.until(/afterwards\//);

  const written = terminal.written();
  for (const secret of [
    'correct horse',
    'another horse',
    readFileSync(words, 'utf8').slice(0, 30),
  ]) {
    t.false(written.includes(secret), 'it was never shown');
    t.false(device.log.includes(secret), 'and is in no log');
  }
});
