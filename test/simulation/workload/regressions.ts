/** Seeds that found something once. They stay for ever. */
import type { RunOptions } from './run.ts';

export interface Regression {
  /** What went wrong. */
  readonly name: string;
  readonly options: RunOptions;
}

export const regressions: readonly Regression[] = [];
