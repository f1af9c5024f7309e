/** What the local system says about a path, as one of our errors. */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-directory',
  EISDIR: 'is-directory',
  EEXIST: 'exists',
  ENOTEMPTY: 'not-empty',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOSPC: 'disk-full',
  EDQUOT: 'quota-full',
  ENAMETOOLONG: 'name-too-long',
  ELOOP: 'not-supported',
};

/** @param file a local path */
export function localError(op: string, file: string | Buffer, cause: unknown): VaultError {
  if (isVaultError(cause)) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = codes[code];
  const subject = file.toString();
  if (known !== undefined) return new VaultError(known, { op, subject, cause });
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new VaultError(code === '' ? 'internal' : 'io', { op, subject, detail, cause });
}
