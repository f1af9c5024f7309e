/** Who belongs to the vault, as every device says it, against who was invited as what. */
import type { Role } from '../../../agent/members/membership.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Findings } from '../workload/findings.ts';

export interface Invited {
  readonly name: string;
  readonly role: Role;
}

/** @param liars who joined as well, and means harm */
export async function checkMembers(
  { world, devices }: Cluster,
  liars: readonly Invited[],
  findings: Findings,
): Promise<void> {
  const expected = new Map([...devices, ...liars].map(({ name, role }) => [name, role]));
  for (const device of devices) {
    const session = device.connect();
    const rows = await world.run('members', session.client.members(), 60_000);
    session.close();
    for (const [name, role] of expected) {
      const row = rows.find((each) => each.name === name);
      if (row?.state === 'active' && row.role === role) continue;
      const seen = row === undefined ? 'nobody' : `${row.state} as ${row.role}`;
      findings.wrong(`${device.name}: ${name} joined as ${role} and is ${seen}`);
    }
    // Whoever was admitted and crashed before it heard of it came again under another name.
    for (const { name, role } of rows) {
      if (expected.has(name) || name.startsWith('newcomer-')) continue;
      findings.wrong(`${device.name}: nobody invited ${name}, which is ${role}`);
    }
  }
}
