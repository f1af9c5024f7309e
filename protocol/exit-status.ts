/**
 * What a failure is to a shell: one total table from error codes to exit statuses, for every program
 * of the project. A new code does not compile until it has its place here. The groups are those of
 * the man pages, which `exitStatusMeanings` writes.
 */
import { isVaultError } from './errors.ts';
import type { ErrorCode } from './errors.ts';

/** The groups by number. They are an interface: scripts read them. */
export const exitStatusMeanings = {
  0: 'done',
  1: 'other failure',
  2: 'usage',
  3: 'not found',
  4: 'conflict or exists',
  5: 'denied',
  6: 'no agent',
  7: 'full',
  8: 'damaged',
  9: 'peer or time-out',
  130: 'interrupted',
} as const;

export type ExitStatus = keyof typeof exitStatusMeanings;

export const exitStatuses = {
  internal: 1,
  usage: 2,
  malformed: 8,
  'not-found': 3,
  exists: 4,
  'not-directory': 1,
  'is-directory': 1,
  'not-empty': 4,
  'name-invalid': 2,
  'name-too-long': 2,
  conflict: 4,
  denied: 5,
  'read-only': 5,
  'no-agent': 6,
  'agent-running': 4,
  'disk-full': 7,
  'quota-full': 7,
  damaged: 8,
  io: 1,
  'chunk-missing': 9,
  'peer-unreachable': 9,
  'peer-untrusted': 5,
  'peer-misbehaved': 9,
  'protocol-version': 9,
  'wrong-vault': 4,
  'ticket-invalid': 2,
  'ticket-used': 4,
  'ticket-expired': 5,
  'not-member': 5,
  timeout: 9,
  cancelled: 130,
  'too-large': 1,
  overload: 9,
  'port-in-use': 4,
  'config-invalid': 2,
  'home-invalid': 1,
  'home-newer': 1,
  'no-key': 5,
  locked: 5,
  'source-changed': 1,
  'not-supported': 1,
  closed: 9,
} as const satisfies Record<ErrorCode, Exclude<ExitStatus, 0>>;

/** The exit status of whatever was thrown; what is no `VaultError` is 1. */
export function exitStatusOf(error: unknown): Exclude<ExitStatus, 0> {
  return isVaultError(error) ? exitStatuses[error.code] : 1;
}
