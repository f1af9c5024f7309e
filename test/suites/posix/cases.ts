/** What a case of the POSIX suite is. */
import type { ExecutionContext } from 'ava';
import type { Posix } from '../../helpers/posix/posix.ts';

export interface Case<Folder = Posix> {
  /** Begins with the call that it is about. */
  readonly name: string;
  /** @param at an empty folder of its own */
  run(t: ExecutionContext, at: Folder): Promise<void>;
}
