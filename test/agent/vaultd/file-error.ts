import test from 'ava';
import { fileError } from '../../../agent/vaultd/file-error.ts';
import { VaultError } from '../../../protocol/errors.ts';

const next = 'name another';

test('a file that is not there is not found; anything else is io with its reason', (t) => {
  const absent = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  const missing = fileError('op', 'words', absent, { next });
  t.is(missing.code, 'not-found');
  t.is(missing.subject, 'words');
  t.is(missing.detail, undefined);
  const denied = fileError('op', 'words', new Error('permission denied'), { next });
  t.is(denied.code, 'io');
  t.is(denied.detail, 'permission denied');
  t.is(denied.next, next);
});

test('an error that says something already is passed on', (t) => {
  const error = new VaultError('damaged', { op: 'vaultd.restore' });
  t.is(fileError('op', 'words', error, { next }), error);
});
