/** What the work pool and its worker threads say to each other. */
import type { Jobs, WorkName } from '../chunks/jobs.ts';
import type { ErrorCode, ErrorFields } from '../../protocol/errors.ts';

export type WorkRequest = {
  readonly [Name in WorkName]: { readonly name: Name; readonly input: Jobs[Name]['input'] };
}[WorkName];

/** A thread answers requests one by one, in order. */
export type WorkReply =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: WorkError };

/** A VaultError as plain data: classes do not survive the crossing. */
export interface WorkError extends Omit<ErrorFields, 'cause'> {
  readonly code: ErrorCode;
}
