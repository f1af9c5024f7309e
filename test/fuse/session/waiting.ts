/** One answer a request, whatever comes first: the work, a signal, or the deadline. */
import test from 'ava';
import fc from 'fast-check';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import { mount as limits } from '../../../protocol/limits.ts';
import { Asking } from '../../../fuse/session/asking.ts';
import { errnoOf } from '../../../fuse/errno.ts';
import { errnos } from '../../../fuse/protocol/constants.ts';
import { Waiting } from '../../../fuse/session/waiting.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';

interface Request {
  readonly asking: Asking;
  readonly answers: unknown[];
  resolve(result: string): void;
  reject(error: unknown): void;
}

function build() {
  const vault = new MemoryVault();
  const ended: string[] = [];
  const waiting = new Waiting(vault.port().clock, ({ op }, isFailed) => {
    ended.push(`${op} ${isFailed ? 'failed' : 'done'}`);
  });
  const ask = (key: number, op: string): Request => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asking = new Asking();
    const answers: unknown[] = [];
    const startedMs = vault.nowMs;
    waiting.add(
      key,
      { op, inode: 1, pid: 1, startedMs },
      {
        work: promise,
        asking,
        answered: (result) => answers.push(result),
        failed: (error) => answers.push(error),
      },
    );
    return { asking, answers, resolve, reject };
  };
  return { vault, waiting, ended, ask };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a read that is interrupted is answered at once, and what comes later is for nobody', async (t) => {
  const { waiting, ended, ask } = build();
  const read = ask(1, 'read');
  let isGivenBack = false;
  read.asking.afterwards(() => {
    isGivenBack = true;
  });
  waiting.interrupt(1);
  t.is(errnoOf(read.answers[0]), errnos.EINTR);
  t.true(read.asking.signal.aborted);
  t.false(isGivenBack, 'the work may still look at what is lent');
  read.resolve('bytes');
  await settled();
  t.true(isGivenBack);
  t.is(read.answers.length, 1);
  t.deepEqual(ended, ['read failed']);
  t.deepEqual([...waiting.operations()], []);
});

test('what opens or changes something is told of a signal and answers for itself', async (t) => {
  const { waiting, ask } = build();
  const open = ask(1, 'opendir');
  const create = ask(2, 'create');
  waiting.interrupt(1);
  waiting.interrupt(2);
  waiting.interrupt(3);
  t.deepEqual([open.answers, create.answers], [[], []]);
  t.true(open.asking.signal.aborted);
  open.reject(new VaultError('cancelled', { op: 'test' }));
  create.resolve('made');
  await settled();
  t.is(errnoOf(open.answers[0]), errnos.EINTR);
  t.deepEqual(create.answers, ['made']);
});

test('what is not answered in time ends with ETIMEDOUT: looking soon, a change later', async (t) => {
  const { vault, ask } = build();
  const read = ask(1, 'read');
  const sync = ask(2, 'fsync');
  await vault.pass(limits.lookTimeoutMs - 1);
  const late = ask(3, 'read');
  t.deepEqual(read.answers, []);
  await vault.pass(limits.lookEveryMs + 1);
  t.true(isVaultError(read.answers[0], 'timeout'));
  t.is(errnoOf(read.answers[0]), errnos.ETIMEDOUT);
  t.deepEqual([late.answers, sync.answers], [[], []]);
  for (let waitedMs = 0; waitedMs <= limits.changeTimeoutMs; waitedMs += limits.lookTimeoutMs) {
    await vault.pass(limits.lookTimeoutMs);
  }
  t.true(isVaultError(sync.answers[0], 'timeout'));
  t.is(late.answers.length, 1);
});

test('whatever happens in whatever order, each request gets one answer', async (t) => {
  const step = fc.record({
    key: fc.nat(4),
    event: fc.constantFrom('resolve', 'reject', 'interrupt', 'time', 'abortAll'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { vault, waiting, ended, ask } = build();
      const requests = ['read', 'open', 'write', 'getxattr', 'rename'].map((op, key) =>
        ask(key, op),
      );
      for (const { key, event } of steps) {
        if (event === 'resolve') requests[key]?.resolve('done');
        else if (event === 'reject') requests[key]?.reject(new Error('no'));
        else if (event === 'interrupt') waiting.interrupt(key);
        else if (event === 'time') await vault.pass(limits.lookTimeoutMs);
        else waiting.abortAll();
        if (requests.some(({ answers }) => answers.length > 1)) return false;
      }
      for (const { resolve } of requests) resolve('at the end');
      await settled();
      return (
        ended.length === requests.length && requests.every((each) => each.answers.length === 1)
      );
    }),
    { numRuns: 50 },
  );
  t.pass();
});
