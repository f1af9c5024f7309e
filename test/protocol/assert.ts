import test from 'ava';
import { assert } from '../../protocol/assert.ts';

test('what is true passes, anything else is named', (t) => {
  t.notThrows(() => {
    assert(true);
  });
  t.throws(
    () => {
      assert(false);
    },
    { instanceOf: Error, message: 'what must be true is not' },
  );
  t.throws(
    () => {
      assert(false, 'one at a time');
    },
    { message: 'one at a time' },
  );
});
