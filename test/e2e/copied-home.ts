/**
 * A home that was copied, and written to on both sides, with real processes: the third device sees
 * both, nothing that anybody wrote is lost, and an admin's choice ends it.
 */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { DoctorReport, EventRecord, JournalRow } from '../../protocol/control/reports.ts';
import { freeAddress } from '../helpers/free-address.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

async function put(device: RealDevice, path: string, content: string): Promise<void> {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
}

async function cat(device: RealDevice, path: string): Promise<string> {
  return mustSucceed(await device.vault('cat', path)).stdout;
}

async function journals(device: RealDevice): Promise<readonly JournalRow[]> {
  return (await device.json('journal', 'list')) as JournalRow[];
}

const online = (device: RealDevice, count: number): Promise<void> =>
  eventually(`${device.name} sees ${String(count)}`, async () => {
    return (await device.status()).peersOnline === count;
  });

test('a home is copied, both are written to, and a third device meets both', async (t) => {
  const folder = await temporaryFolder(t);
  // The copy finds it where the laptop last saw it.
  const nas = new RealDevice(t, folder, 'nas', { listen: await freeAddress() });
  const laptop = new RealDevice(t, folder, 'laptop');
  await nas.init();
  await nas.start();
  await laptop.join(await nas.invite('writer'));
  await laptop.start();
  await put(laptop, 'notes', 'from before');
  await put(laptop, 'draft', 'first');
  await online(laptop, 1);
  await settle([nas, laptop]);
  await laptop.stop();
  await cp(laptop.home, join(folder, 'copy'), { recursive: true });
  await rm(join(folder, 'copy', 'agent.sock'), { force: true });
  const copy = new RealDevice(t, folder, 'copy');

  await laptop.start();
  await online(laptop, 1);
  await put(laptop, 'draft', 'second, on the laptop');
  await put(laptop, 'laptop-only', 'written on the laptop');
  await settle([nas, laptop]);
  await laptop.stop();
  await nas.stop();

  // Nobody is there who could tell the copy how far its journal has gone.
  await copy.start();
  t.is(copy.id, laptop.id, 'it is the same device');
  await put(copy, 'draft', 'second, on the copy');
  await put(copy, 'copy-only', 'written on the copy');
  await nas.start();
  await eventually('the fork is known', async () =>
    (await journals(nas)).some(({ state }) => state === 'forked'),
  );
  await settle([nas, copy]);
  await eventually(
    'what the copy wrote is there',
    async () => (await cat(nas, 'copy-only').catch(() => '')) === 'written on the copy',
  );
  t.is(await cat(nas, 'draft'), 'second, on the copy');
  t.is(await cat(nas, 'notes'), 'from before');
  t.not((await nas.vault('stat', 'laptop-only')).code, 0, 'hidden until somebody says so');

  const status = await nas.status();
  t.is(status.health, 'attention');
  const reason = status.reasons.find(({ code }) => code === 'journal-forked');
  t.regex(reason?.next ?? '', /vault journal choose/);
  const doctor = JSON.parse((await nas.vault('doctor', '--json')).stdout) as DoctorReport;
  t.true(doctor.checks.some(({ name }) => name === 'journal-forked'));
  const events = mustSucceed(await nas.vault('events', '-n', '100', '--json')).stdout.trim();
  const kinds = events.split('\n').map((line) => (JSON.parse(line) as EventRecord).type);
  t.is(kinds.filter((type) => type === 'journal-forked').length, 1);

  const row = (await journals(nas)).find(({ state }) => state === 'forked')!;
  t.is(row.device, 'laptop');
  t.true(row.branches.every(({ here }) => here));
  const listing = mustSucceed(await nas.vault('journal', 'list')).stdout;
  t.regex(listing, /forked at \d+/);
  t.regex(listing, new RegExp(`vault journal choose ${row.journal} ${String(row.forkedAt)} HASH`));
  const laptops = earliestOf(row);
  const other = row.branches.find(({ hash }) => hash !== laptops);
  t.true(other?.reissued, 'what the copy wrote needs no branch any more');
  const words = ['journal', 'choose', row.journal, String(row.forkedAt)];
  t.is((await copy.vault(...words, laptops)).code, 5, 'a writer has no say');
  t.is((await nas.vault(...words, 'beef')).code, 3);
  mustSucceed(await nas.vault(...words, laptops.slice(0, 8)));
  t.is(await cat(nas, 'laptop-only'), 'written on the laptop');
  const both = await Promise.all(
    ['draft', 'laptop-only', 'copy-only'].map((path) => cat(nas, path)),
  );
  t.true(both.includes('written on the copy'));
  await settle([nas, copy]);
  t.is(await cat(copy, 'laptop-only'), 'written on the laptop');
  const left = (await nas.status()).reasons.filter(({ code }) => code !== 'conflicts');
  t.deepEqual(left, [], 'but for the draft, which was written on both');

  // The first home comes back: it hears of everything, and goes on in a journal of its own.
  await copy.stop();
  await laptop.start();
  await put(laptop, 'again', 'the laptop goes on');
  await settle([nas, laptop]);
  t.is(await cat(nas, 'again'), 'the laptop goes on');
  t.is(await cat(laptop, 'copy-only'), 'written on the copy');
  const drafts = await Promise.all([nas, laptop].map((device) => textsLike(device, 'draft')));
  t.deepEqual(drafts[0], drafts[1]);
  t.deepEqual(drafts[0]?.toSorted(), ['second, on the copy', 'second, on the laptop']);
  t.false((await journals(nas)).some(({ state }) => state === 'forked'));
});

/** The branch that was begun first. */
function earliestOf({ branches, forkedAt }: JournalRow): string {
  const here = branches.filter(({ sequence }) => sequence === forkedAt);
  const [first] = here.toSorted((a, b) => (a.written! < b.written! ? -1 : 1));
  return first!.hash;
}

async function textsLike(device: RealDevice, name: string): Promise<string[]> {
  const rows = (await device.json('ls')) as { path: string }[];
  const names = rows
    .map(({ path }) => path)
    .filter((path) => path.replace(/^\//, '').startsWith(name));
  return Promise.all(names.map((path) => cat(device, path)));
}
