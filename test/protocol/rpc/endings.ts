import test from 'ava';
import { CipherState } from '../../../protocol/noise/cipher-state.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { goodbyeError } from '../../../protocol/messages/call.ts';
import { closedError, ended, isItsFault, violation } from '../../../protocol/rpc/endings.ts';

test('a device is blamed for what it said, and not for what anybody on the way can do', (t) => {
  t.true(isItsFault(violation('END after END')));
  const malformed = new VaultError('malformed', { op: 'messages.call' });
  t.true(isItsFault(violation('a call without a header', malformed)));
  const cipher = new CipherState(Buffer.alloc(32, 1));
  const error = t.throws(() => cipher.open(Buffer.alloc(40, 2)), { instanceOf: VaultError });
  t.is(error.code, 'peer-misbehaved');
  t.false(isItsFault(violation(error.detail ?? '', error)), 'a record that does not open');
  t.false(isItsFault(ended(true)));
  t.false(isItsFault(goodbyeError({ reason: 'protocol-error', detail: 'it says that of us' })));
  t.is(closedError(violation('x')).code, 'closed');
});
