/** An agent whose keys are locked: what it answers, and how it says that they are not any more. */
import test from 'ava';
import { createLockedHandler } from '../../../agent/control/locked.ts';
import { empty } from '../../../protocol/messages/control.ts';
import { watched } from '../../../protocol/messages/control-watch.ts';
import { controlMethods } from '../../../protocol/methods.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';

test('whoever watches is told once, when the vault is open', async (t) => {
  const opened = Promise.withResolvers<undefined>();
  const client = clientOf(opened.promise);
  const stream = client.call(controlMethods.watch, empty.toWire(undefined));
  t.deepEqual(await told(stream), []);
  opened.resolve(undefined);
  t.deepEqual(await told(stream), ['status']);
  t.is(await stream.receive(), undefined);
});

test('however many watch and leave, the wait for the passphrase does not grow', async (t) => {
  let asked = 0;
  const opened = Promise.withResolvers<undefined>();
  const counted = Object.assign(Promise.resolve(), {
    then: (...to: Parameters<Promise<undefined>['then']>) => {
      asked += 1;
      return opened.promise.then(...to);
    },
  });
  const client = clientOf(counted);
  for (let turn = 0; turn < 5; turn += 1) {
    const leave = new AbortController();
    const { signal } = leave;
    const stream = client.call(controlMethods.watch, empty.toWire(undefined), { signal });
    t.deepEqual(await told(stream), []);
    leave.abort();
  }
  const last = client.call(controlMethods.watch, empty.toWire(undefined));
  t.deepEqual(await told(last), []);
  t.is(asked, 1);
  opened.resolve(undefined);
  t.deepEqual(await told(last), ['status']);
});

/** Of an agent whose keys are locked until then. */
function clientOf(opened: Promise<unknown>) {
  const handler = createLockedHandler({
    facts: { vaultId: '', deviceId: '11'.repeat(16), name: 'laptop', startedAt: '' },
    process: {
      ...{ pid: 1, supervisorPid: undefined, nodeVersion: '', platform: '' },
      memoryBytes: () => 0,
    },
    version: '0',
    unlock: () => Promise.reject(new Error('nobody unlocks')),
    opened,
    requestShutdown: () => undefined,
  });
  return createRpcPair(handler).client;
}

async function told(stream: CallStream): Promise<readonly string[] | undefined> {
  const item = await stream.receive();
  return item?.type === 'message' ? watched.fromWire(item.bytes) : undefined;
}
