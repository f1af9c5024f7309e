/**
 * Canaries: secrets, names and contents that stand out. Real devices say and store them, one crashes, and
 * then they are looked for wherever they must not be: logs, arguments and environments of all processes,
 * temporary files, the memory image of a crash, the disk of a blind device, and everything that crossed the
 * wire, which a bare proxy between the devices has written down.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { PeerRow } from '../../protocol/control/reports.ts';
import { freeAddress } from '../helpers/free-address.ts';
import type { Cleanup } from '../helpers/real-device.ts';
import { unmountAtEnd, whyNoMount } from '../helpers/real-mount.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

/** Each of them in the forms in which it could stand somewhere. */
const canaries: Readonly<Record<string, string>> = {
  'a file name': 'canary-name-7f3a91',
  'a directory name': 'canary-folder-20c4be',
  'a small content': 'canary-small-content-98d1e7',
  'a large content': 'canary-large-content-5512fa',
  'an extended name': 'canary-renamed-cc09d2',
  'a note': 'canary-note-3b77aa',
  'a sealed note': 'canary-sealed-note-61e0c5',
  'a passphrase': 'canary-passphrase-e402b8',
  'a snapshot': 'canary-snapshot-0a6f4d',
  'a name in a mount': 'canary-mounted-name-81be52',
  'a content in a mount': 'canary-mounted-content-d9c013',
};

/** As text, in hex, in base64 at each of the three places that it can begin at, and as UTF-16. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((skip) =>
    bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3).toString('base64'),
  );
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), ...base64];
  return [bytes, Buffer.from(text, 'utf16le'), ...texts.map((form) => Buffer.from(form))];
}

function foundIn(bytes: Buffer, named: Readonly<Record<string, string>>): string[] {
  return Object.entries(named).flatMap(([what, text]) =>
    formsOf(text).some((form) => bytes.includes(form)) ? [what] : [],
  );
}

/** `file: what` for every file below a folder that holds one of them. */
function foundBelow(folder: string, named: Readonly<Record<string, string>>): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(folder, name);
    const inName = foundIn(Buffer.from(name), named);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return inName;
    return [...inName, ...foundIn(readFileSync(path), named)].map((what) => `${path}: ${what}`);
  });
}

interface Tap {
  readonly address: string;
  bytes(): Buffer;
}

/** Passes everything on, and keeps it. */
async function tap(t: Cleanup, target: string): Promise<Tap> {
  const [host = '', port = ''] = target.split(':');
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect({ host, port: Number(port) });
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('data', (piece: Buffer) => {
        heard.push(piece);
        to.write(piece);
      });
      from.on('close', () => to.destroy());
      from.on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port: own } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${String(own)}`, bytes: () => Buffer.concat(heard) };
}

/** Arguments and environment of every process that belongs to a home. */
function processTexts(home: string): Buffer {
  const texts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parts = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`));
        return parts[0]?.includes(home) === true ? parts : [];
      } catch {
        return [];
      }
    });
  return Buffer.concat(texts);
}

/** Where the kernel writes them beside the program, and not through another one. */
function imagesIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /^core(\.\d+)?$/.test(name));
}

const put = (device: RealDevice, path: string, input: string): Promise<unknown> =>
  device.run('vault', ['put', '-p', '-', path], { input }).then(mustSucceed);

/** What a mount keeps beside the vault as long as a file is being written, and what it tells of itself. */
async function writeInMount(
  t: ExecutionContext,
  { device, folder }: { readonly device: RealDevice; readonly folder: string },
): Promise<void> {
  const mount = join(folder, 'mount');
  await mkdir(mount);
  mustSucceed(await device.vault('mount', mount));
  unmountAtEnd(t, mount);
  const file = await open(join(mount, canaries['a name in a mount']!), 'w');
  await file.writeFile(
    `${canaries['a content in a mount']!} ${randomBytes(30).toString('hex')}\n`.repeat(20_000),
  );
  await file.sync();
  const overlay = join(device.home, 'overlay');
  const kept = readdirSync(overlay).map((name) => statSync(join(overlay, name)).size);
  t.true(
    kept.some((bytes) => bytes > 1_000_000),
    'it is kept there',
  );
  t.deepEqual(foundBelow(device.home, canaries), [], 'what a mount keeps');
  mustSucceed(await device.vault('trace'));
  await file.close();
  mustSucceed(await device.vault('umount', mount));
}

test('no secret, name or content is where it must not be', async (t) => {
  const folder = await temporaryFolder(t);
  const temporary = join(folder, 't');
  await mkdir(temporary);
  const environment = { TMPDIR: temporary, VAULT_LOG_LEVEL: 'debug' };
  const [laptop, vps, phone] = ['laptop', 'vps', 'phone'].map(
    (name) => new RealDevice(t, folder, name, { environment }),
  ) as [RealDevice, RealDevice, RealDevice];
  await laptop.init();
  await laptop.start();
  await vps.join(await laptop.invite('blind'));
  await vps.start();
  await phone.join(await laptop.invite('writer'));
  await phone.start();
  await settle([laptop, phone]);
  // From here on phone and vps reach each other through the tap only. Left to itself each listens where it did
  // before, where the other one may have heard of it by now.
  for (const device of [laptop, phone, vps]) await device.stop();
  for (const device of [phone, vps]) device.change({ listen: await freeAddress() });
  await vps.start();
  const wire = await tap(t, vps.listening);
  await phone.start();
  mustSucceed(await phone.vault('peers', 'add', wire.address));
  await eventually('phone is connected through the tap', async () => {
    const rows = (await vps.json('peers')) as PeerRow[];
    return wire.bytes().length > 1_000 && rows.some(({ name, online }) => online && name !== '');
  });

  const large = canaries['a large content']!;
  const path = `${canaries['a directory name']!}/${canaries['a file name']!}`;
  await put(phone, path, canaries['a small content']!);
  // Nothing of it can be made smaller, and it begins with the canary in every kilobyte.
  const filling = (): string => randomBytes(750).toString('base64');
  const lines = Array.from({ length: 400 }, () => `${large} ${filling()}\n`);
  await put(phone, 'large', lines.join(''));
  mustSucceed(await phone.vault('cp', path, canaries['an extended name']!));
  mustSucceed(await phone.run('vault', ['say', '-'], { input: canaries['a note']! }));
  const sealed = { input: canaries['a sealed note']! };
  mustSucceed(await phone.run('vault', ['say', 'laptop', '-'], sealed));
  mustSucceed(await phone.vault('snapshot', 'create', canaries['a snapshot']!));
  const noMount = whyNoMount();
  if (noMount === undefined) await writeInMount(t, { device: phone, folder });
  else t.log(`nothing was looked for in a mount: ${noMount}`);
  const passphrase = join(folder, 'passphrase');
  await writeFile(passphrase, canaries['a passphrase']!, { mode: 0o600 });
  mustSucceed(await phone.vault('passphrase', 'set', '--passphrase-file', passphrase));
  mustSucceed(await phone.vault('cat', 'large'));
  mustSucceed(await phone.vault('log', path));
  t.is((await phone.vault('cat', `${path}x`)).code, 3, 'a name in an error');

  for (const device of [phone, vps]) {
    const audit = mustSucceed(await device.vault('audit')).stdout;
    t.true(audit.length > 100, device.name);
    t.deepEqual(foundIn(Buffer.from(audit), canaries), [], `the audit of ${device.name}`);
  }

  const journals = async (device: RealDevice): Promise<string> =>
    JSON.stringify(
      ((await device.json('journal', 'list')) as { journal: string; sequence: number }[])
        .map(({ journal, sequence }) => [journal, sequence])
        .sort(),
    );
  const written = await journals(phone);
  await eventually('vps has it all', async () => {
    const { behindBytes } = await vps.status();
    return behindBytes === 0 && (await journals(vps)) === written;
  });
  for (const { home } of [vps, phone]) t.deepEqual(foundIn(processTexts(home), canaries), []);

  // What a crash leaves: the agent is ended as by a fault of its own, with a memory image if one is made.
  const { pid } = await phone.status();
  const crashes = readlinkSync(`/proc/${String(pid)}/cwd`);
  const before = new Set(imagesIn(crashes));
  t.is(readFileSync(`/proc/${String(pid)}/coredump_filter`, 'utf8').trim(), '00000000');
  const command = phone.launch('vault', ['events', '--follow']);
  const coreFilter = (): string =>
    readFileSync(`/proc/${String(command.child.pid)}/coredump_filter`, 'utf8').trim();
  await eventually('a client keeps its memory out of them, too', () =>
    Promise.resolve(coreFilter() === '00000000'),
  );
  command.child.kill();
  await command.outcome;
  execFileSync('prlimit', ['--pid', String(pid), '--core=unlimited:unlimited']);
  process.kill(pid, 'SIGABRT');
  await eventually('the agent is gone', () => Promise.resolve(!existsSync(`/proc/${String(pid)}`)));
  const images = imagesIn(crashes).filter((name) => !before.has(name));
  t.teardown(() => {
    for (const name of images) rmSync(join(crashes, name), { force: true });
  });
  await phone.stop();
  await vps.stop();

  t.true(wire.bytes().length > 100_000, 'the tap heard the content pass');
  t.deepEqual(foundIn(wire.bytes(), canaries), [], 'on the wire');
  for (const { name, log } of [laptop, vps, phone]) {
    t.true(log.length > 100, name);
    t.deepEqual(foundIn(Buffer.from(log), canaries), [], `the log of ${name}`);
  }
  t.deepEqual(foundBelow(temporary, canaries), [], 'temporary files');
  t.deepEqual(foundBelow(vps.home, canaries), [], 'the disk of the blind device');
  t.deepEqual(foundBelow(phone.home, canaries), [], 'the disk of a device that reads');
  for (const name of images) {
    t.deepEqual(foundIn(readFileSync(join(crashes, name)), canaries), [], 'a memory image');
  }

  // The search finds what is there: the same looks, at where it may be.
  t.deepEqual(foundIn(readFileSync(passphrase), canaries), ['a passphrase']);
  const shown = execFileSync('cat', [passphrase]).toString('base64');
  t.deepEqual(foundIn(Buffer.from(shown), canaries), ['a passphrase']);
});
