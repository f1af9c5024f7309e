/** What is said of a file that somebody named and that could not be read. */
import { VaultError } from '../../protocol/errors.ts';

/** @returns `not-found` or `io`; an error that says something already as it is */
export function fileError(
  op: string,
  path: string,
  cause: unknown,
  { next }: { readonly next: string },
): VaultError {
  if (cause instanceof VaultError) return cause;
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return new VaultError(missing ? 'not-found' : 'io', {
    op,
    subject: path,
    detail: missing || !(cause instanceof Error) ? undefined : cause.message,
    next,
    cause,
  });
}
