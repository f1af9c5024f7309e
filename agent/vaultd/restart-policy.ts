/**
 * What the supervisor does when an agent has ended: a pure function, so that its promises can be
 * tested without waiting. A crash restarts the agent, each failed start after a longer pause; after
 * three failed starts in a row nothing will be better the fourth time, and rescue mode says why.
 */
import type { ErrorCode } from '../../protocol/errors.ts';

/** How one run of the agent ended. */
export interface RunResult {
  readonly becameReady: boolean;
  readonly lastedMs: number;
  /** It ended as it was asked to. */
  readonly clean: boolean;
  /** The code of the error that it reported, if it did. */
  readonly code: ErrorCode | undefined;
}

export interface RestartState {
  /** Failed starts in a row. */
  readonly failures: number;
  /** Whether any agent of this supervisor was ever ready. */
  readonly everReady: boolean;
}

export type NextStep =
  | { readonly type: 'start'; readonly delayMs: number }
  | { readonly type: 'rescue' }
  | { readonly type: 'giveUp' };

export const freshState: RestartState = { failures: 0, everReady: false };

/** A run that ends sooner after its start counts as a failed start, ready or not. */
export const youngMs = 10_000;
export const failuresMax = 3;
const delaysMs = [100, 500, 2_000] as const;

/** Errors that a new start right away cannot mend: the person who starts the agent gets them at once. */
const final: readonly ErrorCode[] = [
  'agent-running',
  'config-invalid',
  'denied',
  'exists',
  'home-invalid',
  'home-newer',
  'locked',
  'no-key',
  'not-supported',
  'port-in-use',
  'usage',
];

/** Decides after a run. */
export function afterRun(
  state: RestartState,
  run: RunResult,
): { readonly state: RestartState; readonly step: NextStep } {
  const everReady = state.everReady || run.becameReady;
  const failed = !run.clean && (!run.becameReady || run.lastedMs < youngMs);
  const failures = failed ? state.failures + 1 : 0;
  return { state: { failures, everReady }, step: stepAfter(run, failures, everReady) };
}

function stepAfter(run: RunResult, failures: number, everReady: boolean): NextStep {
  if (!everReady && run.code !== undefined && final.includes(run.code)) return { type: 'giveUp' };
  if (failures >= failuresMax) return { type: 'rescue' };
  return { type: 'start', delayMs: delaysMs[failures] ?? delaysMs[0] };
}
