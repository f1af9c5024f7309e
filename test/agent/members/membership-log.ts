import fc from 'fast-check';
import test from 'ava';
import { MembershipLog } from '../../../agent/members/membership-log.ts';
import { roleCapabilities } from '../../../agent/members/membership.ts';
import { signStatement, verifyStatement } from '../../../agent/members/signed-statement.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { members } from '../../../protocol/limits.ts';
import { bareGrant, smallVault } from '../../helpers/small-vault.ts';

const { reader } = roleCapabilities;

test('a log takes in what another one has, once', (t) => {
  const { created, log } = smallVault('once');
  const other = new MembershipLog(created.vault);
  t.is(other.add(log.all()).length, 4);
  t.is(other.add(log.all()).length, 0);
  t.deepEqual(other.heads(), log.heads());
  t.deepEqual(other.all(), log.all());
});

test('a statement waits for what it names, and comes out after it', (t) => {
  const { created } = smallVault('waits');
  const log = new MembershipLog(created.vault);
  const [genesis, ...rest] = created.statements;
  t.is(log.add(rest.toReversed()).length, 0);
  t.is(log.heldCount, 3);
  t.is(log.size, 0);
  const linked = log.add([genesis!]);
  t.deepEqual(
    linked.map(({ bytes }) => bytes),
    created.statements,
  );
  t.is(log.heldCount, 0);
});

test('no more statements wait than the limit, and the oldest goes', (t) => {
  const vault = smallVault('bounded');
  const source = vault.log.copy();
  const many: Buffer[] = [];
  for (let count = 0; count < members.statementsHeldMax + 3; count += 1) {
    many.push(source.issue(vault.owner, { type: 'release', chunks: [], vector: [] }).bytes);
  }
  const log = vault.log.copy();
  log.add(many.slice(1));
  t.is(log.heldCount, members.statementsHeldMax);
  // The second statement was pushed out, so the rest waits on for it.
  t.is(log.add(many.slice(0, 1)).length, 1);
  t.is(log.add(many.slice(1, 3)).length, many.length - 1);
});

test('what another log lacks comes in an order that it can take in', (t) => {
  const vault = smallVault('missing');
  const boss = vault.admit('admin');
  const known = vault.log.copy();
  for (const issuer of [boss.signKey, vault.owner, boss.signKey]) {
    vault.log.issue(issuer, bareGrant(vault.device(), reader));
  }
  const missing = vault.log.missingFor(known.heads());
  t.is(missing.length, 3);
  for (const bytes of missing) t.is(known.add([bytes]).length, 1);
  t.deepEqual(known.heads(), vault.log.heads());
  t.deepEqual(vault.log.missingFor(known.heads()), []);
});

test('heads that are not known here hide nothing', (t) => {
  const { log } = smallVault('unknown heads');
  const { log: other } = smallVault('of another vault');
  t.is(log.missingFor(other.heads()).length, log.size);
  t.is(log.missingFor([]).length, log.size);
});

test('a statement of another vault is refused', (t) => {
  const { log } = smallVault('one');
  const { log: other } = smallVault('two');
  for (const bytes of other.all()) t.throws(() => log.add([bytes]), { code: 'wrong-vault' });
});

test('when one statement is wrong none is taken in', (t) => {
  const vault = smallVault('all or none');
  const source = vault.log.copy();
  const { bytes } = source.issue(vault.owner, bareGrant(vault.device(), reader));
  const forged = Buffer.from(bytes);
  forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
  const before = vault.log.size;
  t.throws(() => vault.log.add([bytes, forged]), { code: 'malformed' });
  t.is(vault.log.size, before);
});

test('a statement that is not at its place in its chain is refused', (t) => {
  const vault = smallVault('place');
  const [genesis, second, third] = vault.log.statements();
  for (const [sequence, previous] of [
    [4, second!.id],
    [3, third!.id],
    [3, genesis!.id],
  ] as const) {
    const place = { vault: vault.log.vault, sequence, previous, heads: [] };
    const signed = signStatement(vault.owner, place, bareGrant(vault.device(), reader));
    t.throws(() => vault.log.add([signed.bytes]), { code: 'malformed' });
  }
  const stranger = vault.device();
  const place = { vault: vault.log.vault, sequence: 2, previous: genesis!.id, heads: [] };
  const signed = signStatement(stranger.signKey, place, bareGrant(vault.device(), reader));
  t.throws(() => vault.log.add([signed.bytes]), { code: 'malformed' }, 'another issuer’s chain');
});

test('whoever was never named in the log is not heard', (t) => {
  const vault = smallVault('stranger');
  const stranger = vault.device();
  const place = {
    vault: vault.log.vault,
    sequence: 1,
    previous: undefined,
    heads: vault.log.heads(),
  };
  const signed = signStatement(stranger.signKey, place, bareGrant(vault.device(), reader));
  t.is(vault.log.add([signed.bytes]).length, 0);
  t.is(vault.log.heldCount, 1);
  vault.log.issue(vault.owner, bareGrant(stranger, reader));
  t.is(vault.log.heldCount, 0);
});

test('a copy grows without the log that it was made from', (t) => {
  const vault = smallVault('copy');
  const copy = vault.log.copy();
  copy.issue(vault.owner, bareGrant(vault.device(), reader));
  t.is(copy.size, vault.log.size + 1);
  t.notDeepEqual(copy.heads(), vault.log.heads());
});

test('issued statements name all heads, at most the limit', (t) => {
  const vault = smallVault('heads');
  const count = members.statementHeadsMax + 2;
  const devices = Array.from({ length: count }, () => vault.admit('writer'));
  const start = vault.log.copy();
  for (const { signKey } of devices) {
    const side = start.copy();
    side.issue(signKey, { type: 'release', chunks: [], vector: [] });
    vault.log.add(side.all());
  }
  t.is(vault.log.heads().length, count);
  const { statement } = vault.log.issue(vault.owner, bareGrant(vault.device(), reader));
  t.is(statement.heads.length, members.statementHeadsMax);
});

test('no mutated statement is ever taken for a statement', (t) => {
  const vault = smallVault('mutations');
  vault.admit('writer');
  const originals = vault.log.all();
  const log = new MembershipLog(vault.log.vault);
  let cases = 0;
  fc.assert(
    fc.property(
      fc.nat(originals.length - 1),
      fc.oneof(
        fc.record({ type: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat(7) }),
        fc.record({ type: fc.constant('cut' as const), at: fc.nat(), bit: fc.constant(0) }),
        fc.record({ type: fc.constant('insert' as const), at: fc.nat(), bit: fc.nat(255) }),
        fc.record({ type: fc.constant('splice' as const), at: fc.nat(), bit: fc.nat(4) }),
      ),
      (index, change) => {
        const original = originals[index]!;
        const changed = mutate(original, originals[change.bit % originals.length]!, change);
        if (originals.some((one) => one.equals(changed))) return;
        cases += 1;
        const error = t.throws(() => verifyStatement(changed));
        t.true(error instanceof VaultError, String(error));
        t.throws(() => log.add([changed]));
      },
    ),
    { numRuns: 10_000 },
  );
  t.true(cases > 9000);
  t.is(log.size + log.heldCount, 0);
});

function mutate(
  original: Buffer,
  other: Buffer,
  { type, at, bit }: { type: 'flip' | 'cut' | 'insert' | 'splice'; at: number; bit: number },
): Buffer {
  const place = at % original.length;
  switch (type) {
    case 'flip': {
      const copy = Buffer.from(original);
      copy.writeUInt8(copy.readUInt8(place) ^ (1 << bit), place);
      return copy;
    }
    case 'cut':
      return original.subarray(0, place);
    case 'insert':
      return Buffer.concat([original.subarray(0, place), Buffer.of(bit), original.subarray(place)]);
    case 'splice':
      return Buffer.concat([original.subarray(0, place), other.subarray(place)]);
  }
}
