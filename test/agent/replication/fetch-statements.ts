import test from 'ava';
import { fetchStatements } from '../../../agent/replication/fetch-statements.ts';
import { encodeUpdate } from '../../../protocol/messages/peer.ts';
import { peerMethods } from '../../../protocol/methods.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';
import { createRpcPair } from '../../helpers/rpc-pair.ts';

async function fetchFrom(
  answer: (stream: CallStream) => Promise<void>,
): Promise<{ taken: string[]; ended: Promise<void> }> {
  const taken: string[] = [];
  const ended = Promise.withResolvers<undefined>();
  const { client } = createRpcPair(async ({ method, stream }) => {
    if (method !== peerMethods.subscribe) throw new Error('another method');
    stream.signal.addEventListener('abort', () => {
      ended.resolve(undefined);
    });
    await answer(stream);
    await ended.promise;
  });
  await fetchStatements({ rpc: client }, (signed) => {
    taken.push(...signed.map(String));
    return Promise.resolve();
  });
  return { taken, ended: ended.promise };
}

function statements(...texts: readonly string[]): Buffer {
  return encodeUpdate({ type: 'statements', signed: texts.map((text) => Buffer.from(text)) });
}

test('statements are taken until something else comes, and the peer is told to stop', async (t) => {
  const { taken, ended } = await fetchFrom(async (stream) => {
    await stream.sendMessage(statements('genesis', 'grant'));
    await stream.sendMessage(statements('epoch'));
    await stream.sendMessage(encodeUpdate({ type: 'current' }));
  });
  t.deepEqual(taken, ['genesis', 'grant', 'epoch']);
  await t.notThrowsAsync(ended);
});

test('bytes without a head and an early end are errors', async (t) => {
  await t.throwsAsync(
    fetchFrom((stream) => stream.sendData(Buffer.from('batch'))),
    { code: 'peer-misbehaved' },
  );
  const { client } = createRpcPair(() => Promise.resolve());
  await t.throwsAsync(
    fetchStatements({ rpc: client }, () => Promise.resolve()),
    { code: 'closed' },
  );
});
