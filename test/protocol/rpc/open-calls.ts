import test from 'ava';
import { rpc } from '../../../protocol/limits.ts';
import { OpenCalls } from '../../../protocol/rpc/open-calls.ts';

test('so many calls are open at once, and their requests have so many bytes together', (t) => {
  const calls = new OpenCalls(3);
  const small = Buffer.alloc(10);
  for (let count = 0; count < 3; count += 1) t.is(calls.begin(small), undefined);
  t.is(calls.begin(small)?.code, 'overload');
  calls.done(small);
  const large = Buffer.alloc(rpc.openRequestBytesMax - 2 * small.length);
  t.is(calls.begin(Buffer.alloc(large.length + 1))?.code, 'overload');
  t.is(calls.begin(large), undefined);
  calls.done(large);
  t.is(calls.begin(small), undefined, 'what was refused was not counted');
});
