import test from 'ava';
import { playMembers } from '../../helpers/member-histories.ts';

test('property: all agree on who is a member, and nobody without power changes it', (t) => {
  const sum = { statements: 0, refused: 0, powerless: 0, mutated: 0 };
  for (let seed = 1; seed <= 12; seed += 1) {
    const counts = playMembers(seed, { steps: 30, mutations: 100 });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name];
  }
  t.true(sum.statements > 100, String(sum.statements));
  t.true(sum.refused > 20, String(sum.refused));
  t.true(sum.powerless > 200, String(sum.powerless));
  t.true(sum.mutated > 1_000, String(sum.mutated));
});
