/** What programs get for every error of the vault: a number that this system knows under the same name. */
import test from 'ava';
import { constants } from 'node:os';
import { errorCodes, VaultError, type ErrorCode } from '../../protocol/errors.ts';
import { errnos } from '../../fuse/protocol/constants.ts';
import { errnoOf, refusal } from '../../fuse/errno.ts';

function known(name: string): number {
  return (constants.errno as Readonly<Record<string, number>>)[name] ?? Number.NaN;
}

test('numbers are those of this system', (t) => {
  for (const [name, number] of Object.entries(errnos))
    t.is<number, number>(number, known(name), name);
});

test('every code of the vault has one, and what people act on has its own', (t) => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    t.true(errnoOf(new VaultError(code, { op: 'test' })) > 0, code);
  }
  const expected = {
    'disk-full': 'ENOSPC',
    'quota-full': 'ENOSPC',
    'read-only': 'EROFS',
    'no-key': 'EACCES',
    damaged: 'EIO',
    'chunk-missing': 'EIO',
    'peer-unreachable': 'EHOSTUNREACH',
    timeout: 'ETIMEDOUT',
    cancelled: 'EINTR',
    'name-too-long': 'ENAMETOOLONG',
  } as const;
  for (const [code, name] of Object.entries(expected)) {
    t.is(errnoOf(new VaultError(code as ErrorCode, { op: 'test' })), known(name), code);
  }
});

test('a refusal keeps its number, and what nobody expected is an I/O error', (t) => {
  t.is(errnoOf(refusal('ENOTEMPTY')), known('ENOTEMPTY'));
  t.is(errnoOf(new Error('of the program')), known('EIO'));
  t.is(errnoOf('nonsense'), known('EIO'));
});
