import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createNodeDisk } from '../../../agent/host/node-disk.ts';
import {
  deviceFile,
  loadIdentity,
  loadOwnerKey,
  lookAtIdentity,
  ownerFile,
  saveIdentity,
  saveOwnerKey,
  sealOwnerKey,
} from '../../../agent/members/identity-file.ts';
import { runStretch } from '../../../agent/chunks/stretch.ts';
import type { Stretch } from '../../../agent/members/passphrase.ts';
import { makeIdentity } from '../../../agent/members/identity.ts';
import { Secret } from '../../../agent/members/secret.ts';
import { signKeyFromSeed } from '../../../agent/members/sign-key.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const stretch: Stretch = (input) => Promise.resolve(runStretch(input));

test('an identity survives a power cut right after it was saved', async (t) => {
  const disk = memoryDisk();
  const identity = makeIdentity(seededRandom('identity'));
  await saveIdentity(disk, identity);
  const loaded = await loadIdentity(disk.afterPowerCut());
  t.is(loaded?.device, identity.device);
  t.deepEqual(loaded?.noisePublicKey, identity.noisePublicKey);
  t.deepEqual(loaded?.signKey.sign(Buffer.from('x')), identity.signKey.sign(Buffer.from('x')));
});

test('the content is synced before the name, and the name before it is done', async (t) => {
  const disk = memoryDisk();
  await saveIdentity(disk, makeIdentity(seededRandom('order')));
  t.deepEqual(disk.calls, [
    `open create ${deviceFile}.new`,
    `sync ${deviceFile}.new`,
    `rename ${deviceFile}`,
    'syncDirectory identity',
  ]);
});

test('a failed save leaves the old identity', async (t) => {
  const disk = memoryDisk();
  const old = makeIdentity(seededRandom('old'));
  await saveIdentity(disk, old);
  disk.failing = 'sync';
  await t.throwsAsync(saveIdentity(disk, makeIdentity(seededRandom('new'))), { code: 'io' });
  t.is((await loadIdentity(disk))?.device, old.device);
  disk.failing = undefined;
  await t.notThrowsAsync(saveIdentity(disk, old), 'what was left over is no obstacle');
});

test('on a real disk the files are the owner’s alone', async (t) => {
  const home = await temporaryDirectory(t);
  const disk = createNodeDisk(home);
  await saveIdentity(disk, makeIdentity(seededRandom('real')));
  const random = seededRandom('owner');
  const identity = makeIdentity(random);
  await saveOwnerKey(disk, new Secret(Buffer.alloc(32, 1)), { identity, random });
  for (const file of [deviceFile, ownerFile]) {
    t.is((await stat(join(home, file))).mode & 0o777, 0o600);
  }
  t.is((await stat(join(home, 'identity'))).mode & 0o777, 0o700);
  t.truthy(await loadIdentity(disk));
});

test('the owner’s key is there where it was saved and nowhere else', async (t) => {
  const disk = memoryDisk();
  const random = seededRandom('owner');
  const identity = makeIdentity(random);
  t.is(await loadOwnerKey(disk, identity), undefined);
  const seed = Buffer.alloc(32, 5);
  await saveOwnerKey(disk, new Secret(seed), { identity, random });
  t.deepEqual((await loadOwnerKey(disk, identity))?.publicKey, signKeyFromSeed(seed).publicKey);
  t.false(String(disk.peek(ownerFile)).includes(seed.toString('hex')), 'not in the clear');
  const other = makeIdentity(random);
  await t.throwsAsync(loadOwnerKey(disk, other), { code: 'damaged', message: /owner\.json/ });
});

test('an owner’s key that an earlier version left in the clear is read, and sealed on demand', async (t) => {
  const random = seededRandom('earlier');
  const identity = makeIdentity(random);
  const seed = Buffer.alloc(32, 6);
  const fields = { format: 1, wrapping: 'none', ownerSeed: seed.toString('hex') };
  const disk = memoryDisk(new Map([[ownerFile, Buffer.from(JSON.stringify(fields))]]));
  t.deepEqual((await loadOwnerKey(disk, identity))?.publicKey, signKeyFromSeed(seed).publicKey);
  await sealOwnerKey(disk, { identity, random });
  t.false(String(disk.peek(ownerFile)).includes(seed.toString('hex')));
  t.deepEqual((await loadOwnerKey(disk, identity))?.publicKey, signKeyFromSeed(seed).publicKey);
});

test('with a passphrase no key is in the file, and only the passphrase opens it', async (t) => {
  const disk = memoryDisk();
  const random = seededRandom('wrapped');
  const identity = makeIdentity(random);
  const passphrase = new Secret(Buffer.from('correct horse'));
  await saveIdentity(disk, identity, { passphrase, random, stretch });
  const text = String(disk.peek(deviceFile));
  const { signSeed, noiseSecretKey } = identity.secrets;
  for (const secret of [signSeed, noiseSecretKey]) {
    t.false(text.includes(secret.reveal().toString('hex')));
  }
  t.deepEqual(await lookAtIdentity(disk), { device: identity.device, wrapped: true });
  await t.throwsAsync(loadIdentity(disk), { code: 'locked' });
  const wrong = new Secret(Buffer.from('correct horsf'));
  await t.throwsAsync(loadIdentity(disk, { passphrase: wrong, stretch }), { code: 'denied' });
  const opened = await loadIdentity(disk.afterPowerCut(), { passphrase, stretch });
  t.deepEqual(opened?.noisePublicKey, identity.noisePublicKey);
  t.deepEqual(passphrase.reveal().toString(), 'correct horse', 'it is lent, not spent');
});

test('a wrapped file that asks for less, or for more memory, is refused before any work', async (t) => {
  const disk = memoryDisk();
  const random = seededRandom('parameters');
  const passphrase = new Secret(Buffer.from('p'));
  await saveIdentity(disk, makeIdentity(random), { passphrase, random, stretch });
  const fields = JSON.parse(String(disk.peek(deviceFile))) as object;
  for (const change of [{ logN: 10 }, { logN: 30 }, { r: 64 }, { p: 5 }, { salt: '00' }]) {
    const changed = Buffer.from(JSON.stringify({ ...fields, ...change }));
    const other = memoryDisk(new Map([[deviceFile, changed]]));
    const work = () => Promise.reject(new Error('it must not come to this'));
    await t.throwsAsync(loadIdentity(other, { passphrase, stretch: work }), { code: 'damaged' });
  }
});

test('a home without identity has none', async (t) => {
  t.is(await loadIdentity(memoryDisk()), undefined);
});

const good = {
  format: 1,
  wrapping: 'none',
  device: '00'.repeat(16),
  signSeed: '01'.repeat(32),
  noiseSecretKey: '02'.repeat(32),
};
for (const [why, fields, code] of [
  ['a device that is not of its keys', good, 'damaged'],
  ['a newer format', { ...good, format: 3 }, 'home-newer'],
  ['a format that has no keys in the clear', { ...good, format: 2 }, 'damaged'],
  ['an unknown format', { ...good, format: 0 }, 'damaged'],
  ['an unknown wrapping', { ...good, wrapping: 'scrypt' }, 'damaged'],
  ['a key that is too short', { ...good, signSeed: '01'.repeat(31) }, 'damaged'],
  ['a key that is no hex', { ...good, signSeed: 'zz'.repeat(32) }, 'damaged'],
  ['a key that is missing', { ...good, noiseSecretKey: undefined }, 'damaged'],
] as const) {
  test(`a file with ${why} is refused by name and without showing keys`, async (t) => {
    const disk = memoryDisk(new Map([[deviceFile, Buffer.from(JSON.stringify(fields))]]));
    const error = await t.throwsAsync(loadIdentity(disk), { code, message: /device\.json/ });
    t.false(`${error?.message} ${error?.stack}`.includes('01'.repeat(16)));
  });
}

test('an identity file that is far too long is not read', async (t) => {
  const disk = memoryDisk(new Map([[deviceFile, Buffer.alloc(1024 * 1024 + 1)]]));
  await t.throwsAsync(loadIdentity(disk), { code: 'damaged' });
});
