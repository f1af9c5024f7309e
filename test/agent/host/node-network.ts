import test from 'ava';
import type { ByteStream, Listener } from '../../../agent/ports.ts';
import { createNodeNetwork } from '../../../agent/host/node-network.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { MiB } from '../../../protocol/limits.ts';

async function pair(address = '127.0.0.1:0'): Promise<{
  near: ByteStream;
  far: ByteStream;
  listener: Listener;
}> {
  const network = createNodeNetwork();
  const { promise, resolve } = Promise.withResolvers<ByteStream>();
  const listener = await network.listen(address, resolve);
  const near = await network.dial(listener.address, { timeoutMs: 5_000 });
  return { near, far: await promise, listener };
}

async function readExactly(stream: ByteStream, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let have = 0;
  while (have < bytes) {
    const piece = await stream.receive();
    if (piece === undefined) break;
    pieces.push(piece);
    have += piece.length;
  }
  return Buffer.concat(pieces);
}

test('Bytes sent in several parts arrive in order, and both sides know the other', async (t) => {
  const { near, far, listener } = await pair();
  await near.send([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cd')]);
  t.is((await readExactly(far, 4)).toString(), 'abcd');
  await far.send([Buffer.from('answer')]);
  t.is((await readExactly(near, 6)).toString(), 'answer');
  t.is(near.remote, listener.address);
  t.regex(far.remote, /^127\.0\.0\.1:\d+$/);
  near.end();
  t.is(await far.receive(), undefined);
  await Promise.all([near.closed, far.closed]);
  await listener.close();
});

test('An IPv6 address works with brackets', async (t) => {
  const { near, far, listener } = await pair('[::1]:0');
  t.regex(listener.address, /^\[::1\]:\d+$/);
  await near.send([Buffer.from('x')]);
  t.is((await readExactly(far, 1)).toString(), 'x');
  await listener.close();
});

for (const dialler of ['sends', 'receives'] as const) {
  test(`A receiver that does not take bytes stops the sender, and gets every byte later: who dialled ${dialler}`, async (t) => {
    const { near, far, listener } = await pair();
    const [sender, receiver] = dialler === 'sends' ? [near, far] : [far, near];
    let accepted = 0;
    const total = 64;
    const sending = (async () => {
      for (let count = 0; count < total; count += 1) {
        await sender.send([Buffer.alloc(1 * MiB, count)]);
        accepted += 1;
      }
      sender.end();
    })();
    let before = -1;
    // Until nothing moves any more: kernel buffers and our queues are full.
    while (before !== accepted) {
      before = accepted;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    t.true(accepted < total, `${String(accepted)} MiB were accepted with nobody reading`);
    let bytes = 0;
    let wrong = 0;
    for (let piece = await receiver.receive(); piece; piece = await receiver.receive()) {
      const end = Math.floor((bytes + piece.length - 1) / MiB);
      for (let mib = Math.floor(bytes / MiB); mib <= end; mib += 1) {
        const own = piece.subarray(Math.max(0, mib * MiB - bytes), (mib + 1) * MiB - bytes);
        if (!own.equals(Buffer.alloc(own.length, mib))) wrong += 1;
      }
      bytes += piece.length;
      // Its memory may be read into again at once.
      receiver.giveBack?.(piece);
    }
    t.is(bytes, total * MiB);
    t.is(wrong, 0);
    await sending;
    await listener.close();
  });
}

test('A port that is taken is named with what to do', async (t) => {
  const { listener } = await pair();
  const error = await t.throwsAsync(createNodeNetwork().listen(listener.address, () => undefined));
  t.true(isVaultError(error, 'port-in-use'));
  t.regex((error as { next?: string }).next ?? '', /--listen/);
  await listener.close();
});

test('A port where nobody listens is unreachable', async (t) => {
  const { listener } = await pair();
  const { address } = listener;
  await listener.close();
  const error = await t.throwsAsync(createNodeNetwork().dial(address, { timeoutMs: 5_000 }));
  t.true(isVaultError(error, 'peer-unreachable'));
});

test('A dial that is aborted ends as cancelled', async (t) => {
  const abort = new AbortController();
  const dialling = createNodeNetwork().dial('192.0.2.1:9', {
    timeoutMs: 10_000,
    signal: abort.signal,
  });
  abort.abort();
  const error = await t.throwsAsync(dialling);
  t.true(isVaultError(error, 'cancelled', 'peer-unreachable'), String(error));
});

test('Sending on a closed stream fails, receiving on it ends', async (t) => {
  const { near, far, listener } = await pair();
  near.destroy();
  await near.closed;
  t.true(isVaultError(await t.throwsAsync(near.send([Buffer.from('x')])), 'closed'));
  t.is(await near.receive(), undefined);
  t.is(await far.receive(), undefined);
  await listener.close();
});

test('Closing the listener closes its connections', async (t) => {
  const { near, far, listener } = await pair();
  await listener.close();
  t.is(await near.receive(), undefined);
  await far.closed;
});

test('A malformed address is refused before a socket is made', async (t) => {
  const network = createNodeNetwork();
  for (const address of [
    '',
    'host',
    'host:',
    'host:70000',
    '::1:80',
    'a b:1',
    `${'x'.repeat(300)}:1`,
  ]) {
    const error = await t.throwsAsync(network.dial(address, { timeoutMs: 100 }));
    t.true(isVaultError(error, 'usage'), address);
  }
});

test('The beacon reaches another agent of this machine, and is off by default', async (t) => {
  t.is(await createNodeNetwork().openBeacon(() => undefined), undefined);
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const network = createNodeNetwork({ beaconPort: 47_420 });
  const first = await network.openBeacon(resolve);
  const second = await network.openBeacon(resolve);
  second?.send(Buffer.from('here'));
  t.is((await promise).toString(), 'here');
  first?.close();
  second?.close();
});
