/** Which checkpoint stands, whatever the order in which statements come. */
import test from 'ava';
import fc from 'fast-check';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import type { MembershipLog } from '../../../agent/members/membership-log.ts';
import type {
  BatchHash,
  ChunkId,
  DeviceId,
  EpochId,
  IncarnationId,
} from '../../../protocol/ids.ts';
import type { Checkpoint } from '../../../protocol/messages/statement.ts';
import { revocationOf, smallVault } from '../../helpers/small-vault.ts';

const incarnation = '0102030405060708' as IncarnationId;

/** @param vector how far, of the journals a, b and so on */
function checkpointOf(...vector: readonly number[]): Checkpoint {
  return {
    type: 'checkpoint',
    vector: vector.map((sequence, at) => ({
      device: (at + 10).toString(16).repeat(32) as DeviceId,
      incarnation,
      sequence,
      hash: 'f'.repeat(64) as BatchHash,
    })),
    stateRoot: Buffer.alloc(32, vector.length),
    excluded: [],
  };
}

function standsIn(log: MembershipLog): string | undefined {
  const standing = evaluateMembership(log.statements()).checkpoint;
  return standing?.vector.map(({ sequence }) => sequence).join(' ');
}

function bench(seed: string) {
  const vault = smallVault(seed);
  const [one, other] = [vault.admit('admin'), vault.admit('admin')];
  return { vault, log: vault.log, one, other, writer: vault.admit('writer') };
}

test('the one that folds more stands, whoever issued it', (t) => {
  const { vault, log, one, other } = bench('more');
  t.is(standsIn(log), undefined);
  log.issue(one.signKey, checkpointOf(3, 4));
  t.is(standsIn(log), '3 4');
  log.issue(other.signKey, checkpointOf(3, 3));
  t.is(standsIn(log), '3 4');
  log.issue(vault.owner, checkpointOf(5, 4, 1));
  t.is(standsIn(log), '5 4 1');
});

test('an issuer who says another one takes the earlier one back', (t) => {
  const { log, one } = bench('again');
  log.issue(one.signKey, checkpointOf(9, 9));
  log.issue(one.signKey, checkpointOf(3, 4));
  t.is(standsIn(log), '3 4');
});

test('only owner and admins have a say, as long as they are', (t) => {
  const { vault, log, one, writer } = bench('say');
  log.issue(writer.signKey, checkpointOf(1));
  t.is(standsIn(log), undefined);
  log.issue(one.signKey, checkpointOf(2));
  t.is(standsIn(log), '2');
  log.issue(vault.owner, revocationOf(one));
  t.is(standsIn(log), undefined);
});

test('one that says nothing, or names a journal twice, means nothing', (t) => {
  const { log, one, other } = bench('nothing');
  log.issue(one.signKey, checkpointOf());
  const twice = checkpointOf(4, 4);
  const [place] = twice.vector;
  log.issue(other.signKey, { ...twice, vector: place === undefined ? [] : [place, place] });
  t.is(standsIn(log), undefined);
});

test('two admins at once come to the same one, in whatever order their words arrive', (t) => {
  const far = fc.array(fc.nat(3), { minLength: 1, maxLength: 3 });
  const words = fc.array(far, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(words, words, (left, right) => {
      const { log, one, other } = bench('at once');
      const [here, there] = [log.copy(), log.copy()];
      for (const vector of left) here.issue(one.signKey, checkpointOf(...vector));
      for (const vector of right) there.issue(other.signKey, checkpointOf(...vector));
      const [both, turned] = [here.copy(), there.copy()];
      both.add(there.all());
      turned.add(here.all());
      const standing = evaluateMembership(both.statements()).checkpoint;
      t.is(standing?.id, evaluateMembership(turned.statements()).checkpoint?.id);
      const last = [left, right].map((each) => each.at(-1) ?? []);
      const stands = standing?.vector.map(({ sequence }) => sequence) ?? [];
      // Nobody's last word folds all that this one folds, and more.
      for (const vector of last) {
        const isAbove = stands.every((sequence, at) => (vector[at] ?? 0) >= sequence);
        const isBelow = vector.every((sequence, at) => (stands[at] ?? 0) >= sequence);
        t.true(!isAbove || isBelow);
      }
    }),
    { numRuns: 60 },
  );
});

test('what is folded is not taken back by what its issuer says later, and is nothing to agree to', (t) => {
  const { log, one, other } = bench('fold');
  const foldOf = (...vector: readonly number[]): Checkpoint => {
    const pages = [{ id: 'c'.repeat(64) as ChunkId, length: 100 }];
    const epoch = 'e'.repeat(64) as EpochId;
    return { ...checkpointOf(...vector), fold: { pages, epoch } };
  };
  const folded = (): string | undefined => {
    const { fold } = evaluateMembership(log.statements());
    return fold?.vector.map(({ sequence }) => sequence).join(' ');
  };
  log.issue(one.signKey, checkpointOf(3, 4));
  t.is(folded(), undefined);
  log.issue(one.signKey, foldOf(3, 4));
  t.is(folded(), '3 4');
  t.is(standsIn(log), '3 4');
  log.issue(one.signKey, foldOf(2, 2));
  t.is(folded(), '3 4');
  log.issue(other.signKey, foldOf(3, 5));
  t.is(folded(), '3 5');
  t.is(standsIn(log), '3 4');
});
