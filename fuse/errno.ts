/** The border between the vault's errors and errno: a total table, so that a new code does not compile without one. */
import { isVaultError, type ErrorCode } from '../protocol/errors.ts';
import { errnos, type ErrnoName } from './protocol/constants.ts';

const errnoOfCode: Readonly<Record<ErrorCode, ErrnoName>> = {
  internal: 'EIO',
  usage: 'EINVAL',
  malformed: 'EINVAL',
  'not-found': 'ENOENT',
  exists: 'EEXIST',
  'not-directory': 'ENOTDIR',
  'is-directory': 'EISDIR',
  'not-empty': 'ENOTEMPTY',
  'name-invalid': 'EINVAL',
  'name-too-long': 'ENAMETOOLONG',
  conflict: 'EBUSY',
  denied: 'EPERM',
  'read-only': 'EROFS',
  'no-agent': 'EIO',
  'agent-running': 'EBUSY',
  'disk-full': 'ENOSPC',
  'quota-full': 'ENOSPC',
  damaged: 'EIO',
  io: 'EIO',
  'chunk-missing': 'EIO',
  'peer-unreachable': 'EHOSTUNREACH',
  'peer-untrusted': 'EACCES',
  'peer-misbehaved': 'EPROTO',
  'protocol-version': 'EPROTO',
  'wrong-vault': 'EPROTO',
  'ticket-invalid': 'EINVAL',
  'ticket-used': 'EINVAL',
  'ticket-expired': 'EINVAL',
  'not-member': 'EACCES',
  timeout: 'ETIMEDOUT',
  cancelled: 'EINTR',
  'too-large': 'EFBIG',
  overload: 'EAGAIN',
  'port-in-use': 'EBUSY',
  'config-invalid': 'EINVAL',
  'home-invalid': 'EINVAL',
  'home-newer': 'EINVAL',
  'no-key': 'EACCES',
  locked: 'EACCES',
  'source-changed': 'EAGAIN',
  'not-supported': 'EOPNOTSUPP',
  closed: 'EIO',
};

/**
 * A refusal that has an errno and needs no words: what a local file system would answer too. The same
 * one is thrown each time, since a million lookups must not collect a million stacks.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errno: number;

  constructor(errno: ErrnoName) {
    super(errno);
    this.errno = errnos[errno];
  }
}

const refusals = new Map<ErrnoName, Refusal>();

export function refusal(name: ErrnoName): Refusal {
  let known = refusals.get(name);
  if (known === undefined) {
    known = new Refusal(name);
    refusals.set(name, known);
  }
  return known;
}

export function errnoOf(error: unknown): number {
  if (error instanceof Refusal) return error.errno;
  return errnos[isVaultError(error) ? errnoOfCode[error.code] : 'EIO'];
}
