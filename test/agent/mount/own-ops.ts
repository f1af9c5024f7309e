import test from 'ava';
import { OwnOps } from '../../../agent/mount/own-ops.ts';
import type { OpenedBatch } from '../../../agent/journal/batch.ts';
import type { Op } from '../../../protocol/messages/op.ts';

const op = (): Op => ({ type: 'remove-directory', replaces: [] }) as unknown as Op;

function batchOf(...ops: readonly Op[]): Pick<OpenedBatch, 'body'> {
  return { body: { ops } } as unknown as OpenedBatch;
}

test('operations are told apart by who said them, not by what they say', (t) => {
  const own = new OwnOps();
  const [ours, theirs] = [op(), op()];
  own.add([ours]);
  t.true(own.areAll([batchOf(ours), batchOf()]));
  t.false(own.areAll([batchOf(ours), batchOf(theirs)]));
  t.false(own.areAll([batchOf(ours, theirs)]));
});
