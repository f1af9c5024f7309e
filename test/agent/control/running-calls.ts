import test from 'ava';
import { RunningCalls } from '../../../agent/control/running-calls.ts';
import type { Call } from '../../../agent/control/context.ts';
import { getRequest } from '../../../protocol/messages/control-get.ts';
import type { CallStream } from '../../../protocol/rpc/rpc.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

function getCall(): Call {
  const stream = {
    signal: new AbortController().signal,
    sendData: () => Promise.resolve(),
  } as unknown as CallStream;
  const request = getRequest.toWire({ path: Buffer.from('a'), recursive: false, offset: 0 });
  return { request, stream } as unknown as Call;
}

test('what a call has to move is what its handler has said so far, and ends with the call', async (t) => {
  const running = new RunningCalls(createManualClock());
  const call = getCall();
  const followed = running.follow('get', call);
  t.like(running.rows()[0], { kind: 'get', bytesDone: 0, bytesExpected: 0 });
  running.expect(followed.stream, 1000);
  running.expect(followed.stream, 500);
  await followed.stream.sendData(Buffer.alloc(300));
  t.like(running.rows()[0], { bytesDone: 300, bytesExpected: 1500 });
  running.end(call);
  t.deepEqual(running.rows(), []);
  t.notThrows(() => {
    running.expect(followed.stream, 1);
  });
});
