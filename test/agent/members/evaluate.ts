import fc from 'fast-check';
import test from 'ava';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { makeEpoch } from '../../../agent/members/key-statements.ts';
import type { MembershipLog } from '../../../agent/members/membership-log.ts';
import { roleCapabilities, type Membership } from '../../../agent/members/membership.ts';
import { recoveryKeysFromWords } from '../../../agent/members/recovery.ts';
import { signKeyFromSeed, type SignKey } from '../../../agent/members/sign-key.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { parseId } from '../../../protocol/ids.ts';
import type { SignedStatement } from '../../../protocol/messages/statement.ts';
import {
  bareGrant,
  newcomerOf,
  revocationOf,
  smallVault,
  type SmallVault,
} from '../../helpers/small-vault.ts';

const { blind, reader, writer, admin } = roleCapabilities;

/** Two logs that know the same up to here, and what both together say in the end. */
function parted(log: MembershipLog): {
  here: MembershipLog;
  there: MembershipLog;
  merge(): Membership;
} {
  const here = log.copy();
  const there = log.copy();
  return {
    here,
    there,
    merge() {
      const one = here.copy();
      one.add(there.all());
      const other = there.copy();
      other.add(here.all());
      const membership = evaluateMembership(one.statements());
      if (
        JSON.stringify(plain(membership)) !==
        JSON.stringify(plain(evaluateMembership(other.statements())))
      ) {
        throw new Error('the order of arrival matters');
      }
      return membership;
    },
  };
}

/** A form that can be compared as text. */
function plain(membership: Membership): unknown {
  return {
    ...membership,
    members: [...membership.members],
    cutoffs: [...membership.cutoffs],
    ticketsUsed: [...membership.ticketsUsed],
  };
}

function roleIn(membership: Membership, identity: DeviceIdentity): string {
  const member = membership.members.get(identity.device);
  if (member === undefined) return 'stranger';
  return member.active ? member.role : 'revoked';
}

function state(vault: SmallVault, identity: DeviceIdentity): string {
  return roleIn(evaluateMembership(vault.log.statements()), identity);
}

test('the owner makes admins, and an admin admits whoever is none', (t) => {
  const vault = smallVault('admits');
  const boss = vault.admit('admin');
  for (const [role, bits] of Object.entries({ blind, reader, writer })) {
    const device = vault.device();
    vault.log.issue(boss.signKey, bareGrant(device, bits));
    t.is(state(vault, device), role);
  }
});

test('an admin cannot make an admin, nor change one, nor send one away', (t) => {
  const vault = smallVault('no admins');
  const boss = vault.admit('admin');
  const other = vault.admit('admin');
  const stranger = vault.device();
  vault.log.issue(boss.signKey, bareGrant(stranger, admin));
  vault.log.issue(boss.signKey, bareGrant(other, writer));
  t.is(state(vault, stranger), 'stranger');
  t.is(state(vault, other), 'admin');
  vault.log.issue(boss.signKey, revocationOf(other));
  vault.log.issue(boss.signKey, revocationOf(vault.first));
  t.is(state(vault, other), 'admin');
  t.is(state(vault, vault.first), 'admin');
});

test('a revocation that had not seen the promotion does not bring an admin down', (t) => {
  const vault = smallVault('backdated');
  const boss = vault.admit('admin');
  const device = vault.admit('writer');
  const { here, there, merge } = parted(vault.log);
  here.issue(vault.owner, bareGrant(device, admin));
  there.issue(boss.signKey, revocationOf(device));
  t.is(roleIn(merge(), device), 'admin');
});

for (const role of ['blind', 'reader', 'writer'] as const) {
  test(`a ${role} admits nobody and sends nobody away`, (t) => {
    const vault = smallVault(`powerless ${role}`);
    const device = vault.admit(role);
    const other = vault.admit('writer');
    const stranger = vault.device();
    vault.log.issue(device.signKey, bareGrant(stranger, blind));
    vault.log.issue(device.signKey, revocationOf(other));
    t.is(state(vault, stranger), 'stranger');
    t.is(state(vault, other), 'writer');
  });
}

test('of a concurrent grant and revocation the revocation stands', (t) => {
  for (const issuers of ['owner revokes', 'admin revokes', 'both admins'] as const) {
    const vault = smallVault(issuers);
    const one = vault.admit('admin');
    const two = vault.admit('admin');
    const device = vault.admit('reader');
    const { here, there, merge } = parted(vault.log);
    const revoker = issuers === 'owner revokes' ? vault.owner : one.signKey;
    const granter = issuers === 'admin revokes' ? vault.owner : two.signKey;
    here.issue(revoker, revocationOf(device));
    there.issue(granter, bareGrant(device, writer));
    t.is(roleIn(merge(), device), 'revoked', issuers);
  }
});

test('of two concurrent grants the owner stands over an admin, else the lower id', (t) => {
  const vault = smallVault('two grants');
  const one = vault.admit('admin');
  const two = vault.admit('admin');
  const device = vault.admit('reader');
  const owners = parted(vault.log);
  owners.here.issue(vault.owner, bareGrant(device, blind));
  owners.there.issue(one.signKey, bareGrant(device, writer));
  t.is(roleIn(owners.merge(), device), 'blind');
  const admins = parted(vault.log);
  const a = admins.here.issue(one.signKey, bareGrant(device, blind));
  const b = admins.there.issue(two.signKey, bareGrant(device, writer));
  t.is(roleIn(admins.merge(), device), a.statement.id < b.statement.id ? 'blind' : 'writer');
});

test('whoever has seen a revocation may admit again; the revocation of the owner only the owner lifts', (t) => {
  const vault = smallVault('again');
  const boss = vault.admit('admin');
  const device = vault.admit('reader');
  vault.log.issue(boss.signKey, revocationOf(device));
  t.is(state(vault, device), 'revoked');
  vault.log.issue(boss.signKey, bareGrant(device, writer));
  t.is(state(vault, device), 'writer');
  vault.log.issue(vault.owner, revocationOf(device));
  vault.log.issue(boss.signKey, bareGrant(device, writer));
  t.is(state(vault, device), 'revoked');
  vault.log.issue(vault.owner, bareGrant(device, writer));
  t.is(state(vault, device), 'writer');
});

test('what a revoked admin said counts up to the named statement, however it is dated', (t) => {
  const vault = smallVault('cut');
  const boss = vault.admit('admin');
  const [early, late, backdated] = [vault.device(), vault.device(), vault.device()];
  const last = vault.log.issue(boss.signKey, bareGrant(early, reader));
  const hidden = vault.log.copy();
  vault.log.issue(boss.signKey, bareGrant(late, reader));
  vault.log.issue(vault.owner, revocationOf(boss, last.statement.id));
  t.is(state(vault, boss), 'revoked');
  t.is(state(vault, early), 'reader');
  t.is(state(vault, late), 'stranger');
  // A second chain from before: a fork, but the revocation named the branch.
  hidden.issue(boss.signKey, bareGrant(backdated, reader));
  vault.log.add(hidden.all());
  t.is(state(vault, early), 'reader');
  t.is(state(vault, backdated), 'stranger');
});

test('the owner raises the line of a revocation by another one', (t) => {
  const vault = smallVault('raise');
  const boss = vault.admit('admin');
  const device = vault.device();
  const last = vault.log.issue(boss.signKey, bareGrant(device, reader));
  vault.log.issue(vault.owner, revocationOf(boss));
  t.is(state(vault, device), 'stranger');
  vault.log.issue(vault.owner, revocationOf(boss, last.statement.id));
  t.is(state(vault, device), 'reader');
  t.is(state(vault, boss), 'revoked');
});

test('another admin does not move the line that a revocation drew, its issuer does', (t) => {
  const vault = smallVault('line');
  const one = vault.admit('admin');
  const two = vault.admit('admin');
  const device = vault.admit('writer');
  const cut = (sequence: number) => ({
    ...revocationOf(device),
    lastBatches: [
      {
        incarnation: parseId('incarnation', '01'.repeat(8)),
        sequence,
        hash: parseId('batch', '02'.repeat(32)),
      },
    ],
  });
  const line = () =>
    evaluateMembership(vault.log.statements()).cutoffs.get(device.device)?.lastBatches[0]?.sequence;
  vault.log.issue(one.signKey, cut(5));
  vault.log.issue(two.signKey, cut(9));
  t.is(line(), 5);
  vault.log.issue(one.signKey, cut(7));
  t.is(line(), 7);
  vault.log.issue(vault.owner, cut(8));
  t.is(line(), 8);
});

test('after a lesser grant, what the owner had not seen of the former admin does not count', (t) => {
  const vault = smallVault('lesser');
  const boss = vault.admit('admin');
  const [seen, unseen] = [vault.device(), vault.device()];
  vault.log.issue(boss.signKey, bareGrant(seen, reader));
  const { here, there, merge } = parted(vault.log);
  here.issue(vault.owner, bareGrant(boss, writer));
  there.issue(boss.signKey, bareGrant(unseen, reader));
  const membership = merge();
  t.is(roleIn(membership, boss), 'writer');
  t.is(roleIn(membership, seen), 'reader');
  t.is(roleIn(membership, unseen), 'stranger');
});

test('a former admin takes back nothing by using a number again', (t) => {
  const vault = smallVault('taken back');
  const boss = vault.admit('admin');
  const [admitted, another] = [vault.device(), vault.device()];
  const early = vault.log.copy();
  vault.log.issue(boss.signKey, bareGrant(admitted, reader));
  vault.log.issue(vault.owner, bareGrant(boss, writer));
  const before = plain(evaluateMembership(vault.log.statements()));
  const again = early.issue(boss.signKey, bareGrant(another, reader));
  vault.log.add([again.bytes]);
  const after = evaluateMembership(vault.log.statements());
  t.deepEqual(after.frozenIssuers, [boss.signKey.publicKey.toString('hex')], 'it is seen');
  t.is(roleIn(after, admitted), 'reader');
  t.is(roleIn(after, another), 'stranger');
  t.deepEqual(
    { ...(plain(after) as object), heads: [], frozenIssuers: [] },
    { ...(before as object), heads: [], frozenIssuers: [] },
  );
});

test('of a fork that the owner knew when it ended the office only what came before counts', (t) => {
  const vault = smallVault('known fork');
  const boss = vault.admit('admin');
  const [before, a, b] = [vault.device(), vault.device(), vault.device()];
  vault.log.issue(boss.signKey, bareGrant(before, reader));
  const early = vault.log.copy();
  vault.log.issue(boss.signKey, bareGrant(a, reader));
  vault.log.add([early.issue(boss.signKey, bareGrant(b, reader)).bytes]);
  vault.log.issue(vault.owner, bareGrant(boss, writer));
  t.deepEqual(
    [before, a, b].map((device) => state(vault, device)),
    ['reader', 'stranger', 'stranger'],
  );
});

test('an issuer with two statements of one number is frozen at what came before', (t) => {
  const vault = smallVault('fork');
  const boss = vault.admit('admin');
  const [before, a, b] = [vault.device(), vault.device(), vault.device()];
  vault.log.issue(boss.signKey, bareGrant(before, reader));
  const { here, there, merge } = parted(vault.log);
  here.issue(boss.signKey, bareGrant(a, reader));
  there.issue(boss.signKey, bareGrant(b, reader));
  const membership = merge();
  t.deepEqual(membership.frozenIssuers, [boss.signKey.publicKey.toString('hex')]);
  t.is(roleIn(membership, before), 'reader');
  t.is(roleIn(membership, a), 'stranger');
  t.is(roleIn(membership, b), 'stranger');
  t.is(roleIn(membership, boss), 'admin');
});

test('the recovery key puts a new owner in the place of the old one', (t) => {
  const vault = smallVault('recover');
  const { sign } = recoveryKeysFromWords(vault.created.recoveryWords);
  const kept = vault.device();
  const last = vault.log.issue(vault.owner, bareGrant(kept, writer));
  const stolen = vault.device();
  vault.log.issue(vault.owner, bareGrant(stolen, admin));
  const next = signKeyFromSeed(vault.random.bytes(32));
  vault.log.issue(sign, {
    type: 'recover',
    owner: next.publicKey,
    replaces: vault.owner.publicKey,
    lastStatement: last.statement.id,
  });
  const membership = evaluateMembership(vault.log.statements());
  t.deepEqual(membership.owner, next.publicKey);
  t.is(roleIn(membership, kept), 'writer');
  t.is(roleIn(membership, stolen), 'stranger');
  const fresh = vault.device();
  vault.log.issue(next, bareGrant(fresh, admin));
  vault.log.issue(vault.owner, bareGrant(vault.device(), admin));
  t.is(state(vault, fresh), 'admin');
  t.is(evaluateMembership(vault.log.statements()).members.size, 3);
});

test('a key that was replaced never becomes the owner again', (t) => {
  const vault = smallVault('back');
  const { sign } = recoveryKeysFromWords(vault.created.recoveryWords);
  const next = signKeyFromSeed(vault.random.bytes(32));
  const steps = [
    [vault.owner, next],
    [next, vault.owner],
  ] as const;
  for (const [old, fresh] of steps) {
    vault.log.issue(sign, {
      type: 'recover',
      owner: fresh.publicKey,
      replaces: old.publicKey,
      lastStatement: undefined,
    });
  }
  t.deepEqual(evaluateMembership(vault.log.statements()).owner, next.publicKey);
});

test('after a recovery that names no statement, of the old owner only the genesis counts', (t) => {
  const vault = smallVault('none');
  const { sign } = recoveryKeysFromWords(vault.created.recoveryWords);
  const next = signKeyFromSeed(vault.random.bytes(32));
  vault.log.issue(sign, {
    type: 'recover',
    owner: next.publicKey,
    replaces: vault.owner.publicKey,
    lastStatement: undefined,
  });
  t.is(evaluateMembership(vault.log.statements()).members.size, 0);
});

test('an owner whose key was cloned is frozen, and the recovery key chooses the branch', (t) => {
  const vault = smallVault('owner fork');
  const { sign } = recoveryKeysFromWords(vault.created.recoveryWords);
  const [a, b] = [vault.device(), vault.device()];
  const here = vault.log.copy();
  const right = here.issue(vault.owner, bareGrant(a, writer));
  vault.log.issue(vault.owner, bareGrant(b, writer));
  vault.log.add(here.all());
  t.is(state(vault, a), 'stranger');
  t.is(state(vault, b), 'stranger');
  t.is(state(vault, vault.first), 'admin');
  const next = signKeyFromSeed(vault.random.bytes(32));
  vault.log.issue(sign, {
    type: 'recover',
    owner: next.publicKey,
    replaces: vault.owner.publicKey,
    lastStatement: right.statement.id,
  });
  t.is(state(vault, a), 'writer');
  t.is(state(vault, b), 'stranger');
});

test('only the recovery key recovers', (t) => {
  const vault = smallVault('false recovery');
  const boss = vault.admit('admin');
  const next = signKeyFromSeed(vault.random.bytes(32));
  for (const issuer of [boss.signKey, vault.owner]) {
    vault.log.issue(issuer, {
      type: 'recover',
      owner: next.publicKey,
      replaces: vault.owner.publicKey,
      lastStatement: undefined,
    });
  }
  t.deepEqual(evaluateMembership(vault.log.statements()).owner, vault.owner.publicKey);
});

test('a Noise key belongs to the device that the owner gave it to, else to the first', (t) => {
  const vault = smallVault('noise');
  const boss = vault.admit('admin');
  const [honest, thief] = [vault.device(), vault.device()];
  vault.log.issue(boss.signKey, bareGrant(honest, reader));
  for (const victim of [honest, vault.first]) {
    const copy = { ...thief, noisePublicKey: victim.noisePublicKey };
    vault.log.issue(boss.signKey, bareGrant(copy, reader));
    t.is(state(vault, victim), victim === honest ? 'reader' : 'admin');
    t.is(state(vault, thief), 'revoked');
  }
});

test('writers prefer an epoch that is sealed to no revoked device', (t) => {
  const vault = smallVault('epochs');
  const device = vault.admit('reader');
  const third = vault.admit('reader');
  const current = () => evaluateMembership(vault.log.statements()).currentEpoch;
  const open = (readers: readonly DeviceIdentity[]) =>
    vault.log.issue(
      vault.owner,
      makeEpoch(
        vault.random,
        { vault: vault.log.vault, issuer: vault.owner.publicKey.toString('hex') },
        {
          secrets: { epochSecret: vault.random.bytes(32), vaultSecret: vault.random.bytes(32) },
          readers: readers.map(newcomerOf),
          recoverySeal: vault.first.noisePublicKey,
          parents: [{ id: first, epochSecret: vault.random.bytes(32) }],
        },
      ),
    );
  const first = current();
  const both = open([vault.first, device, third]);
  t.is(String(current()), both.statement.id);
  const alone = open([vault.first]);
  t.is(String(current()), both.statement.id, 'more readers can open it');
  vault.log.issue(vault.owner, revocationOf(device));
  t.is(String(current()), alone.statement.id);
});

test('an epoch that no admin opened is nobody’s', (t) => {
  const vault = smallVault('false epoch');
  const device = vault.admit('writer');
  const before = evaluateMembership(vault.log.statements()).currentEpoch;
  vault.log.issue(
    device.signKey,
    makeEpoch(
      vault.random,
      { vault: vault.log.vault, issuer: device.signKey.publicKey.toString('hex') },
      {
        secrets: { epochSecret: vault.random.bytes(32), vaultSecret: vault.random.bytes(32) },
        readers: [vault.first, device].map(newcomerOf),
        recoverySeal: vault.first.noisePublicKey,
        parents: [{ id: before, epochSecret: vault.random.bytes(32) }],
      },
    ),
  );
  t.is(evaluateMembership(vault.log.statements()).currentEpoch, before);
});

test('any order of arrival gives the same membership', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          issuer: fc.nat(4),
          target: fc.nat(6),
          bits: fc.constantFrom(0, blind, reader, writer, admin),
          clone: fc.nat(20),
          meet: fc.nat(3),
        }),
        { minLength: 4, maxLength: 16, size: 'max' },
      ),
      fc.infiniteStream(fc.nat()),
      (moves, chance) => {
        const signed = history(moves);
        const expected = plain(evaluateMembership(signed.map(({ statement }) => statement)));
        const shuffled = signed
          .map((one) => ({ one, key: chance.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        t.deepEqual(
          plain(evaluateMembership(shuffled.map(({ statement }) => statement))),
          expected,
        );
        const log = smallVault('history').log;
        for (const { bytes } of shuffled) log.add([bytes]);
        t.is(log.heldCount, 0);
        t.deepEqual(plain(evaluateMembership(log.statements())), expected);
      },
    ),
    { numRuns: 150 },
  );
});

/** Three replicas that grant and revoke on their own and now and then meet; clones of keys included. */
function history(
  moves: readonly { issuer: number; target: number; bits: number; clone: number; meet: number }[],
): readonly SignedStatement[] {
  const vault = smallVault('history');
  const devices = Array.from({ length: 7 }, () => vault.device());
  const signers: SignKey[] = [vault.owner, ...devices.slice(0, 4).map(({ signKey }) => signKey)];
  // The last three are strangers until somebody grants them something.
  for (const [index, device] of devices.slice(0, 4).entries()) {
    vault.log.issue(vault.owner, bareGrant(device, index < 2 ? admin : writer));
  }
  const sides = [vault.log.copy(), vault.log.copy(), vault.log.copy()];
  const all = new Map<string, SignedStatement>();
  for (const { issuer, target, bits, clone, meet } of moves) {
    // Each key lives on one side, and now and then a clone of it on the next.
    const side = (issuer + (clone === 0 ? 1 : 0)) % 3;
    const log = sides[side]!;
    const device = devices[target]!;
    const kind = bits === 0 ? revocationOf(device, log.heads()[0]) : bareGrant(device, bits);
    const signed = log.issue(signers[issuer]!, kind);
    all.set(signed.statement.id, signed);
    if (meet === 0) log.add(sides[(side + 1) % 3]!.all());
  }
  const union = vault.log.copy();
  const start = new Map(
    union.statements().map((statement, at) => [statement.id, union.all()[at]!]),
  );
  const base = [...start].map(([id, bytes]) => ({
    statement: union.get(id)!,
    bytes,
    body: bytes,
    signature: bytes,
  }));
  return [...base, ...all.values()];
}
