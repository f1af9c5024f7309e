import test from 'ava';
import type { Operation } from '../../../fuse/session/trace.ts';
import { Trace } from '../../../fuse/session/trace.ts';
import type { NodeId } from '../../../fuse/operations/port.ts';

test('what ended is told with its path and how long it took, whatever the clock on the wall does; the oldest makes room', (t) => {
  let nowMs = 1000;
  let dayMs = 1000;
  const waits: Operation = { op: 'write', node: 'b' as NodeId, inode: 2, pid: 2, startedMs: 900 };
  const trace = new Trace({ nowMs: () => dayMs, monotonicMs: () => nowMs }, () => [waits]);
  for (let count = 0; count < 300; count += 1) {
    const startedMs = nowMs;
    nowMs += 10.25;
    // Somebody sets it back.
    dayMs -= 1;
    trace.ended({ op: 'read', node: 'a' as NodeId, inode: 1, pid: 1, startedMs }, count === 299);
  }
  const { running, operations, recent } = trace.report((node) => (node === 'a' ? '/a' : null));
  t.deepEqual(running, [{ op: 'write', path: null, inode: 2, pid: 2, sinceMs: 3175 }]);
  t.deepEqual(operations, [{ op: 'read', count: 300, failed: 1, meanMs: 10.25, longestMs: 10.25 }]);
  t.is(recent.length, 256);
  t.is(recent[0]?.sequence, 45);
  t.deepEqual(recent.at(-1), {
    ...{ sequence: 300, time: '1970-01-01T00:00:00.700Z', op: 'read', path: '/a' },
    ...{ inode: 1, pid: 1, tookMs: 10.25, failed: true },
  });
});
