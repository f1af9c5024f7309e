/**
 * How far a failure reaches, where many items are stored or fetched in one go: about the one item that
 * it names, so that the others go on, or about everything that would follow. One total table: a new
 * code does not compile until it has its place here.
 */
import { isVaultError } from './errors.ts';
import type { ErrorCode, VaultError } from './errors.ts';

/**
 * `item`: what it is or what it is called is refused; another item may well pass.
 * `content`: its bytes cannot be had; those of another item may.
 * `all`: the next item would meet the same.
 */
export type Reach = 'item' | 'content' | 'all';

export const reaches = {
  internal: 'all',
  usage: 'all',
  malformed: 'all',
  'not-found': 'item',
  exists: 'item',
  'not-directory': 'item',
  'is-directory': 'item',
  'not-empty': 'item',
  'name-invalid': 'item',
  'name-too-long': 'item',
  conflict: 'item',
  denied: 'item',
  'read-only': 'all',
  'no-agent': 'all',
  'agent-running': 'all',
  'disk-full': 'all',
  'quota-full': 'all',
  damaged: 'content',
  io: 'content',
  'chunk-missing': 'content',
  'peer-unreachable': 'content',
  'peer-untrusted': 'all',
  'peer-misbehaved': 'all',
  'protocol-version': 'all',
  'wrong-vault': 'all',
  'ticket-invalid': 'all',
  'ticket-used': 'all',
  'ticket-expired': 'all',
  'not-member': 'all',
  timeout: 'content',
  cancelled: 'all',
  'too-large': 'item',
  overload: 'all',
  'port-in-use': 'all',
  'config-invalid': 'all',
  'home-invalid': 'all',
  'home-newer': 'all',
  'no-key': 'content',
  locked: 'all',
  'source-changed': 'content',
  'not-supported': 'item',
  closed: 'all',
} as const satisfies Record<ErrorCode, Reach>;

/** Whether a failure to write an item says nothing about the next one. */
export function concernsOneItem(error: unknown): error is VaultError {
  return isVaultError(error) && reaches[error.code] === 'item';
}

/** Whether a failure to read an item, or to write it, says nothing about the next one. */
export function concernsOneContent(error: unknown): error is VaultError {
  return isVaultError(error) && reaches[error.code] !== 'all';
}
