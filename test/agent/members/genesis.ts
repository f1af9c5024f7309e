import test from 'ava';
import { createVault } from '../../../agent/members/genesis.ts';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { openKeyring } from '../../../agent/members/keyring.ts';
import { openLabel } from '../../../agent/members/label.ts';
import { MembershipLog } from '../../../agent/members/membership-log.ts';
import { recoveryKeysFromWords } from '../../../agent/members/recovery.ts';
import { signKeyFromSeed } from '../../../agent/members/sign-key.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { keyringOf, smallVault } from '../../helpers/small-vault.ts';

test('a new vault has one admin, who reads everything', (t) => {
  const { created, log } = smallVault('genesis');
  const membership = evaluateMembership(log.statements());
  t.is(membership.vault, created.vault);
  t.deepEqual([...membership.members.keys()], [created.identity.device]);
  const member = membership.members.get(created.identity.device);
  t.is(member?.role, 'admin');
  t.true(member?.active);
  const keyring = keyringOf(log, created.identity);
  t.is(keyring.memberKeys.length, 1);
  t.is(keyring.vault?.dedupKey.length, 32);
  t.is(keyring.epoch(membership.currentEpoch)?.chunkKey.length, 32);
  t.is(openLabel(keyring.memberKeys, created.identity.device, member!.sealedLabel), 'first');
});

test('the owner of a new vault is the key of the seed', (t) => {
  const { created, log } = smallVault('owner');
  const { owner } = evaluateMembership(log.statements());
  t.deepEqual(owner, signKeyFromSeed(created.ownerSeed.reveal()).publicKey);
});

test('the same random bytes make the same vault, others another', (t) => {
  const once = createVault(seededRandom(1), { name: 'a' });
  t.deepEqual(createVault(seededRandom(1), { name: 'a' }).statements, once.statements);
  t.not(createVault(seededRandom(2), { name: 'a' }).vault, once.vault);
});

test('the recovery words open the epoch, and no member key', (t) => {
  const { created, log } = smallVault('words');
  t.is(created.recoveryWords.length, 24);
  const { seal } = recoveryKeysFromWords(created.recoveryWords);
  const keyring = openKeyring(log.statements(), {
    device: undefined,
    noiseSecretKey: seal.secretKey,
  });
  const { currentEpoch } = evaluateMembership(log.statements());
  const own = keyringOf(log, created.identity);
  t.deepEqual(keyring.epoch(currentEpoch), own.epoch(currentEpoch));
  t.deepEqual(keyring.vault, own.vault);
  t.deepEqual(keyring.memberKeys, []);
});

test('the keys of a vault are all different', (t) => {
  const { created, log } = smallVault('different');
  const keyring = keyringOf(log, created.identity);
  const epoch = keyring.epoch(evaluateMembership(log.statements()).currentEpoch)!;
  const keys = [
    keyring.vault!.dedupKey,
    keyring.vault!.gearKey,
    epoch.chunkKey,
    epoch.opKey,
    ...keyring.memberKeys,
  ].map((key) => key.toString('hex'));
  t.is(new Set(keys).size, keys.length);
});

test('a genesis alone is a vault without epoch and members', (t) => {
  const created = createVault(seededRandom(3), { name: 'a' });
  const log = new MembershipLog(created.vault);
  log.add(created.statements.slice(0, 1));
  const membership = evaluateMembership(log.statements());
  t.is(membership.members.size, 0);
  t.is(keyringOf(log, created.identity).epoch(membership.currentEpoch), undefined);
});

test('without a genesis there is nothing to evaluate', (t) => {
  t.throws(() => evaluateMembership([]), { code: 'damaged' });
});

for (const length of [64, 65]) {
  test(`a first device with a name of ${length} bytes is ${length > 64 ? 'refused' : 'fine'}`, (t) => {
    const make = () => createVault(seededRandom(4), { name: 'x'.repeat(length) });
    if (length > 64) t.throws(make, { code: 'name-too-long' });
    else t.notThrows(make);
  });
}
