import test from 'ava';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { grantDevice } from '../../../agent/members/grant.ts';
import { openLabel } from '../../../agent/members/label.ts';
import type { Role } from '../../../agent/members/membership.ts';
import type { SignKey } from '../../../agent/members/sign-key.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { parseId } from '../../../protocol/ids.ts';
import { keyringOf, newcomerOf, smallVault, type SmallVault } from '../../helpers/small-vault.ts';

function grant(
  vault: SmallVault,
  as: { issuer: SignKey; device: DeviceIdentity },
  { newcomer, role, name = 'laptop' }: { newcomer: DeviceIdentity; role: Role; name?: string },
) {
  const keyring = keyringOf(vault.log, as.device);
  const ticket = parseId('ticket', '07'.repeat(16));
  return grantDevice(
    vault.log,
    { random: vault.random, issuer: as.issuer, keyring },
    { newcomer: newcomerOf(newcomer), terms: { name, role, quotaBytes: 77, ticket } },
  );
}

test('a grant carries name, quota and ticket, and counts', (t) => {
  const vault = smallVault('grant');
  const newcomer = vault.device();
  const as = { issuer: vault.first.signKey, device: vault.first };
  const signed = grant(vault, as, { newcomer, role: 'writer' });
  const membership = evaluateMembership(vault.log.statements());
  const member = membership.members.get(newcomer.device)!;
  t.is(member.grant, signed.statement.id);
  t.is(member.quotaBytes, 77);
  t.true(membership.ticketsUsed.has(parseId('ticket', '07'.repeat(16))));
  const { memberKeys } = keyringOf(vault.log, newcomer);
  t.is(openLabel(memberKeys, newcomer.device, member.sealedLabel), 'laptop');
});

test('an admin cannot grant admin, and nothing of the attempt stays in the log', (t) => {
  const vault = smallVault('denied');
  const { size } = vault.log;
  const as = { issuer: vault.first.signKey, device: vault.first };
  t.throws(() => grant(vault, as, { newcomer: vault.device(), role: 'admin' }), {
    code: 'denied',
  });
  t.is(vault.log.size, size);
});

test('a writer can grant nothing', (t) => {
  const vault = smallVault('writer grants');
  const writer = vault.admit('writer');
  const as = { issuer: writer.signKey, device: writer };
  t.throws(() => grant(vault, as, { newcomer: vault.device(), role: 'blind' }), {
    code: 'denied',
  });
});

test('who lacks the keys cannot pass them on', (t) => {
  const vault = smallVault('lacking');
  const blind = vault.admit('blind');
  const owner = { issuer: vault.owner, device: blind };
  t.throws(() => grant(vault, owner, { newcomer: vault.device(), role: 'reader' }), {
    code: 'no-key',
  });
  t.notThrows(() => grant(vault, owner, { newcomer: vault.device(), role: 'blind' }));
  const stranger = { issuer: vault.owner, device: vault.device() };
  t.throws(() => grant(vault, stranger, { newcomer: vault.device(), role: 'blind' }), {
    code: 'no-key',
  });
});

for (const length of [63, 64, 65]) {
  test(`a name of ${length} bytes is ${length > 64 ? 'too long' : 'fine'}, and its certificate fits`, (t) => {
    const vault = smallVault(`name ${length}`);
    const as = { issuer: vault.owner, device: vault.first };
    const make = () =>
      grant(vault, as, {
        newcomer: vault.device(),
        role: 'admin',
        name: 'ä'.repeat(length / 2) + 'x'.repeat(length % 2),
      });
    if (length > 64) t.throws(make, { code: 'name-too-long' });
    else t.notThrows(make);
  });
}
