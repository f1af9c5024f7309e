/**
 * Ending what a device may do, or changing it: the revocation or the grant, and the keys that have to
 * change with it. Everything is tried on the log that is given; whoever calls makes it durable.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, StatementId } from '../../protocol/ids.ts';
import type { Cutoff, RevokeReason, SignedStatement } from '../../protocol/messages/statement.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { grantDevice, type Granter } from './grant.ts';
import { openLabel } from './label.ts';
import type { MembershipLog } from './membership-log.ts';
import { capabilities, type Role } from './membership.ts';
import { renewKeys } from './renew-keys.ts';

export interface Revocation {
  readonly device: DeviceId;
  readonly reason: RevokeReason | undefined;
  /** Per journal, the last batch that counts. */
  readonly lastBatches: readonly Cutoff[];
  /** The last of its statements that counts. */
  readonly lastStatement: StatementId | undefined;
}

/**
 * Sends a device away, or moves the line of one that was sent away before.
 * @returns the revocation first, then new keys where they are needed
 * @throws VaultError `denied` with the rule that forbids it; `no-key`
 */
export function sendAway(
  log: MembershipLog,
  granter: Granter,
  revocation: Revocation,
): readonly SignedStatement[] {
  refuseForbidden(evaluate(log.statements()), granter, { device: revocation.device });
  const signed = log.issue(granter.issuer, { type: 'revoke', ...revocation });
  const after = evaluate(log.statements()).membership;
  const stands = after.cutoffs.get(revocation.device)?.statement === signed.statement.id;
  if (!stands || after.members.get(revocation.device)?.active === true) {
    throw denied(revocation.device, 'a statement of somebody with more say stands');
  }
  return [signed, ...renewKeys(log, granter)];
}

export interface RoleChange {
  readonly device: DeviceId;
  readonly role: Role;
  /** Per journal, what counts now: it goes on counting when the device may not write any more. */
  readonly lastBatches: readonly Cutoff[];
}

/**
 * Gives a member another role.
 * @returns the grant first, then new keys when the device may not read any more
 * @throws VaultError `denied` with the rule that forbids it; `not-member`, `no-key`
 */
export function changeRole(
  log: MembershipLog,
  granter: Granter,
  { device, role, lastBatches }: RoleChange,
): readonly SignedStatement[] {
  const before = evaluate(log.statements());
  const member = before.membership.members.get(device);
  if (member?.active !== true) {
    throw new VaultError('not-member', {
      op: 'members.changeRole',
      subject: shortName(device),
      detail: 'it was sent away',
      next: 'let it join again, from an empty home: vault invite',
    });
  }
  refuseForbidden(before, granter, { device, role });
  const grant = grantDevice(log, granter, {
    newcomer: member,
    terms: {
      name: openLabel(granter.keyring.memberKeys, device, member.sealedLabel) ?? device.slice(0, 8),
      role,
      quotaBytes: member.quotaBytes,
      ticket: undefined,
      lastBatches,
    },
  });
  return [grant, ...renewKeys(log, granter)];
}

/** What the rules say about it (SPEC.md, "Devices"), in words. */
function refuseForbidden(
  { membership, authority }: Evaluation,
  { issuer }: Granter,
  { device, role }: { readonly device: DeviceId; readonly role?: Role },
): void {
  if (issuer.publicKey.equals(membership.owner)) return;
  const member = membership.members.get(device);
  if (role === 'admin') throw denied(device, 'only the owner makes admins');
  if (member?.active === true && (member.capabilities & capabilities.admin) !== 0) {
    throw denied(device, 'it is an admin, and only the owner changes admins or sends them away');
  }
  const standing = membership.cutoffs.get(device)?.statement;
  if (member?.active === false && authority.byOwner.some(({ id }) => id === standing)) {
    throw denied(device, 'the owner sent it away, and only the owner moves that line');
  }
}

function denied(device: DeviceId, detail: string): VaultError {
  return new VaultError('denied', {
    op: 'members.change',
    subject: shortName(device),
    detail,
    next: "do it on the owner's device: vault members shows which one it is",
  });
}

function shortName(device: DeviceId): string {
  return `device ${device.slice(0, 8)}`;
}
