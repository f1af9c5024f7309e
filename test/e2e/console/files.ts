/** The console and a real agent: what is done to files in it is done in the vault. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openControlSession } from '../../helpers/control-session.ts';
import { makeVault, startReady } from '../../helpers/running-vault.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

test('put, read, rename, undo, delete, bring back, compare versions, get', async (t) => {
  const { ready } = await startReady(t, await makeVault(t));
  const socket = ready[4]!;
  const folder = await temporaryDirectory(t);
  writeFileSync(join(folder, 'notes.txt'), 'first line\nsecond line\n');
  const terminal = startTerminal(t, [tuiProgram, '--attach', socket, '--view', 'files'], {
    columns: 120,
    rows: 30,
  });
  await terminal.until(/The directory is empty/);

  terminal.send('p');
  await terminal.until(/file or directory of this machine/);
  terminal.send(`${join(folder, 'notes.txt')}\r`);
  await terminal.until(/▸ notes\.txt .*● here/);
  await terminal.until(/ first line/);

  terminal.send('r');
  await terminal.until(/new name/);
  terminal.send('\u0015paper.txt\r');
  await terminal.until(/▸ paper\.txt/);
  await terminal.until(/Moved notes\.txt.*u: move notes\.txt back/);
  terminal.send('u');
  await terminal.until(/▸ notes\.txt/);

  terminal.send('d');
  await terminal.until(/The directory is empty/);
  terminal.send('u');
  await terminal.until(/▸ notes\.txt/);

  const session = await openControlSession(socket);
  t.teardown(() => {
    session.close();
  });
  await session.put(new Map([['notes.txt', Buffer.from('first line\nanother line\n')]]));
  await terminal.until(/another line/);
  terminal.send('v');
  await terminal.until(/History of \/notes\.txt/);
  await terminal.until(/changed/);
  terminal.send('D');
  await terminal.until(/^.*- second line/);
  t.true(terminal.screen().some((line) => line.includes('+ another line')));
  await terminal.until(/\$ vault --socket \S+ diff \/notes\.txt@/);
  terminal.send('q');
  await terminal.untilGone(/\+ another line/);
  terminal.send('h');
  await terminal.until(/▸ notes\.txt/);

  const target = join(folder, 'out');
  mkdirSync(target);
  terminal.send('o');
  await terminal.until(/directory of this machine/);
  terminal.send(`\u0015${target}\r`);
  await terminal.until(/Copied notes\.txt to/);
  t.is(readFileSync(join(target, 'notes.txt'), 'utf8'), 'first line\nanother line\n');

  terminal.send('w');
  await terminal.until(/Why: \/notes\.txt/);
  await terminal.until(/device +online +knows it +holds it/);
  terminal.send('\u001b');
  await terminal.untilGone(/Why: \/notes\.txt/);
});
