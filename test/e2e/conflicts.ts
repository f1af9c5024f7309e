/**
 * Two devices that change the same things while they cannot reach each other, and the person who
 * settles what comes of it: with the real programs, seen from both sides.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { SharedCleanup } from '../helpers/cleanup.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
let nas: RealDevice;

interface ConflictRow {
  readonly path: string;
  readonly kind: string;
  readonly versions: readonly {
    readonly name: string;
    readonly version: string;
    readonly author: string;
    readonly own: boolean;
    readonly size: number;
  }[];
  readonly ancestor: { readonly version: string; readonly size: number } | null;
}

const conflictsOf = async (device: RealDevice, ...words: string[]) =>
  (await device.json('conflicts', ...words)) as ConflictRow[];

const put = async (device: RealDevice, path: string, content: string): Promise<void> => {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: content }));
};

const cat = async (device: RealDevice, path: string): Promise<string> =>
  mustSucceed(await device.vault('cat', path)).stdout;

const namesIn = async (device: RealDevice, path: string): Promise<string[]> =>
  ((await device.json('ls', path)) as { name: string }[]).map(({ name }) => name);

/** What both devices do while the other one is not there. */
async function apart(onLaptop: () => Promise<void>, onNas: () => Promise<void>): Promise<void> {
  await nas.stop();
  await onLaptop();
  await laptop.stop();
  await nas.start();
  await onNas();
  await laptop.start();
  mustSucceed(await laptop.vault('peers', 'add', nas.listening));
  await eventually('both are connected', async () => (await laptop.status()).peersOnline === 1);
  await settle([laptop, nas]);
}

/** Nothing is left to decide, on either side. */
async function allSettled(): Promise<boolean> {
  await settle([laptop, nas]);
  const both = await Promise.all([laptop, nas].map((device) => conflictsOf(device)));
  return both.every((rows) => rows.length === 0);
}

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  nas = new RealDevice(shared, folder, 'nas');
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite());
  await nas.start();
  await eventually('both are connected', async () => (await laptop.status()).peersOnline === 1);
});

const lines = Array.from({ length: 9 }, (_, at) => `line ${String(at + 1)}`);
const text = (changed: Readonly<Record<number, string>>): string =>
  `${lines.map((line, at) => changed[at + 1] ?? line).join('\n')}\n`;

test.serial(
  'two edits are listed on both devices, with their authors and where they come from',
  async (t) => {
    for (const path of [
      'docs/mine',
      'docs/theirs',
      'docs/both',
      'docs/chosen',
      'docs/with',
      'docs/merge',
      'docs/clash',
    ]) {
      await put(laptop, path, text({}));
    }
    await put(laptop, 'docs/binary', 'base\0');
    await put(laptop, 'docs/deleted', 'base');
    await settle([laptop, nas]);
    await apart(
      async () => {
        for (const name of ['mine', 'theirs', 'both', 'chosen', 'with', 'merge']) {
          await put(laptop, `docs/${name}`, text({ 2: 'from the laptop' }));
        }
        await put(laptop, 'docs/clash', text({ 2: 'from the laptop', 5: 'laptop' }));
        await put(laptop, 'docs/binary', 'laptop\0');
        await put(laptop, 'new', 'made by the laptop');
        mustSucceed(await laptop.vault('rm', 'docs/deleted'));
      },
      async () => {
        for (const name of ['mine', 'theirs', 'both', 'chosen', 'with', 'merge']) {
          await put(nas, `docs/${name}`, text({ 8: 'from the nas' }));
        }
        await put(nas, 'docs/clash', text({ 5: 'nas', 8: 'from the nas' }));
        await put(nas, 'docs/binary', 'nas\0');
        await put(nas, 'new', 'made by the nas');
        await put(nas, 'docs/deleted', 'changed');
      },
    );
    const [onLaptop, onNas] = await Promise.all([conflictsOf(laptop), conflictsOf(nas)]);
    const { health, reasons } = await laptop.status();
    t.is(health, 'attention');
    const reason = reasons.find(({ code }) => code === 'conflicts');
    t.is(
      reason?.message,
      'names in / and 1 other directory are in conflict and wait for somebody to decide',
    );
    t.deepEqual(onLaptop.map(({ path, kind }) => [path, kind]).sort(), [
      ['docs/binary', 'edit'],
      ['docs/both', 'edit'],
      ['docs/chosen', 'edit'],
      ['docs/clash', 'edit'],
      ['docs/deleted', 'deleted'],
      ['docs/merge', 'edit'],
      ['docs/mine', 'edit'],
      ['docs/theirs', 'edit'],
      ['docs/with', 'edit'],
      ['new', 'name'],
    ]);
    const mine = onLaptop.find(({ path }) => path === 'docs/mine');
    t.deepEqual(mine?.versions.map(({ author, own }) => [author, own]).sort(), [
      ['laptop', true],
      ['nas', false],
    ]);
    t.is(mine?.ancestor?.size, text({}).length);
    t.deepEqual(
      onNas.map(({ path, versions, ancestor }) => [
        path,
        versions.map(({ version }) => version),
        ancestor?.version,
      ]),
      onLaptop.map(({ path, versions, ancestor }) => [
        path,
        versions.map(({ version }) => version),
        ancestor?.version,
      ]),
    );
    // What a listing says of the one that is shown beside: INTERFACE, "JSON".
    const rows = (await laptop.json('ls', 'docs')) as { name: string; state: string }[];
    const beside = rows.filter(({ name }) => name.includes('(conflict '));
    t.is(beside.length, 8);
    t.true(beside.every(({ state }) => state === 'conflict'));
    const shown = mustSucceed(await laptop.vault('conflicts', 'docs/mine')).stdout;
    t.regex(
      shown,
      /^docs\/mine: changed on several devices at once\n[^]*laptop \(this device\)[^]*before[^]*settle: vault resolve docs\/mine/,
    );
  },
);

test.serial('a choice holds on both devices', async (t) => {
  mustSucceed(await laptop.vault('resolve', 'docs/mine', '--keep', 'mine'));
  mustSucceed(await laptop.vault('resolve', 'docs/theirs', '--keep', 'theirs'));
  mustSucceed(await nas.vault('resolve', 'docs/both', '--keep', 'both'));
  const [chosen] = await conflictsOf(nas, 'docs/chosen');
  const [, second] = chosen!.versions;
  // By the name that the version is shown under, and the beginning of its id.
  mustSucceed(
    await nas.vault('resolve', `docs/${second!.name}`, '--keep', second!.version.slice(0, 8)),
  );
  mustSucceed(await nas.vault('resolve', 'new', '--keep', 'theirs'));
  mustSucceed(await laptop.vault('resolve', 'docs/deleted', '--keep', 'theirs'));
  await settle([laptop, nas]);
  for (const device of [laptop, nas]) {
    t.is(await cat(device, 'docs/mine'), text({ 2: 'from the laptop' }));
    t.is(await cat(device, 'docs/theirs'), text({ 8: 'from the nas' }));
    t.is(
      await cat(device, 'docs/chosen'),
      text(second!.author === 'nas' ? { 8: 'from the nas' } : { 2: 'from the laptop' }),
    );
    t.is(await cat(device, 'new'), 'made by the laptop');
    t.is(await cat(device, 'docs/deleted'), 'changed');
    const names = (await namesIn(device, 'docs')).filter((name) => name.startsWith('both'));
    t.is(names.length, 2);
    const contents = await Promise.all(names.map((name) => cat(device, `docs/${name}`)));
    t.deepEqual(
      contents.sort(),
      [text({ 2: 'from the laptop' }), text({ 8: 'from the nas' })].sort(),
    );
    t.deepEqual(
      (await conflictsOf(device)).map(({ path }) => path),
      ['docs/binary', 'docs/clash', 'docs/merge', 'docs/with'],
    );
  }
});

test.serial(
  'a merge takes in the changes of both, and is a version that both devices have',
  async (t) => {
    const { version } = (await nas.json('resolve', 'docs/merge', '--merge')) as { version: string };
    await settle([laptop, nas]);
    for (const device of [laptop, nas]) {
      t.is(await cat(device, 'docs/merge'), text({ 2: 'from the laptop', 8: 'from the nas' }));
      const { version: shown } = (await device.json('stat', 'docs/merge')) as { version: string };
      t.is(shown, version);
    }
  },
);

test.serial(
  'where lines clash they are written out, nothing is stored, and a file settles it',
  async (t) => {
    const before = await conflictsOf(laptop, 'docs/clash');
    const { code, stdout, stderr } = await laptop.vault('resolve', 'docs/clash', '--merge');
    t.is(code, 4);
    t.regex(
      stdout,
      /^line 5:\n<<<<<<< (nas|laptop) [0-9a-f]{16}\n(nas|laptop)\n\|\|\|\|\|\|\| laptop [0-9a-f]{16}\nline 5\n=======\n(nas|laptop)\n>>>>>>> /,
    );
    t.regex(
      stderr,
      /changed differently in 1 place[^]*try: vault resolve docs\/clash --keep .*--with FILE/,
    );
    const asJson = await laptop.vault('resolve', 'docs/clash', '--merge', '--json');
    t.is(asJson.code, 4);
    t.like(JSON.parse(asJson.stdout), {
      merged: false,
      clashes: [{ line: 5, base: ['line 5\n'] }],
    });
    t.deepEqual(await conflictsOf(laptop, 'docs/clash'), before);
    const file = join(folder, 'by hand');
    await writeFile(file, text({ 2: 'from the laptop', 5: 'both', 8: 'from the nas' }));
    mustSucceed(await laptop.vault('resolve', 'docs/clash', '--with', file));
    mustSucceed(
      await nas.run('vault', ['resolve', 'docs/with', '--with', '-'], { input: 'from stdin' }),
    );
    await settle([laptop, nas]);
    for (const device of [laptop, nas]) {
      t.is(
        await cat(device, 'docs/clash'),
        text({ 2: 'from the laptop', 5: 'both', 8: 'from the nas' }),
      );
      t.is(await cat(device, 'docs/with'), 'from stdin');
    }
  },
);

test.serial('binary content is not merged; when it is settled, nothing is left', async (t) => {
  const { code, stderr } = await laptop.vault('resolve', 'docs/binary', '--merge');
  t.is(code, 4);
  t.regex(stderr, /binary content cannot be merged/);
  mustSucceed(await laptop.vault('resolve', 'docs/binary', '--keep', 'mine'));
  t.true(await allSettled());
  t.is(mustSucceed(await nas.vault('conflicts')).stderr, 'nothing is in conflict\n');
  for (const { reasons } of [await laptop.status(), await nas.status()]) {
    t.deepEqual(
      reasons.filter(({ code }) => code === 'conflicts'),
      [],
    );
  }
});

test.serial('words that cannot be meant are refused, with what can', async (t) => {
  for (const [words, status, complaint] of [
    [['docs/mine', '--keep', 'mine'], 3, /nothing is in conflict there/],
    [['docs/none', '--keep', 'mine'], 3, /no such file/],
    [['docs/mine'], 2, /it has to be said how/],
    [['docs/mine', '--merge', '--keep', 'mine'], 2, /only one of them/],
    [['docs/mine', '--merge'], 3, /nothing is in conflict there/],
  ] as const) {
    const { code, stderr } = await laptop.vault('resolve', ...words);
    t.is(code, status, stderr);
    t.regex(stderr, complaint);
    t.regex(stderr, /try: /);
  }
});
