import test from 'ava';
import { noMemberCounts, playMembers } from '../../helpers/member-histories.ts';

test('property: all agree on who is a member, and nobody without power changes it', (t) => {
  const sum = noMemberCounts();
  for (let seed = 1; seed <= 12; seed += 1) {
    const counts = playMembers(seed, { steps: 30, mutations: 100 });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name];
  }
  t.true(sum.statements > 100, String(sum.statements));
  t.true(sum.refused > 20, String(sum.refused));
  t.true(sum.powerlessCertificates > 30, String(sum.powerlessCertificates));
  t.true(sum.powerlessStatements > 150, String(sum.powerlessStatements));
  t.true(sum.backDated > 100, String(sum.backDated));
  t.true(sum.mutatedCertificates > 300, String(sum.mutatedCertificates));
  t.true(sum.mutatedStatements > 300, String(sum.mutatedStatements));
});
