import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { openRelay, relayCommand } from '../../../protocol/control/relay.ts';
import type { VaultError } from '../../../protocol/errors.ts';
import { startMemoryAgent } from '../../helpers/memory-agent.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const clock = {
  monotonicMs: () => performance.now(),
  after(delayMs: number, action: () => void) {
    const timer = setTimeout(action, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

test('the shell over there sees the words as they are', (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (home) => {
      fc.pre(!home.includes('\0'));
      const { program, args } = relayCommand({ host: 'me@nas', home }, undefined);
      t.is(program, 'ssh');
      t.deepEqual(args.slice(0, -1), ['me@nas']);
      const print = `vault() { printf '%s\\n' "$#" "$1" "$2" "$3"; }; ${args.at(-1) ?? ''}`;
      const seen = execFileSync('sh', ['-c', print], { encoding: 'utf8' });
      t.is(seen, `3\nrelay\n--home\n${home}\n`);
    }),
    { numRuns: 30 },
  );
});

test('another program gets its own arguments first, and no host is an option', (t) => {
  const { program, args } = relayCommand({ host: 'nas' }, ' rsh  -p 22 ');
  t.is(program, 'rsh');
  t.deepEqual(args, ['-p', '22', 'nas', 'vault relay']);
  for (const host of ['', '-oProxyCommand=reboot']) {
    const error = t.throws(() => relayCommand({ host }, undefined)) as VaultError;
    t.is(error.code, 'usage');
  }
});

const failures = [
  ['echo "ssh: no route" >&2; exit 255', 'peer-unreachable', /ssh: no route/],
  ['echo "sh: vault: not found" >&2; exit 127', 'peer-unreachable', /not found/],
  [
    'echo "vault: no agent answers: x (y)" >&2; exit 6',
    'no-agent',
    /^nas: no agent answers \(x \(y\)\)$/,
  ],
  ['echo "vault: not allowed: x" >&2; exit 5', 'denied', /^nas: not allowed \(x\)$/],
  ['exit 0', 'peer-unreachable', /^nas: the other device cannot be reached$/],
] as const;

for (const [script, code, message] of failures) {
  test(`why it does not get there: ${script}`, async (t) => {
    const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
    const error = (await t.throwsAsync(openRelay(child, 'nas', { clock }))) as VaultError;
    t.is(error.code, code);
    t.regex(error.message, message);
  });
}

test('a program that cannot be started is named', async (t) => {
  const child = spawn('/no/such/program', [], { stdio: ['pipe', 'pipe', 'pipe'] });
  const error = (await t.throwsAsync(openRelay(child, 'nas', { clock }))) as VaultError;
  t.is(error.code, 'peer-unreachable');
  t.regex(error.message, /\/no\/such\/program/);
});

test('bytes that were sent may be written over, however slow the way is', async (t) => {
  const socketPath = join(await temporaryDirectory(t), 'agent.sock');
  const agent = await startMemoryAgent(socketPath);
  t.teardown(() => agent.close());
  const socket = connect(socketPath);
  const stdin = new Writable({
    write(bytes: Buffer, _encoding, done) {
      setImmediate(() => {
        socket.write(Buffer.from(bytes), done);
      });
    },
    final(done) {
      socket.end(done);
    },
  });
  const child = Object.assign(new EventEmitter(), {
    stdin,
    stdout: socket,
    stderr: Readable.from([]),
    kill: () => socket.destroy(),
  });
  const { session } = await openRelay(child, 'nas', { clock });
  const put = session
    .client()
    .put({ ...{ parents: false, into: false, checksum: true }, destination: Buffer.from('f') });
  const piece = Buffer.alloc(40_000);
  const size = 50 * piece.length;
  const mtime = { seconds: 1, nanoseconds: 0 };
  await put.offer([{ path: Buffer.alloc(0), kind: 'file', size, mode: 0o644, mtime }]);
  await put.receive();
  await put.beginBody(0);
  for (let round = 0; round < 50; round += 1) {
    await put.data(piece.fill(round + 1));
  }
  await put.endBody(0, false);
  put.end();
  while ((await put.receive()) !== undefined);
  session.close();
  const stored = agent.tree.get('f')?.content ?? Buffer.alloc(0);
  t.is(stored.length, size);
  for (let round = 0; round < 50; round += 1) {
    const part = stored.subarray(round * piece.length, (round + 1) * piece.length);
    t.true(part.equals(Buffer.alloc(piece.length, round + 1)), String(round));
  }
});
