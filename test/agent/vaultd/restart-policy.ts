import fc from 'fast-check';
import test from 'ava';
import { errorCodes } from '../../../protocol/errors.ts';
import type { ErrorCode } from '../../../protocol/errors.ts';
import {
  afterRun,
  failuresMax,
  freshState,
  youngMs,
} from '../../../agent/vaultd/restart-policy.ts';
import type { RestartState, RunResult } from '../../../agent/vaultd/restart-policy.ts';

const crash: RunResult = { becameReady: false, lastedMs: 50, clean: false, code: 'internal' };

function afterAll(runs: readonly RunResult[]) {
  let state: RestartState = freshState;
  const steps = runs.map((run) => {
    const next = afterRun(state, run);
    state = next.state;
    return next.step;
  });
  return { state, steps };
}

test('three failed starts in a row end in rescue, and not the second', (t) => {
  const { steps } = afterAll([crash, crash, crash]);
  t.deepEqual(
    steps.map((step) => step.type),
    ['start', 'start', 'rescue'],
  );
});

test('the pause grows with every failed start', (t) => {
  const [first, second] = afterAll([crash, crash]).steps;
  t.true(first?.type === 'start' && second?.type === 'start' && first.delayMs < second.delayMs);
});

test('a crash right after it was ready counts as a failed start, a late one does not', (t) => {
  const young = { ...crash, becameReady: true, lastedMs: youngMs - 1 };
  const old = { ...crash, becameReady: true, lastedMs: youngMs };
  t.is(afterAll([young, young, young]).steps.at(-1)?.type, 'rescue');
  t.is(afterAll([crash, crash, old]).state.failures, 0);
});

test('a slow start that fails is a failed start all the same', (t) => {
  const slow = { ...crash, lastedMs: 10 * youngMs };
  t.is(afterAll([slow, slow, slow]).steps.at(-1)?.type, 'rescue');
});

test('a clean end between failures starts the count anew', (t) => {
  const clean = { ...crash, becameReady: true, clean: true, code: undefined };
  t.is(afterAll([crash, crash, clean, crash, crash]).steps.at(-1)?.type, 'start');
});

test('an error that a person has to mend gives up at the first start', (t) => {
  for (const code of ['config-invalid', 'port-in-use', 'home-newer', 'agent-running'] as const) {
    t.is(afterAll([{ ...crash, code }]).steps[0]?.type, 'giveUp', code);
  }
  t.is(afterAll([{ ...crash, code: 'damaged' }]).steps[0]?.type, 'start');
});

test('once an agent was ready, no error gives up: the person has left', (t) => {
  const ran = { ...crash, becameReady: true, lastedMs: youngMs };
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    t.not(afterAll([ran, { ...crash, code }]).steps[1]?.type, 'giveUp', code);
  }
});

test('whatever happens, there are never more failed starts in a row than the limit', (t) => {
  const runs = fc.array(
    fc.record({
      becameReady: fc.boolean(),
      lastedMs: fc.nat({ max: 3 * youngMs }),
      clean: fc.boolean(),
      code: fc.constantFrom<ErrorCode | undefined>('internal', 'port-in-use', undefined),
    }),
  );
  fc.assert(
    fc.property(runs, (list) => {
      let state: RestartState = freshState;
      for (const run of list) {
        const next = afterRun(state, run);
        state = next.state;
        if (next.step.type !== 'start') return state.failures === failuresMax || !state.everReady;
        if (state.failures >= failuresMax || next.step.delayMs <= 0) return false;
      }
      return true;
    }),
  );
  t.pass();
});
