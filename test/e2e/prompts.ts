/** What is asked at a terminal, at a real one: passphrases that nobody sees, words to type, QR codes. */
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { qrLines } from '../../cli/output/qr.ts';
import type { MemberRow } from '../../protocol/control/reports.ts';
import { mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';
import { startTerminal, type TerminalOptions, type TestTerminal } from '../helpers/terminal.ts';

const vault = join(import.meta.dirname, '../../bin/vault');

async function startDevice(t: ExecutionContext): Promise<RealDevice> {
  const device = new RealDevice(t, await temporaryFolder(t), 'laptop');
  await device.init();
  await device.start();
  return device;
}

/** Runs `vault` on the device's home at a terminal of its own. */
function atTerminal(
  t: ExecutionContext,
  { home }: RealDevice,
  words: readonly string[],
  options: TerminalOptions = {},
): TestTerminal {
  return startTerminal(t, [process.execPath, vault, ...words, '--home', home], options);
}

async function type(terminal: TestTerminal, prompt: RegExp, keys: string): Promise<void> {
  await terminal.until(prompt);
  terminal.send(keys);
}

/** At a prompt that has been there once already. */
async function typeAgain(terminal: TestTerminal, prompt: string, keys: string): Promise<void> {
  while (terminal.written().split(prompt).length < 3) await terminal.quiet(20);
  terminal.send(keys);
}

test('a passphrase is typed twice and seen by nobody, and opens the agent again', async (t) => {
  const device = await startDevice(t);
  const set = atTerminal(t, device, ['passphrase', 'set']);
  await type(set, /^New passphrase:/, 'first-try\r');
  await type(set, /^The same again:/, 'other-try\r');
  await typeAgain(set, 'New passphrase:', 'sécret-x\u007f-words\r');
  await typeAgain(set, 'The same again:', 'sécret--words\r');
  t.is((await set.exited).exitCode, 0, set.written());
  t.notRegex(set.written(), /try|cret|words/);

  mustSucceed(await device.vault('lock'));
  const given = atTerminal(t, device, ['unlock']);
  await type(given, /^Passphrase of the keys:/, 'sécr\u0003');
  t.is((await given.exited).exitCode, 130, given.written());
  const wrong = atTerminal(t, device, ['unlock']);
  await type(wrong, /^Passphrase of the keys:/, 'not this one\r');
  t.not((await wrong.exited).exitCode, 0);
  const right = atTerminal(t, device, ['unlock']);
  await type(right, /^Passphrase of the keys:/, 'sécret--words\r');
  t.is((await right.exited).exitCode, 0, right.written());
  for (const { written } of [given, wrong, right])
    t.notRegex(written(), /sécr|not this one|--words/);
  t.is((await device.status()).name, 'laptop');
});

test('what cannot be taken back waits for a word, and a ticket is shown as a whole QR code', async (t) => {
  const device = await startDevice(t);
  const wide = { columns: 400, rows: 120 };
  const invited = atTerminal(t, device, ['invite', '--role', 'reader'], wide);
  t.is((await invited.exited).exitCode, 0);
  const screen = await invited.quiet();
  const ticket = screen.find((line) => /^pv1\w+$/i.test(line)) ?? '';
  const code = qrLines(ticket, wide)?.map((line) => line.trimEnd());
  t.true((code?.length ?? 0) > 10);
  const from = screen.findIndex((line, at) => at > screen.indexOf(ticket) && line === code?.[0]);
  t.deepEqual(screen.slice(from, from + (code?.length ?? 0)), code);
  const narrow = atTerminal(t, device, ['invite'], { columns: 40, rows: 12 });
  t.is((await narrow.exited).exitCode, 0);
  t.regex(narrow.written(), /does not fit here/);

  const phone = new RealDevice(t, await temporaryFolder(t), 'phone');
  await phone.join(ticket);
  const isActive = async (): Promise<boolean> => {
    const rows = (await device.json('members')) as MemberRow[];
    return rows.some(({ name, state }) => name === 'phone' && state === 'active');
  };
  t.true(await isActive());
  const other = atTerminal(t, device, ['revoke', 'phone']);
  await type(other, /Type phone to go on:/, 'tablet\r');
  t.not((await other.exited).exitCode, 0);
  t.true(await isActive(), 'another word does nothing');
  const same = atTerminal(t, device, ['revoke', 'phone']);
  await type(same, /Type phone to go on:/, 'phone\r');
  t.is((await same.exited).exitCode, 0, same.written());
  t.false(await isActive());
});
