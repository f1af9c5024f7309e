/** What about members is not as it should be, for `vault status`: each with what to do. */
import type { Reason } from '../../protocol/control/reports.ts';
import type { ControlContext } from './context.ts';

export function memberReasons({ members, anchor, desk, facts }: ControlContext): readonly Reason[] {
  const { members: all, owner, frozenIssuers } = members.current();
  const reasons: Reason[] = [];
  if (all.get(facts.device)?.active !== true) {
    reasons.push({
      code: 'sent-away',
      message: 'this device was sent away: nothing that it writes counts, and nobody talks to it',
      next: 'ask an admin for a ticket, and join with it from an empty home',
    });
  }
  const lost = anchor.lostFrom(members.log());
  if (lost > 0) {
    reasons.push({
      code: 'members-log-gaps',
      message:
        `at least ${String(lost)} statements about members were lost on this disk: who may do what may be ` +
        'out of date here, and nothing about members is changed from here',
      subject: 'journals/members.log',
      next: 'connect another device: it sends what is missing',
    });
  }
  if (frozenIssuers.includes(owner.toString('hex'))) {
    reasons.push({
      code: 'owner-frozen',
      message: "the owner's key was used on two machines: what it says now does not count",
      next: 'vault recover restore makes a device the owner, with the recovery words',
    });
  }
  for (const { name, role, deviceId } of desk.approvals.rows()) {
    reasons.push({
      code: 'approval-wanted',
      message: `${name} wants to join as ${role} and waits for you`,
      subject: deviceId,
      next: 'vault approve shows the words to compare',
    });
  }
  return reasons;
}
