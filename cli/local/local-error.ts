/** What the local system says about a path, as one of our errors. */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly next: string;
}

const denied = {
  code: 'denied',
  next: 'look who may use it: ls -ld, and id for who you are',
} as const;

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'not-found', next: 'check the name: ls shows what is there' },
  ENOTDIR: { code: 'not-directory', next: 'check the path: a part of it is no directory' },
  EISDIR: { code: 'is-directory', next: 'give another name, or move the directory away' },
  EEXIST: { code: 'exists', next: 'give another name, or move it away' },
  ENOTEMPTY: { code: 'not-empty', next: 'give another name, or move the directory away' },
  EACCES: denied,
  EPERM: denied,
  EROFS: {
    code: 'denied',
    detail: 'the file system cannot be written to',
    next: 'give a place on another one',
  },
  ENOSPC: { code: 'disk-full', next: 'make room on this disk, or give a place on another one' },
  EDQUOT: { code: 'quota-full', next: 'make room, or give a place on another disk' },
  ENAMETOOLONG: { code: 'name-too-long', next: 'give a shorter name' },
  ELOOP: {
    code: 'not-supported',
    detail: 'a symbolic link is in the way',
    next: 'name what the link leads to',
  },
};

/** @param file a local path */
export function localError(op: string, file: string | Buffer, cause: unknown): VaultError {
  if (isVaultError(cause)) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = meanings[code];
  const subject = file.toString();
  if (known !== undefined) {
    const { detail, next } = known;
    return new VaultError(known.code, { op, subject, detail, next, cause });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (code === '') return new VaultError('internal', { op, subject, detail, cause });
  const next = 'the system says no more; its log may: dmesg';
  return new VaultError('io', { op, subject, detail, next, cause });
}
