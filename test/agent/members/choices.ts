import test from 'ava';
import fc from 'fast-check';
import { evaluateMembership } from '../../../agent/members/evaluate.ts';
import { MembershipLog } from '../../../agent/members/membership-log.ts';
import type { SignKey } from '../../../agent/members/sign-key.ts';
import {
  journalId,
  type BatchHash,
  type DeviceId,
  type IncarnationId,
} from '../../../protocol/ids.ts';
import type { StatementKind } from '../../../protocol/messages/statement.ts';
import { revocationOf, smallVault } from '../../helpers/small-vault.ts';

const device = 'd1'.repeat(16) as DeviceId;
const incarnation = '0102030405060708' as IncarnationId;
const journal = journalId(device, incarnation);

function choiceOf(letter: string, sequence = 7): StatementKind {
  const hash = letter.repeat(64) as BatchHash;
  return { type: 'choose-branch', device, incarnation, sequence, hash };
}

function chosenIn(log: MembershipLog, sequence = 7): string | undefined {
  return evaluateMembership(log.statements()).choices.get(journal)?.get(sequence)?.[0];
}

function bench(seed: string) {
  const vault = smallVault(seed);
  const [one, other] = [vault.admit('admin'), vault.admit('admin')];
  const writer = vault.admit('writer');
  return { vault, log: vault.log, one: one.signKey, other: other.signKey, writer, admin: one };
}

test('what the owner and admins name counts, and a later word takes its place', (t) => {
  const { vault, log, one, other } = bench('later');
  t.is(chosenIn(log), undefined);
  log.issue(one, choiceOf('a'));
  t.is(chosenIn(log), 'a');
  log.issue(other, choiceOf('b'));
  t.is(chosenIn(log), 'b', 'it had seen the other one');
  log.issue(vault.owner, choiceOf('c'));
  t.is(chosenIn(log), 'c');
  log.issue(one, choiceOf('d'));
  t.is(chosenIn(log), 'c', 'the owner stands above admins');
  log.issue(vault.owner, choiceOf('e'));
  t.is(chosenIn(log), 'e');
  log.issue(one, choiceOf('f', 9));
  t.is(chosenIn(log, 9), 'f', 'each number by itself');
});

test('nobody else has a say, and an admin who was sent away has none any more', (t) => {
  const { vault, log, one, writer, admin } = bench('say');
  log.issue(writer.signKey, choiceOf('a'));
  t.is(chosenIn(log), undefined);
  log.issue(one, choiceOf('b'));
  t.is(chosenIn(log), 'b');
  log.issue(vault.owner, revocationOf(admin));
  t.is(chosenIn(log), undefined);
});

test('choices that have not seen each other: the same one on every device', (t) => {
  const { log, one, other, vault } = bench('concurrent');
  const makers: readonly (readonly [SignKey, string])[] = [
    [one, 'a'],
    [other, 'b'],
  ];
  const said = makers.map(([key, letter]) => log.copy().issue(key, choiceOf(letter)));
  const results = new Set<string | undefined>();
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...log.all(), ...said.map(({ bytes }) => bytes)], {
        minLength: log.size + 2,
      }),
      (order) => {
        const fresh = new MembershipLog(vault.log.vault);
        fresh.add(order);
        results.add(chosenIn(fresh));
      },
    ),
    { numRuns: 30 },
  );
  t.is(results.size, 1);
  t.true(['a', 'b'].includes([...results][0] ?? ''));
});
