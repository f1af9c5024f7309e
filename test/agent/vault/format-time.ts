import test from 'ava';
import { formatFileTime, formatTime } from '../../../agent/vault/format-time.ts';

test('a time that no calendar has is shown at the border of those that one has', (t) => {
  t.is(formatTime(1_763_707_468_123), '2025-11-21T06:44:28.123Z');
  t.is(formatTime(Number.MAX_SAFE_INTEGER), '+275760-09-13T00:00:00.000Z');
  t.is(
    formatFileTime({ seconds: 1_763_707_468, nanoseconds: 5 }),
    '2025-11-21T06:44:28.000000005Z',
  );
  t.is(
    formatFileTime({ seconds: -Number.MAX_SAFE_INTEGER, nanoseconds: 0 }),
    '-271821-04-20T00:00:00.000000000Z',
  );
});
