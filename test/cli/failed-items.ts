import test from 'ava';
import { createFailedItems } from '../../cli/failed-items.ts';
import { VaultError, type ErrorCode } from '../../protocol/errors.ts';

function failedWith(...codes: ErrorCode[]) {
  const told: ErrorCode[] = [];
  const failed = createFailedItems(({ code }) => void told.push(code));
  for (const code of codes) failed.add(new VaultError(code, { op: 'test' }));
  return { failed, told };
}

test('every failure is told, in order', (t) => {
  const { failed, told } = failedWith('damaged', 'not-found');
  t.deepEqual(told, ['damaged', 'not-found']);
  t.is(failed.count, 2);
});

test('the status is 1 when something was done, else that of the one reason', (t) => {
  t.is(failedWith().failed.status(0), 0);
  t.is(failedWith().failed.status(5), 0);
  t.is(failedWith('damaged').failed.status(0), 8);
  t.is(failedWith('damaged', 'damaged').failed.status(0), 8);
  t.is(failedWith('damaged', 'damaged').failed.status(1), 1);
  t.is(failedWith('damaged', 'not-found').failed.status(0), 1);
});
