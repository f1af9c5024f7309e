/**
 * Notes between devices, with real processes: they go through a device that can read nothing, while who
 * said them is away, and only those read them for whom they are.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import type { EventRecord, JournalRow, PeerRow } from '../../protocol/control/reports.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
  type Outcome,
} from '../helpers/real-device.ts';

interface NoteJson {
  readonly id: string;
  readonly author: string;
  readonly to: { readonly name: string } | null;
  readonly pinned: boolean;
  readonly path: string | null;
  readonly text: string;
}

const notesOf = async (device: RealDevice, ...words: string[]): Promise<readonly NoteJson[]> =>
  (await device.json('notes', ...words)) as NoteJson[];
const textsOf = async (device: RealDevice, ...words: string[]): Promise<readonly string[]> =>
  (await notesOf(device, ...words)).map(({ text }) => text);

function errorOf({ stderr }: Outcome): string {
  return (JSON.parse(stderr) as { error: { code: string } }).error.code;
}

/** Everything below a home, and whether it holds `text`. */
async function holds(home: string, text: string): Promise<boolean> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    if ((await readFile(join(entry.parentPath, entry.name))).includes(text)) return true;
  }
  return false;
}

test('notes go through a blind device while their author is away, to whom they are for', async (t) => {
  const folder = await temporaryFolder(t);
  const [laptop, vps, phone, tablet] = ['laptop', 'vps', 'phone', 'tablet'].map(
    (name) => new RealDevice(t, folder, name),
  ) as [RealDevice, RealDevice, RealDevice, RealDevice];
  await laptop.init();
  await laptop.start();
  for (const [device, role] of [
    [vps, 'blind'],
    [phone, 'writer'],
    [tablet, 'reader'],
  ] as const) {
    await device.join(await laptop.invite(role));
    await device.start();
  }
  await settle([laptop, phone, tablet]);
  for (const device of [phone, tablet]) {
    mustSucceed(await device.vault('peers', 'add', vps.listening));
    await eventually(`${device.name} knows vps`, async () => isOnline(device, 'vps'));
    await device.stop();
  }
  await eventually('phone is seen to go', async () => !(await isOnline(laptop, 'phone')));
  mustSucceed(await laptop.vault('mkdir', 'docs'));
  mustSucceed(await laptop.run('vault', ['put', '-', 'docs/plan'], { input: 'x' }));

  const said = mustSucceed(await laptop.vault('say', 'canary-for-all'));
  t.regex(said.stderr, /said to all who read/);
  mustSucceed(await laptop.run('vault', ['say', 'phone', '-'], { input: 'canary-for-phone\n' }));
  mustSucceed(await laptop.vault('say', '--path', 'docs/plan', 'canary-pinned'));
  mustSucceed(await laptop.vault('mv', 'docs/plan', 'docs/done'));
  t.is(errorOf(await laptop.vault('say', 'vps', 'x', '--json')), 'denied', 'it can read nothing');
  t.is((await laptop.vault('say', 'nobody', 'x')).code, 3);
  t.is((await laptop.vault('say', '--path', 'nothing', 'x')).code, 3);
  t.is((await laptop.vault('say', '--path', 'docs', 'phone', 'x')).code, 2);
  t.is((await laptop.vault('say', ' ')).code, 2);
  t.is(errorOf(await laptop.vault('say', 'ü'.repeat(1025), '--json')), 'too-large');
  mustSucceed(await laptop.vault('say', 'phone', 'ü'.repeat(1024)));

  const journals = async (device: RealDevice): Promise<string> => {
    const rows = (await device.json('journal', 'list')) as JournalRow[];
    return JSON.stringify(rows.map(({ journal, sequence }) => [journal, sequence]).sort());
  };
  const written = await journals(laptop);
  await eventually('vps has the journals', async () => (await journals(vps)) === written);
  await laptop.stop();

  await phone.start();
  await tablet.start();
  const expected = ['canary-for-all', 'canary-for-phone', 'canary-pinned', 'ü'.repeat(1024)];
  await eventually('phone has them all', async () => (await textsOf(phone)).length === 4);
  t.deepEqual(await textsOf(phone), expected);
  await eventually('tablet has its own', async () => (await textsOf(tablet)).length === 2);
  t.deepEqual(
    await textsOf(tablet),
    ['canary-for-all', 'canary-pinned'],
    'not what is for another',
  );
  const [pinned] = await notesOf(phone, '--path', 'docs');
  t.like(pinned, { author: 'laptop', to: null, pinned: true, path: 'docs/done' });
  t.deepEqual(await textsOf(phone, '--path', 'docs/done'), ['canary-pinned']);
  t.is((await phone.vault('notes', '--path', 'docs/plan')).code, 3);
  t.is((await notesOf(phone))[1]?.to?.name, 'phone');

  t.is(errorOf(await vps.vault('notes', '--json')), 'no-key');
  t.is(errorOf(await tablet.vault('say', 'x', '--json')), 'read-only');
  for (const { home } of [vps, laptop, phone, tablet]) {
    for (const canary of ['canary-for-all', 'canary-for-phone', 'canary-pinned']) {
      t.false(await holds(home, canary), `${home} ${canary}`);
    }
  }
  for (const { name, log } of [vps, laptop, phone, tablet]) t.false(log.includes('canary'), name);

  const events = mustSucceed(await phone.vault('events', '-n', '1000', '--json')).stdout;
  const told = events
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventRecord)
    .filter(({ type }) => type === 'note');
  t.is(told.length, 4);
  t.true(told.every(({ message }) => !message.includes('canary')));

  // After a restart the tree comes from what was saved; the notes and who was seen when are still there.
  await phone.stop();
  await phone.start();
  t.deepEqual(await textsOf(phone), expected);
  const seen = ((await phone.json('peers')) as PeerRow[]).find(({ name }) => name === 'laptop');
  t.false(seen?.online);
  t.true(Date.parse(seen?.lastSeen ?? '') > Date.now() - 600_000, String(seen?.lastSeen));
});

async function isOnline(device: RealDevice, name: string): Promise<boolean> {
  const rows = (await device.json('peers')) as PeerRow[];
  return rows.some((row) => row.name === name && row.online);
}

test('whoever follows hears of each note once; text of others is escaped', async (t) => {
  const folder = await temporaryFolder(t);
  const laptop = new RealDevice(t, folder, 'laptop');
  await laptop.init();
  await laptop.start();
  t.deepEqual(await notesOf(laptop), []);
  mustSucceed(await laptop.vault('say', 'first'));
  const { child, outcome } = laptop.launch('vault', ['notes', '--follow']);
  t.teardown(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  t.regex(String((await lines.next()).value), /laptop: first$/);
  mustSucceed(await laptop.vault('say', '\u001b[2Jsecond\u202e'));
  t.regex(String((await lines.next()).value), /laptop: \\x1b\[2Jsecond\\u\{?202e\}?$/);
  mustSucceed(await laptop.vault('say', 'laptop', 'to itself'));
  t.regex(String((await lines.next()).value), /laptop to laptop: to itself$/);
  child.kill('SIGINT');
  t.is((await outcome).code, 130);
  t.is((await laptop.vault('notes')).stdout.split('\n').length, 4);
});
