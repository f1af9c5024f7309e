import test from 'ava';
import { evaluate, evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { DeviceIdentity } from '../../../agent/members/identity.ts';
import { keyHealth } from '../../../agent/members/key-health.ts';
import { openLabel } from '../../../agent/members/label.ts';
import type { MembershipLog } from '../../../agent/members/membership-log.ts';
import type { Role } from '../../../agent/members/membership.ts';
import { openEpoch, renewKeys } from '../../../agent/members/renew-keys.ts';
import { changeRole, sendAway } from '../../../agent/members/send-away.ts';
import type { SignKey } from '../../../agent/members/sign-key.ts';
import { rightOf } from '../../../agent/validity/right.ts';
import { journalId, parseId } from '../../../protocol/ids.ts';
import type { Cutoff } from '../../../protocol/messages/statement.ts';
import { keyringOf, revocationOf, smallVault, type SmallVault } from '../../helpers/small-vault.ts';

const incarnation = parseId('incarnation', '01'.repeat(8));
const written: Cutoff = { incarnation, sequence: 4, hash: parseId('batch', '02'.repeat(32)) };

function granterOf(vault: SmallVault, issuer: SignKey, device: DeviceIdentity, log = vault.log) {
  return { random: vault.random, issuer, keyring: keyringOf(log, device) };
}

const asOwner = (vault: SmallVault, log: MembershipLog = vault.log) =>
  granterOf(vault, vault.owner, vault.first, log);

const gone = (device: DeviceIdentity, lastBatches: readonly Cutoff[] = [written]) => ({
  device: device.device,
  reason: 'lost' as const,
  lastBatches,
  lastStatement: undefined,
});

function healthy(log: MembershipLog): boolean {
  const { epoch, memberKey } = keyHealth(evaluate(log.statements()));
  return epoch === 'fine' && memberKey === 'fine';
}

for (const role of ['blind', 'reader', 'writer', 'admin'] as const) {
  test(`who sends a ${role} away leaves it no key that is made from then on`, (t) => {
    const vault = smallVault(`away ${role}`);
    const other = vault.admit('writer');
    const device = vault.admit(role);
    const issued = sendAway(vault.log, asOwner(vault), gone(device));
    const kinds = issued.map(({ statement }) => statement.kind.type);
    t.deepEqual(
      kinds,
      role === 'blind' ? ['revoke', 'member-key'] : ['revoke', 'epoch', 'member-key'],
    );
    t.true(healthy(vault.log));
    const { currentEpoch } = evaluateMembership(vault.log.statements());
    const its = keyringOf(vault.log, device);
    t.is(its.memberKeys.length, 1);
    t.is(its.epoch(currentEpoch) === undefined, role !== 'blind' || its.vault === undefined);
    const others = keyringOf(vault.log, other);
    t.is(others.memberKeys.length, 2);
    t.not(others.epoch(currentEpoch), undefined);
    const [first] = evaluate(vault.log.statements()).counted.flatMap(({ kind, id }) =>
      kind.type === 'epoch' ? parseId('epoch', id) : [],
    );
    t.not(others.epoch(first!), undefined, 'and what was before can still be read');
  });
}

test('who joins after new keys were made reads the names of those who were there before', (t) => {
  const vault = smallVault('labels');
  const old = vault.admit('writer');
  for (const round of [1, 2, 3]) {
    sendAway(vault.log, asOwner(vault), gone(vault.admit('blind')));
    t.is(keyringOf(vault.log, vault.first).memberKeys.length, round + 1);
  }
  const late = vault.admit('blind');
  const { memberKeys } = keyringOf(vault.log, late);
  t.is(memberKeys.length, 4);
  const member = evaluateMembership(vault.log.statements()).members.get(old.device)!;
  t.is(openLabel(memberKeys, old.device, member.sealedLabel), 'writer');
});

test('every rule that forbids it is said, and nothing of the attempt counts', (t) => {
  const vault = smallVault('forbidden');
  const boss = vault.admit('admin');
  const other = vault.admit('admin');
  const writer = vault.admit('writer');
  const asBoss = () => granterOf(vault, boss.signKey, boss);
  const refuses = (work: () => unknown, reason: RegExp) => {
    const error = t.throws(work, { code: 'denied' });
    t.regex(error?.message ?? '', reason);
  };
  refuses(() => sendAway(vault.log.copy(), asBoss(), gone(other)), /only the owner changes admins/);
  const toRole = (device: DeviceIdentity, role: Role) => () =>
    changeRole(vault.log.copy(), asBoss(), { device: device.device, role, lastBatches: [] });
  refuses(toRole(other, 'reader'), /only the owner changes admins/);
  refuses(toRole(writer, 'admin'), /only the owner makes admins/);
  const asWriter = granterOf(vault, writer.signKey, writer);
  refuses(() => sendAway(vault.log.copy(), asWriter, gone(boss)), /only the owner/);
  refuses(() => openEpoch(vault.log.copy(), asWriter), /would not count/);
  sendAway(vault.log, asOwner(vault), gone(writer));
  refuses(() => sendAway(vault.log.copy(), asBoss(), gone(writer, [])), /the owner sent it away/);
  const back = () =>
    changeRole(vault.log, asOwner(vault), {
      device: writer.device,
      role: 'reader',
      lastBatches: [],
    });
  t.throws(back, { code: 'not-member' });
});

test('another admin does not move a line, its issuer does', (t) => {
  const vault = smallVault('line');
  const boss = vault.admit('admin');
  const other = vault.admit('admin');
  const writer = vault.admit('writer');
  sendAway(vault.log, granterOf(vault, boss.signKey, boss), gone(writer));
  t.throws(
    () => sendAway(vault.log.copy(), granterOf(vault, other.signKey, other), gone(writer, [])),
    { code: 'denied' },
  );
  const issued = sendAway(vault.log, granterOf(vault, boss.signKey, boss), gone(writer, []));
  t.is(issued.length, 1, 'the keys are right already');
  t.deepEqual(
    evaluateMembership(vault.log.statements()).cutoffs.get(writer.device)?.lastBatches,
    [],
  );
});

test('a writer that may not write any more keeps what it wrote, up to there', (t) => {
  const vault = smallVault('demoted');
  const writer = vault.admit('writer');
  const journal = journalId(writer.device, incarnation);
  const right = () => rightOf(evaluateMembership(vault.log.statements()), journal);
  const to = (role: Role) =>
    changeRole(vault.log, asOwner(vault), {
      device: writer.device,
      role,
      lastBatches: [written],
    });
  t.deepEqual(right(), { type: 'all' });
  t.is(to('reader').length, 1, 'it may still read: no new keys');
  t.deepEqual(right(), { type: 'cut', last: written });
  t.is(to('blind').length, 2, 'it may not read any more: a new epoch');
  t.deepEqual(right(), { type: 'cut', last: written });
  t.true(healthy(vault.log));
  to('writer');
  t.deepEqual(right(), { type: 'all' });
  t.true(healthy(vault.log));
  const { members } = evaluateMembership(vault.log.statements());
  t.is(members.get(writer.device)?.role, 'writer');
  const label = members.get(writer.device)!.sealedLabel;
  t.is(openLabel(keyringOf(vault.log, vault.first).memberKeys, writer.device, label), 'writer');
});

test('a blind device becomes a reader and reads what was written before', (t) => {
  const vault = smallVault('promoted');
  const blind = vault.admit('blind');
  openEpoch(vault.log, asOwner(vault));
  t.is(keyringOf(vault.log, blind).vault, undefined);
  changeRole(vault.log, asOwner(vault), { device: blind.device, role: 'reader', lastBatches: [] });
  const keyring = keyringOf(vault.log, blind);
  for (const { kind, id } of vault.log.statements()) {
    if (kind.type === 'epoch') t.not(keyring.epoch(parseId('epoch', id)), undefined);
  }
});

/** Both act on what they knew before, then hear of each other. */
function apart(vault: SmallVault, one: (log: MembershipLog) => void, other: typeof one) {
  const here = vault.log.copy();
  const there = vault.log.copy();
  one(here);
  other(there);
  const before = here.all();
  here.add(there.all());
  there.add(before);
  mustAgree(here, there);
  return here;
}

function mustAgree(here: MembershipLog, there: MembershipLog): void {
  const say = (log: MembershipLog) => {
    const { currentEpoch, members } = evaluateMembership(log.statements());
    return JSON.stringify([currentEpoch, [...members.values()]]);
  };
  if (say(here) !== say(there)) throw new Error('two devices do not agree');
}

test('two admins apart send two devices away: the keys of both fit nobody, until new ones are made', (t) => {
  const vault = smallVault('apart');
  const boss = vault.admit('admin');
  const [one, two] = [vault.admit('writer'), vault.admit('writer')];
  const merged = apart(
    vault,
    (log) => sendAway(log, asOwner(vault, log), gone(one)),
    (log) => sendAway(log, granterOf(vault, boss.signKey, boss, log), gone(two)),
  );
  t.is(keyHealth(evaluate(merged.statements())).epoch, 'known-to-others');
  renewKeys(merged, asOwner(vault, merged));
  t.true(healthy(merged));
  const { currentEpoch } = evaluateMembership(merged.statements());
  for (const device of [one, two]) {
    t.is(keyringOf(merged, device).epoch(currentEpoch), undefined);
  }
  t.deepEqual(renewKeys(merged, asOwner(vault, merged)), [], 'and that is the end of it');
});

test('an epoch that counts no more has given away what it stood on: who was granted it is not trusted with that', (t) => {
  const vault = smallVault('stood on');
  const [boss, rogue] = [vault.admit('admin'), vault.admit('admin')];
  const twin = vault.log.copy();
  openEpoch(vault.log, granterOf(vault, rogue.signKey, rogue));
  const newcomer = vault.admit('reader', boss.signKey);
  vault.log.issue(vault.owner, revocationOf(newcomer));
  // The same number twice: nothing of it counts, and the epoch before is the current one again.
  openEpoch(twin, granterOf(vault, rogue.signKey, rogue, twin));
  vault.log.add(twin.all());
  const { currentEpoch } = evaluateMembership(vault.log.statements());
  t.not(keyringOf(vault.log, newcomer).epoch(currentEpoch), undefined, 'it has that one');
  t.is(keyHealth(evaluate(vault.log.statements())).epoch, 'known-to-others');
  renewKeys(vault.log, asOwner(vault));
  t.true(healthy(vault.log));
  const renewed = evaluateMembership(vault.log.statements()).currentEpoch;
  t.is(keyringOf(vault.log, newcomer).epoch(renewed), undefined);
});

test('one admin admits while another one makes new keys: the newcomer gets them', (t) => {
  const vault = smallVault('newcomer');
  const boss = vault.admit('admin');
  let newcomer: DeviceIdentity | undefined;
  const merged = apart(
    vault,
    (log) => void openEpoch(log, asOwner(vault, log)),
    (log) => (newcomer = vault.admit('reader', boss.signKey, log)),
  );
  t.is(keyHealth(evaluate(merged.statements())).epoch, 'not-known-to-all');
  renewKeys(merged, granterOf(vault, boss.signKey, boss, merged));
  const { currentEpoch } = evaluateMembership(merged.statements());
  t.not(keyringOf(merged, newcomer!).epoch(currentEpoch), undefined);
  t.true(healthy(merged));
});

test('two admins open an epoch at once: all use the same one, and a third follows both', (t) => {
  const vault = smallVault('two epochs');
  const boss = vault.admit('admin');
  const merged = apart(
    vault,
    (log) => void openEpoch(log, asOwner(vault, log)),
    (log) => void openEpoch(log, granterOf(vault, boss.signKey, boss, log)),
  );
  t.true(healthy(merged));
  const third = openEpoch(merged, asOwner(vault, merged)).statement.kind;
  t.is(third.type === 'epoch' ? third.parents.length : 0, 2);
});
