import test from 'ava';
import fc from 'fast-check';
import { chooseConnection } from '../../../agent/peer/tie-break.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { time } from '../../../protocol/limits.ts';

const low = idFromBytes('device', Buffer.alloc(16, 1));
const high = idFromBytes('device', Buffer.alloc(16, 2));

test('Two that crossed: both sides keep the same connection, whichever came up first there', (t) => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.nat(time.handshakeMs),
      (lowSawOwnFirst, highSawOwnFirst, oldAgeMs) => {
        // Each side names the dialler of the connection that stays.
        const kept = (self: typeof low, remote: typeof low, ownFirst: boolean) => {
          const choice = chooseConnection({
            self,
            remote,
            oldIsOurs: ownFirst,
            oldAgeMs,
            newIsOurs: !ownFirst,
          });
          const ours = choice === 'old' ? ownFirst : !ownFirst;
          return ours ? self : remote;
        };
        t.is(kept(low, high, lowSawOwnFirst), low);
        t.is(kept(high, low, highSawOwnFirst), low);
      },
    ),
    { numRuns: 50 },
  );
});

test('A second connection from the same side replaces the first', (t) => {
  for (const ours of [true, false]) {
    t.is(
      chooseConnection({ self: low, remote: high, oldIsOurs: ours, oldAgeMs: 1, newIsOurs: ours }),
      'new',
    );
  }
});

test('Long after, the side that dials again has lost the old one', (t) => {
  const old = { self: low, remote: high, oldIsOurs: true, newIsOurs: false };
  t.is(chooseConnection({ ...old, oldAgeMs: time.handshakeMs }), 'old');
  t.is(chooseConnection({ ...old, oldAgeMs: time.handshakeMs + 1 }), 'new');
});
