import test from 'ava';
import { readGet, type GetItem } from '../../../protocol/control/get-items.ts';
import { getDown, getUp, type GetDown } from '../../../protocol/messages/control-get.ts';
import type { CallStream, StreamItem } from '../../../protocol/rpc/rpc.ts';

const bootId = Buffer.alloc(16, 1);

function scripted(downs: readonly GetDown[]) {
  const items: StreamItem[] = downs.map((down) => ({
    type: 'message',
    bytes: Buffer.from(getDown.toWire(down)),
  }));
  const calls: string[] = [];
  const stream = {
    receive: () => Promise.resolve(items.shift()),
    sendMessage: (bytes: Uint8Array) => {
      calls.push(String(getUp.fromWire(Buffer.from(bytes)).localPath));
      return Promise.resolve();
    },
    end: () => calls.push('end'),
    fail: () => calls.push('fail'),
  } as unknown as CallStream;
  return { stream, calls };
}

const downs: readonly GetDown[] = [
  { type: 'plan', files: 1, bytes: 2 },
  { type: 'target' },
  { type: 'progress', writtenBytes: 1 },
  { type: 'body-end', writtenBytes: 2 },
];

test('who names files says where each goes, and the call stays open for that', async (t) => {
  const { stream, calls } = scripted(downs);
  const got: GetItem['type'][] = [];
  for await (const item of readGet(stream, { bootId })) {
    got.push(item.type);
    if (item.type !== 'target') continue;
    await item.answer({ localPath: Buffer.from('/place'), fingerprint: Buffer.alloc(40) });
  }
  t.deepEqual(
    got,
    downs.map(({ type }) => type),
  );
  t.deepEqual(calls, ['/place']);
});

test('who names none says at once that nothing comes, and who stops early gives up', async (t) => {
  const { stream, calls } = scripted(downs);
  for await (const item of readGet(stream, {})) if (item.type === 'plan') break;
  t.deepEqual(calls, ['end', 'fail']);
});
