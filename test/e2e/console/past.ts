/** The console and a real agent: snapshots, what is kept of the past, and letting it go. */
import test from 'ava';
import { openControlSession } from '../../helpers/control-session.ts';
import { makeVault, startReady } from '../../helpers/running-vault.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';

test('take a snapshot, compare, bring back, drop it; a rule, what would go by it, and letting it go', async (t) => {
  t.timeout(180_000);
  const { ready } = await startReady(t, await makeVault(t));
  const socket = ready[4]!;
  const session = await openControlSession(socket);
  t.teardown(() => {
    session.close();
  });
  const put = (text: string) => session.put(new Map([['notes.txt', Buffer.from(text)]]));
  await put('the first of them\n');
  const terminal = startTerminal(t, [tuiProgram, '--attach', socket, '--view', 'files'], {
    columns: 120,
    rows: 36,
  });
  await terminal.until(/▸ notes\.txt/);

  terminal.send('A');
  await terminal.until(/^ A {2}l snapshots {2}n snapshot-create/);
  terminal.send('n');
  await terminal.until(/name of the snapshot/);
  terminal.send('before\r');
  await terminal.until(/before is the tree as it is now.*u: drop before/);
  await put('the second of them\n');
  await put('the third of them, which is longer\n');
  await terminal.until(/the third of them/);

  terminal.send('Al');
  await terminal.until(/▸ before .*ready/);
  await terminal.until(/Name +before/);
  terminal.send('AD');
  await terminal.until(/What is different between two moments/);
  terminal.send('\r\r\r');
  await terminal.until(/M notes\.txt \(18 B -> 35 B\)/);
  terminal.send('\u001b');
  await terminal.untilGone(/M notes\.txt/);
  terminal.send('\r');
  await terminal.until(/as it was: before/);
  await terminal.until(/the first of them/);
  terminal.send('N');
  await terminal.until(/the third of them/);

  terminal.send('Ks');
  await terminal.until(/rule of \/notes\.txt/);
  terminal.send('keep-last=1\r');
  await terminal.until(/notes\.txt keeps keep-last=1/);
  terminal.send('Kk');
  await terminal.until(/own rule +keep-last=1/);
  terminal.send('\u001b');
  await terminal.untilGone(/own rule/);
  // The first is kept by the snapshot; the second by nothing.
  terminal.send('Kn');
  await terminal.until(/snapshot before/);
  await terminal.until(/1 version would go/);
  terminal.send('\u001b');
  await terminal.untilGone(/1 version would go/);
  terminal.send('Kf');
  await terminal.until(/1 version would go, \d stay/);
  terminal.send('forget\r');
  await terminal.until(/1 version went/);
  terminal.send('Ko');
  await terminal.until(/can be folded/);
  terminal.send('\u001b');
  await terminal.untilGone(/can be folded/);

  terminal.send('Ar');
  await terminal.until(/as it was/);
  terminal.send('before\r/notes.txt\r/old.txt\r');
  await terminal.until(/It comes to \/old\.txt/);
  terminal.send('y');
  await terminal.until(/old\.txt/);
  terminal.send('Al');
  await terminal.until(/▸ before/);
  terminal.send('Ad');
  await terminal.until(/Let the snapshot before go\?/);
  terminal.send('before\r');
  await terminal.until(/No snapshots: A n takes one/);
});
