import test from 'ava';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { makeEpoch, makeMemberKey } from '../../../agent/members/key-statements.ts';
import type { SignKey } from '../../../agent/members/sign-key.ts';
import { idFromBytes, idToBytes, type EpochId } from '../../../protocol/ids.ts';
import { keyringOf, newcomerOf, smallVault, type SmallVault } from '../../helpers/small-vault.ts';

/** Opens the next epoch as rotation does: same vault secret, the epoch before as parent. */
function rotate(vault: SmallVault, by: SignKey, readers: readonly DeviceIdentity[]): EpochId {
  const keyring = keyringOf(vault.log, vault.first);
  const before = evaluateMembership(vault.log.statements()).currentEpoch;
  const signed = vault.log.issue(
    by,
    makeEpoch(
      vault.random,
      { vault: vault.log.vault, issuer: by.publicKey.toString('hex') },
      {
        secrets: {
          epochSecret: vault.random.bytes(32),
          vaultSecret: keyring.vaultSecret!.reveal(),
        },
        readers: readers.map(newcomerOf),
        recoverySeal: vault.first.noisePublicKey,
        parents: [{ id: before, epochSecret: keyring.epochSecret(before)!.reveal() }],
      },
    ),
  );
  return idFromBytes('epoch', idToBytes(signed.statement.id));
}

for (const role of ['reader', 'writer', 'admin'] as const) {
  test(`a ${role} opens the same keys as the device that made the vault`, (t) => {
    const vault = smallVault(role);
    const device = vault.admit(role);
    const { currentEpoch } = evaluateMembership(vault.log.statements());
    const first = keyringOf(vault.log, vault.first);
    const keyring = keyringOf(vault.log, device);
    t.deepEqual(keyring.vault, first.vault);
    t.deepEqual(keyring.memberKeys, first.memberKeys);
    t.truthy(keyring.epoch(currentEpoch));
    t.deepEqual(keyring.epoch(currentEpoch), first.epoch(currentEpoch));
  });
}

test('a blind device opens the member key and nothing else', (t) => {
  const vault = smallVault('blind');
  const device = vault.admit('blind');
  const keyring = keyringOf(vault.log, device);
  t.deepEqual(keyring.memberKeys, keyringOf(vault.log, vault.first).memberKeys);
  t.is(keyring.vault, undefined);
  t.is(keyring.epoch(evaluateMembership(vault.log.statements()).currentEpoch), undefined);
});

test('a stranger opens nothing', (t) => {
  const vault = smallVault('stranger');
  const keyring = keyringOf(vault.log, vault.device());
  t.deepEqual(keyring.memberKeys, []);
  t.is(keyring.vault, undefined);
});

test('whoever is admitted to the newest epoch reads every older one', (t) => {
  const vault = smallVault('parents');
  const epochs = [evaluateMembership(vault.log.statements()).currentEpoch];
  for (let count = 0; count < 3; count += 1) {
    epochs.push(rotate(vault, vault.owner, [vault.first]));
  }
  t.is(evaluateMembership(vault.log.statements()).currentEpoch, epochs[3]!);
  const device = vault.admit('reader');
  const first = keyringOf(vault.log, vault.first);
  const keyring = keyringOf(vault.log, device);
  for (const epoch of epochs) {
    t.truthy(keyring.epoch(epoch));
    t.deepEqual(keyring.epoch(epoch), first.epoch(epoch));
  }
  t.deepEqual(keyring.vault, first.vault);
});

test('an epoch that is not sealed to a device stays closed to it', (t) => {
  const vault = smallVault('rotated away');
  const device = vault.admit('reader');
  const before = evaluateMembership(vault.log.statements()).currentEpoch;
  const next = rotate(vault, vault.owner, [vault.first]);
  const keyring = keyringOf(vault.log, device);
  t.truthy(keyring.epoch(before));
  t.is(keyring.epoch(next), undefined);
});

test('the newest generation of the member key comes first', (t) => {
  const vault = smallVault('generations');
  const [old] = keyringOf(vault.log, vault.first).memberKeys;
  const memberKey = vault.random.bytes(32);
  vault.log.issue(
    vault.owner,
    makeMemberKey(
      vault.random,
      { vault: vault.log.vault, issuer: vault.owner.publicKey.toString('hex') },
      { memberKey, generation: 2, everybody: [newcomerOf(vault.first)], previous: [] },
    ),
  );
  t.deepEqual(keyringOf(vault.log, vault.first).memberKeys, [memberKey, old]);
});

test('what somebody without power seals to us is not opened', (t) => {
  const vault = smallVault('poison');
  const writer = vault.admit('writer');
  const before = keyringOf(vault.log, vault.first);
  const ours = { vault: vault.log.vault, issuer: writer.signKey.publicKey.toString('hex') };
  const memberKey = vault.random.bytes(32);
  const everybody = [newcomerOf(vault.first)];
  vault.log.issue(
    writer.signKey,
    makeMemberKey(vault.random, ours, { memberKey, generation: 9, everybody, previous: [] }),
  );
  const false_ = rotate(vault, writer.signKey, [vault.first]);
  const after = keyringOf(vault.log, vault.first);
  t.deepEqual(after.memberKeys, before.memberKeys);
  t.is(after.epoch(false_), undefined);
  t.deepEqual(after.vault, before.vault);
});

test('a sealing moved into a statement of another issuer does not open', (t) => {
  const vault = smallVault('moved');
  const boss = vault.admit('admin');
  const original = vault.log
    .statements()
    .map(({ kind }) => kind)
    .find((kind) => kind.type === 'member-key');
  t.is(original?.type, 'member-key');
  if (original?.type !== 'member-key') return;
  vault.log.issue(boss.signKey, { ...original, generation: 5 });
  t.is(keyringOf(vault.log, vault.first).memberKeys.length, 1);
});

test('a printed keyring shows no secret that can be passed on', (t) => {
  const vault = smallVault('print');
  const keyring = keyringOf(vault.log, vault.first);
  const text = JSON.stringify({ generations: keyring.generations, secret: keyring.vaultSecret });
  t.false(text.includes(keyring.vaultSecret!.reveal().toString('hex')));
  t.is(text.split('[secret]').length, 3);
});
