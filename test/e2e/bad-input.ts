/**
 * What a person gets wrong, with real processes: every mistake has an error that says what failed, on
 * what, and what to do, and nothing is lost or left behind by it.
 */
import { chmod, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { acceptChannel } from '../../agent/peer/secure-channel.ts';
import { createNodeNetwork } from '../../agent/host/node-network.ts';
import { createNodeClock } from '../../agent/host/node-clock.ts';
import { createNodeRandom } from '../../agent/host/node-random.ts';
import { noiseKeyFromSecret } from '../../agent/members/noise-key.ts';
import { encodeVersionAnswer } from '../../protocol/preface.ts';
import {
  invitePrefaceKey,
  parseTicket,
  ticketToText,
  type Ticket,
} from '../../protocol/messages/ticket.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';
import type { Outcome } from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let folder = '';
let laptop: RealDevice;
/** Belongs to another vault. */
let stranger: RealDevice;

test.before(async () => {
  folder = await temporaryFolder(shared);
  laptop = new RealDevice(shared, folder, 'laptop');
  stranger = new RealDevice(shared, folder, 'stranger');
  for (const device of [laptop, stranger]) {
    await device.init();
    await device.start();
  }
});

/** An error for people: the program, the sentence with the subject, and a next step. */
function isRefused(
  t: ExecutionContext,
  outcome: Outcome,
  expected: { readonly code: number; readonly says: RegExp; readonly next?: RegExp },
): void {
  t.is(outcome.code, expected.code, outcome.stderr);
  t.is(outcome.stdout, '');
  // The log of `vaultd start` goes to the same place, a JSON object a line.
  const said = outcome.stderr.trimEnd().split('\n');
  const lines = said.filter((line) => !line.startsWith('{"level":'));
  t.regex(lines[0] ?? '', /^vaultd?: /);
  t.regex(lines[0] ?? '', expected.says);
  if (expected.next !== undefined) t.regex(lines[1] ?? '', expected.next);
  t.notRegex(lines.join('\n'), /\n {4}at |something broke inside/, 'no stack trace');
}

// --- tickets --------------------------------------------------------------------------------------

/** Joins with it; nothing may be left of the attempt. */
async function joinRefused(
  t: ExecutionContext,
  ticket: string,
  expected: Parameters<typeof isRefused>[2],
): Promise<void> {
  const joiner = new RealDevice(t, folder, 'joiner');
  const before = await readdir(folder);
  isRefused(t, await joiner.vaultd('join', ticket, '--name', 'joiner'), expected);
  t.deepEqual(await readdir(folder), before, 'nothing is left behind');
}

const freshTicket = async (): Promise<Ticket> => parseTicket(await laptop.invite('writer'));

test.serial('a text that is no ticket is refused with what is wrong in it', async (t) => {
  const ticket = await laptop.invite('writer');
  const again = /copy the whole ticket again/;
  await joinRefused(t, 'hello', { code: 2, says: /does not begin with "pv1"/, next: again });
  await joinRefused(t, ticket.slice(0, -9), { code: 2, says: /cut off/, next: again });
  const wrong = ticket.slice(0, 40) + (ticket[40] === 'a' ? 'b' : 'a') + ticket.slice(41);
  await joinRefused(t, wrong, { code: 2, says: /a character is wrong/, next: again });
  await joinRefused(t, `pv2${ticket.slice(3)}`, { code: 2, says: /version/, next: /update/ });
});

test.serial('a ticket that is not there, or is much too long, is refused', async (t) => {
  const joiner = new RealDevice(t, folder, 'joiner');
  const words = [['join'], ['join', '--ticket-file', '/no/such'], ['join', '-'], ['join', '-']];
  const inputs = ['', '', '', `pv1${'a'.repeat(1_000_000)}`];
  const expected = [
    { code: 2, says: /the ticket is missing/, next: /vaultd join TICKET/ },
    { code: 3, says: /no such file or directory/ },
    { code: 2, says: /does not begin with "pv1"/ },
    { code: 2, says: /longer than any ticket/ },
  ];
  for (const [index, each] of expected.entries()) {
    const outcome = await joiner.run('vaultd', words[index] ?? [], { input: inputs[index] });
    isRefused(t, outcome, each);
  }
  t.false((await readdir(folder)).includes('joiner'));
});

test.serial(
  'a forged ticket is refused by the issuer, and the log names the attempt',
  async (t) => {
    const forged = ticketToText({ ...(await freshTicket()), secret: randomBytes(32) });
    await joinRefused(t, forged, {
      code: 2,
      says: /the ticket is not valid \(whoever answers at its address refused it\)/,
      next: /vault invite/,
    });
    t.regex(laptop.log, /preface was made with no open ticket/);
  },
);

test.serial('a ticket that was used or has expired says so', async (t) => {
  const used = await laptop.invite('writer');
  await new RealDevice(t, folder, 'first').join(used);
  await joinRefused(t, used, { code: 4, says: /used already/, next: /vault invite/ });

  const { ticket } = (await laptop.json('invite', '--expires', '1s')) as { ticket: string };
  await eventually('the ticket expires', () =>
    Promise.resolve(Date.now() / 1000 > parseTicket(ticket).expiresS),
  );
  await joinRefused(t, ticket, { code: 5, says: /has expired/, next: /vault invite/ });
});

test.serial('a ticket for another vault than the issuer’s is refused', async (t) => {
  const ticket = await freshTicket();
  const other = (await stranger.status()).vaultId as Ticket['vault'];
  await joinRefused(t, ticketToText({ ...ticket, vault: other }), {
    code: 5,
    says: /signature over the connection is wrong|not who it should be/,
  });
});

test.serial('a ticket whose address leads to another agent is refused', async (t) => {
  const ticket = await freshTicket();
  await joinRefused(t, ticketToText({ ...ticket, addresses: [stranger.listening] }), {
    code: 2,
    says: /the ticket is not valid \(whoever answers at its address refused it\)/,
    next: /vault invite/,
  });
});

test.serial('whoever knows the ticket and is not the issuer is found out', async (t) => {
  const ticket = await freshTicket();
  const random = createNodeRandom();
  const listener = await createNodeNetwork().listen('127.0.0.1:0', (stream) => {
    const accepted = acceptChannel(stream, {
      clock: createNodeClock(),
      random,
      noiseKey: noiseKeyFromSecret(random.bytes(32)),
      memberKeys: () => [],
      inviteKey: () => invitePrefaceKey(ticket.secret),
      payload: { protocolMinor: 0, agent: 'impostor', device: undefined, dialled: '' },
    });
    // The joiner goes away in the middle, as it should.
    accepted.catch(() => undefined);
  });
  t.teardown(() => listener.close());
  await joinRefused(t, ticketToText({ ...ticket, addresses: [listener.address] }), {
    code: 5,
    says: new RegExp(`^vaultd: ${listener.address}: .*another device answers`),
    next: /check the address/,
  });
});

test.serial('a device that speaks another version is named, with what to do', async (t) => {
  const answer = encodeVersionAnswer();
  answer[9] = 7;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(answer);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  const ticket = { ...(await freshTicket()), addresses: [`127.0.0.1:${String(port)}`] };
  await joinRefused(t, ticketToText(ticket), {
    code: 9,
    says: /another version \(it speaks version 7, this is version 1\)/,
    next: /same release/,
  });
});

test.serial('a device of another vault that was added as a peer is told apart', async (t) => {
  mustSucceed(await laptop.vault('peers', 'add', stranger.listening));
  await eventually('the reason shows', async () => {
    const { stdout } = mustSucceed(await laptop.vault('peers'));
    return stdout.includes('closed in the middle of the handshake');
  });
  // It reports one refusal a second; the one of the test before may have been a moment ago.
  await eventually('the stranger says why', () =>
    Promise.resolve(stranger.log.includes('preface was made with no key of this vault')),
  );
  mustSucceed(await laptop.vault('peers', 'rm', stranger.listening));
  t.is((await laptop.status()).peersOnline, 0);
});

// --- agent and socket -----------------------------------------------------------------------------

test.serial('without an agent every command that needs it says how to start it', async (t) => {
  const nobody = new RealDevice(t, folder, 'nobody');
  for (const words of [['ls'], ['status'], ['put', 'package.json', 'x'], ['events', '-f']]) {
    isRefused(t, await nobody.vault(...words), {
      code: 6,
      says: /no agent answers: .*nobody\/agent\.sock \(there is no socket\)/,
      next: /vaultd start/,
    });
  }
  const { code, stderr } = await nobody.vault('ls', '--json');
  t.is(code, 6);
  t.like((JSON.parse(stderr) as { error: object }).error, {
    code: 'no-agent',
    subject: join(nobody.home, 'agent.sock'),
    next: 'start it with: vaultd start',
  });
});

test.serial('the socket of another user is refused', async (t) => {
  if (process.getuid?.() !== 0) {
    t.log('skipped: only root can run the client as another user');
    t.pass();
    return;
  }
  const nobody = 65_534;
  const refusal = { code: 5, says: /not allowed: .*agent\.sock/, next: /as the user who runs/ };
  isRefused(t, await laptop.run('vault', ['ls'], { uid: nobody }), refusal);
  // Even where the file system would let it through, and the other way round: a trap set for root.
  await chmod(folder, 0o755);
  await chmod(laptop.home, 0o755);
  try {
    isRefused(t, await laptop.run('vault', ['ls'], { uid: nobody }), refusal);
  } finally {
    await chmod(laptop.home, 0o700);
    await chmod(folder, 0o700);
  }
  mustSucceed(await laptop.vault('ls'));
});

test.serial('a socket path that is too long names the setting', async (t) => {
  const long = `/tmp/${'x'.repeat(120)}`;
  isRefused(t, await laptop.vault('ls', '--socket', long), {
    code: 2,
    says: /may have 107/,
    next: /set --socket to a shorter path/,
  });
  const device = new RealDevice(t, folder, 'y'.repeat(100));
  isRefused(t, await device.vaultd('status'), { code: 2, says: /may have 107/ });
});

// --- paths ----------------------------------------------------------------------------------------

test.serial('paths that do not exist or cannot exist are named', async (t) => {
  mustSucceed(await laptop.run('vault', ['put', '-', 'file'], { input: 'x' }));
  const cases: [string[], number, RegExp][] = [
    [['cat', 'no/such'], 3, /no such file or directory: \/?no/],
    [['ls', 'no'], 3, /no such file or directory: \/?no/],
    [['rm', 'no'], 3, /no such file or directory: \/?no/],
    [['mv', 'no', 'new'], 3, /no such file or directory: \/?no/],
    [['get', 'no', folder], 3, /no such file or directory: \/?no/],
    [['put', '/no/such/source', 'x'], 3, /no such file or directory: \/no\/such\/source/],
    [['put', 'package.json', 'no/such/dir/x'], 3, /no such file or directory: \/?no/],
    [['mkdir', 'no/such'], 3, /no such file or directory: \/?no/],
    [['stat', 'file@deadbeef'], 3, /file@deadbeef/],
    [['cat', 'file@deadbeef'], 3, /file@deadbeef/],
    [['cat', 'file@dea'], 3, /file@dea/],
    [['stat', 'file', '--version', 'deadbeef'], 3, /file@deadbeef/],
    [['ls', 'file/below'], 1, /not a directory: \/?file$/],
    [['mkdir', 'file'], 4, /exists already: \/?file/],
    [['mkdir', '-p', 'file'], 4, /exists already: \/?file/],
    [['mkdir', 'file/below'], 1, /not a directory: \/?file/],
    [['put', 'package.json', 'file/'], 1, /not a directory: file/],
    [['cat', '/'], 1, /is a directory/],
    [['rm', '-r', '/'], 5, /not allowed/],
    [['stat', '../etc'], 2, /name is not allowed: \.\.\/etc .*"\.\."/],
    [['put', 'package.json', 'a/../b'], 2, /name is not allowed/],
    [['stat', 'a\\x00b', '--escaped-paths'], 2, /NUL/],
    [['mkdir', 'n'.repeat(256)], 2, /too long.*255 bytes/],
    [['mkdir', '€'.repeat(86)], 2, /too long.*255 bytes/],
    [['nosuch'], 2, /no such command/],
    [['ls', '--nosuch'], 2, /nosuch/],
    [['put', 'only-one'], 2, /operand is missing/],
    [['put', 'package.json', ''], 2, /path \(it is empty\)/],
    [['cp', 'file', 'file'], 2, /\/file \(source and destination are the same\)/],
    [['mv', '/', 'x'], 5, /not allowed: \/ \(the root stays/],
    [['peers', 'rm', '127.0.0.1:9'], 3, /127\.0\.0\.1:9/],
    [['config', 'explain', 'lissten'], 3, /lissten/],
  ];
  for (const [words, code, says] of cases) {
    const outcome = await laptop.vault(...words);
    t.is(outcome.code, code, `${words.join(' ').slice(0, 80)}: ${outcome.stderr}`);
    isRefused(t, outcome, { code, says });
  }
  const { stdout } = mustSucceed(await laptop.vault('ls'));
  t.is(stdout, 'file\n', 'nothing was made by the way');
});

test.serial(
  'a source that changes while it is read is left out, the others are stored',
  async (t) => {
    const source = join(folder, 'changing');
    await mkdir(source);
    await writeFile(join(source, 'steady'), 'steady');
    const large = join(source, 'growing');
    await writeFile(large, randomBytes(24_000_000));
    let bytes = 24_000_000;
    const changing = setInterval(() => void truncate(large, (bytes += 1)), 1);
    const outcome = await laptop.vault('put', '-r', source, 'changing');
    clearInterval(changing);
    t.is(outcome.code, 1);
    t.regex(outcome.stderr, /the source changed while it was read: .*growing \(it is left out\)/);
    t.regex(outcome.stderr, /try: run the command again/);
    t.is((await laptop.vault('stat', 'changing/growing')).code, 3);
    t.is(mustSucceed(await laptop.vault('cat', 'changing/steady')).stdout, 'steady');
  },
);

// --- homes and configuration ----------------------------------------------------------------------

test.serial('a port in use names the address and the way out', async (t) => {
  const second = new RealDevice(t, folder, 'port');
  await second.init();
  isRefused(t, await second.vaultd('start', '--listen', laptop.listening), {
    code: 4,
    says: new RegExp(`${laptop.listening}: the port is in use`),
    next: /--listen HOST:PORT/,
  });
});

test.serial('a second agent on one home is refused, and the first goes on', async (t) => {
  isRefused(t, await laptop.vaultd('start', '--listen', '127.0.0.1:0'), {
    code: 4,
    says: /laptop: an agent runs already \(process \d+ holds it\)/,
    next: /vaultd stop/,
  });
  isRefused(t, await laptop.vaultd('init', '--recovery-file', join(folder, 'new-words')), {
    code: 4,
    says: /exists already.*there is a vault in it/,
    next: /another directory/,
  });
  t.false((await readdir(folder)).includes('new-words'));
  t.is((await laptop.status()).health, 'ok');
});

test.serial('a mistake in the configuration is named with line and column', async (t) => {
  const device = new RealDevice(t, folder, 'config');
  await device.init();
  const file = join(device.home, 'config.toml');
  const good = await readFile(file, 'utf8');
  const cases: [string, RegExp, RegExp][] = [
    ['name = "a"\n\nlisten = :7420\n', /config\.toml:3:10: .*not valid/, /correct this line/],
    ['name = "a"\n[log]\nlevel = "loud"\n', /config\.toml:3:1: .*log\.level/, /debug.*error/],
    ['\n  lisen = ":1"\n', /config\.toml:2:3: .*no setting "lisen"/, /did you mean listen/],
    ['listen = 7420\n', /config\.toml:1:1: .*listen/, /listen/],
    ['listen = ":70000"\n', /config\.toml:1:1: .*listen/, /listen/],
    ['name = "a"\nname = "b"\n', /config\.toml:2:/, /correct this line/],
    ['\0\x01\x1b[31m', /config\.toml:1:/, /correct this line/],
  ];
  for (const [text, says, next] of cases) {
    await writeFile(file, text);
    isRefused(t, await device.vaultd('start'), { code: 2, says, next });
  }
  await writeFile(file, good);
  const bad = { env: { VAULT_LOG_LEVEL: 'loud' } };
  isRefused(t, await device.run('vaultd', ['start'], bad), { code: 2, says: /VAULT_LOG_LEVEL/ });
  isRefused(t, await device.vaultd('start', '--listen', 'here'), { code: 2, says: /--listen/ });
  isRefused(t, await device.vaultd('start', '--listen', '192.0.2.1:1'), {
    code: 2,
    says: /192\.0\.2\.1:1.*EADDRNOTAVAIL/,
    next: /address of this machine/,
  });
  await device.start();
});

test.serial(
  'a home of a newer version is refused untouched, and what is no home too',
  async (t) => {
    const device = new RealDevice(t, folder, 'newer');
    await device.init();
    const format = (await readdir(device.home)).find((name) => name.includes('format'));
    t.truthy(format);
    await writeFile(join(device.home, format ?? ''), 'peervault home 999\n');
    const before = await readdir(device.home, { recursive: true });
    isRefused(t, await device.vaultd('start'), {
      code: 1,
      says: /newer: this home was written by a newer version \(format 999, .* up to 1\)/,
      next: /the version that wrote it/,
    });
    const ignoreLock = (name: string): boolean => name !== 'lock';
    const after = await readdir(device.home, { recursive: true });
    t.deepEqual(after.filter(ignoreLock), before.filter(ignoreLock));

    await writeFile(join(device.home, format ?? ''), 'something else');
    isRefused(t, await device.vaultd('start'), { code: 1, says: /not a home of an agent/ });
    const foreign = new RealDevice(t, folder, 'foreign');
    await mkdir(foreign.home);
    await writeFile(join(foreign.home, 'thesis.txt'), 'mine');
    isRefused(t, await foreign.vaultd('start'), { code: 1, says: /but something else/ });
    isRefused(t, await foreign.vaultd('init', '--recovery-file', join(folder, 'w2')), {
      code: 4,
      says: /not empty/,
    });
    t.is(await readFile(join(foreign.home, 'thesis.txt'), 'utf8'), 'mine');
    const missing = new RealDevice(t, folder, 'missing');
    isRefused(t, await missing.vaultd('start'), { code: 2, says: /no vault/, next: /vaultd init/ });
  },
);
