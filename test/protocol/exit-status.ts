import test from 'ava';
import { VaultError, errorCodes } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { exitStatusMeanings, exitStatusOf, exitStatuses } from '../../protocol/exit-status.ts';

test('every error code has a status that the manual explains, and none is success', (t) => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    t.true(Object.hasOwn(exitStatusMeanings, exitStatuses[code]), code);
    t.is(exitStatusOf(new VaultError(code, { op: 'test' })), exitStatuses[code]);
  }
  t.false(Object.values<number>(exitStatuses).includes(0));
});

test('the statuses that scripts rely on are those of the interface', (t) => {
  for (const [code, status] of [
    ['internal', 1],
    ['usage', 2],
    ['config-invalid', 2],
    ['not-found', 3],
    ['conflict', 4],
    ['exists', 4],
    ['agent-running', 4],
    ['denied', 5],
    ['no-agent', 6],
    ['disk-full', 7],
    ['quota-full', 7],
    ['damaged', 8],
    ['peer-unreachable', 9],
    ['timeout', 9],
    ['cancelled', 130],
  ] as const) {
    t.is(exitStatuses[code], status, code);
  }
});

test('what is no error of ours is another failure', (t) => {
  for (const thrown of [new Error('x'), 'x', undefined, null, { code: 'usage' }]) {
    t.is(exitStatusOf(thrown), 1);
  }
});
