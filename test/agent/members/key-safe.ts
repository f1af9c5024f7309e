import test from 'ava';
import { runStretch } from '../../../agent/chunks/stretch.ts';
import { Attempts } from '../../../agent/members/attempts.ts';
import { loadIdentity, saveIdentity } from '../../../agent/members/identity-file.ts';
import { makeIdentity } from '../../../agent/members/identity.ts';
import { KeySafe } from '../../../agent/members/key-safe.ts';
import { passphraseFrom } from '../../../agent/members/passphrase.ts';
import { Secret } from '../../../agent/members/secret.ts';
import { keysAtRest } from '../../../protocol/limits.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const secret = (text: string): Secret => new Secret(Buffer.from(text));

async function safeWith(seed: string) {
  const random = seededRandom(seed);
  const disk = memoryDisk();
  const clock = createManualClock();
  const identity = makeIdentity(random);
  await saveIdentity(disk, identity);
  let derivations = 0;
  const safe = new KeySafe({
    disk,
    clock,
    random,
    stretch: (input) => {
      // The same function at a lower cost.
      derivations += 1;
      return Promise.resolve(runStretch({ ...input, logN: 10 }));
    },
  });
  return { safe, disk, clock, identity, derivations: () => derivations };
}

test('a passphrase is set, changed and taken away, and each time only the right one opens', async (t) => {
  const { safe, disk, identity } = await safeWith('life');
  await t.throwsAsync(safe.change(secret('a'), secret('b')), { code: 'usage' });
  await safe.set(identity, secret('first'));
  await t.throwsAsync(loadIdentity(disk), { code: 'locked' });
  await t.throwsAsync(safe.set(identity, secret('again')), { code: 'exists' });
  await t.throwsAsync(safe.change(secret('wrong'), secret('second')), { code: 'denied' });
  await safe.change(secret('first'), secret('second'));
  await t.throwsAsync(safe.unlock(secret('first')), { code: 'denied' });
  t.is((await safe.unlock(secret('second'))).device, identity.device);
  await safe.remove(secret('second'));
  t.is((await loadIdentity(disk))?.device, identity.device);
});

test('every try costs one derivation, right or wrong; after five wrong ones none is made for a while', async (t) => {
  const { safe, clock, identity, derivations } = await safeWith('limit');
  await safe.set(identity, secret('right'));
  const before = derivations();
  for (let tries = 0; tries < 5; tries++) {
    await t.throwsAsync(safe.unlock(secret('w')), { code: 'denied' });
  }
  t.is(derivations() - before, 5);
  await t.throwsAsync(safe.unlock(secret('right')), { code: 'overload', message: /wrong/ });
  t.is(derivations() - before, 5, 'the right one has to wait too');
  clock.advance(1_000);
  t.is((await safe.unlock(secret('right'))).device, identity.device);
  await t.throwsAsync(safe.unlock(secret('w')), { code: 'denied' }, 'the count began anew');
});

test('pauses grow, and end somewhere', (t) => {
  const attempts = new Attempts();
  const pauses: number[] = [];
  for (let tries = 0; tries < 14; tries++) {
    attempts.failed(0);
    pauses.push(attempts.pauseMs(0));
  }
  t.deepEqual(pauses.slice(0, 8), [0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
  t.is(pauses.at(-1), 60_000);
  attempts.succeeded();
  t.is(attempts.pauseMs(0), 0);
});

test('a passphrase is any bytes without the line end at their end', (t) => {
  const bytes = (text: string): string => passphraseFrom(Buffer.from(text)).reveal().toString();
  t.is(bytes('word\n'), 'word');
  t.is(bytes('word\r\n'), 'word');
  t.is(bytes('two words '), 'two words ');
  t.is(bytes('line\n\n'), 'line\n', 'only one');
  t.throws(() => passphraseFrom(Buffer.from('\n')), { code: 'usage' });
  t.throws(() => passphraseFrom(Buffer.alloc(keysAtRest.passphraseBytesMax + 1, 'x')), {
    code: 'usage',
  });
});

test('a secret that was wiped holds nothing', (t) => {
  const held = secret('gone');
  held.wipe();
  t.deepEqual(held.reveal(), Buffer.alloc(4));
});
