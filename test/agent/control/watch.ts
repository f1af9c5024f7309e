import test from 'ava';
import { Steps } from '../../../agent/control/steps.ts';
import { freeStep } from '../../../agent/control/watch.ts';
import { VaultError } from '../../../protocol/errors.ts';

test('a disk that does not say how much room it has is no news, and does not end the watching', async (t) => {
  const steps = new Steps();
  const silent = {
    freeBytes: () => Promise.reject(new VaultError('io', { op: 'disk.freeBytes' })),
  };
  t.is(await freeStep(silent, steps), undefined, 'never known');
  const known = await freeStep({ freeBytes: () => Promise.resolve(2 ** 40) }, steps);
  t.is(await freeStep(silent, steps), known);
  t.not(await freeStep({ freeBytes: () => Promise.resolve(2 ** 39) }, steps), known);
});

test('a mistake of ours is not taken for a disk', async (t) => {
  const broken = { freeBytes: () => Promise.reject(new TypeError('x')) };
  await t.throwsAsync(freeStep(broken, new Steps()), { instanceOf: TypeError });
});
