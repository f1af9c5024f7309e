/**
 * Sending devices away, giving them other roles, and new keys, as this agent's clients ask for it: names
 * become ids, the journals say what counts, and the statements are durable before anybody is answered.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { CutJournal, MemberChangeReport } from '../../protocol/control/member-reports.ts';
import { splitJournalId, type DeviceId } from '../../protocol/ids.ts';
import type { RevokeRequest, RoleRequest } from '../../protocol/messages/control-members.ts';
import { revokeReasons } from '../../protocol/messages/statement.ts';
import type { RevokeReason, SignedStatement } from '../../protocol/messages/statement.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { lastStatementOf } from '../members/latest-statement.ts';
import { roleCapabilities, type Role } from '../members/membership.ts';
import { openEpoch } from '../members/renew-keys.ts';
import { changeRole, sendAway } from '../members/send-away.ts';
import { isOf, type CountingJournals, type LineBook } from './counting-journals.ts';
import { Cutoffs } from './cutoffs.ts';
import { findDevice } from './find-device.ts';
import type { Issuing } from './issuing.ts';
import type { MembersService } from './members-service.ts';

export interface MemberChangeParts {
  readonly members: MembersService;
  readonly issuing: Issuing;
  readonly identity: DeviceIdentity;
  readonly counting: CountingJournals;
  readonly lines: LineBook;
  /** The tree shows what counts now. */
  readonly settled: () => Promise<void>;
}

export class MemberChanges {
  readonly #parts: MemberChangeParts;
  readonly #cutoffs: Cutoffs;

  constructor(parts: MemberChangeParts) {
    this.#parts = parts;
    this.#cutoffs = new Cutoffs(parts);
  }

  /**
   * Ends what a device may do; of one that was sent away before, moves the line.
   * @throws VaultError `denied`, `not-found`, `conflict`, `usage`, `no-key`, `disk-full`, `io`
   */
  async revoke(request: RevokeRequest): Promise<MemberChangeReport> {
    const { members, issuing, identity } = this.#parts;
    const reason = checkedReason(request.reason);
    const granter = issuing.granter('send devices away');
    const device = findDevice(members, request.device);
    if (device === identity.device) {
      throw usage('this device', 'a device does not send itself away: do it on another one');
    }
    const lastBatches = await this.#cutoffs.chosen(device, request.until);
    const before = members.current().cutoffs.get(device);
    const issued = await members.issue((log) => {
      const { counted } = members.evaluation();
      const signKey = members.current().members.get(device)?.signKey.toString('hex') ?? '';
      const known = log.statements();
      const lastStatement = lastStatementOf(signKey, request.lastStatement, { counted, known });
      // Whoever only moves the line has given the reason before.
      const why = reason ?? before?.reason;
      return sendAway(log, granter, { device, reason: why, lastBatches, lastStatement });
    });
    return this.#report(device, issued);
  }

  /**
   * Gives a device another role.
   * @throws VaultError `denied`, `not-found`, `conflict`, `not-member`, `usage`, `no-key`, `disk-full`, `io`
   */
  async setRole(request: RoleRequest): Promise<MemberChangeReport> {
    const { members, issuing, identity } = this.#parts;
    const role = checkedRole(request.role);
    const granter = issuing.granter('give roles');
    const device = findDevice(members, request.device);
    if (members.current().members.get(device)?.role === role) return this.#report(device, []);
    if (device === identity.device) {
      throw usage('this device', 'a device does not change its own role: do it on another one');
    }
    const issued = await members.issue((log) =>
      changeRole(log, granter, { device, role, lastBatches: this.#cutoffs.now(device) }),
    );
    return this.#report(device, issued);
  }

  /** Opens an epoch. @throws VaultError `denied`, `no-key`, `disk-full`, `io` */
  async rotate(): Promise<void> {
    const { members, issuing } = this.#parts;
    const granter = issuing.granter('make keys');
    await members.issue((log) => [openEpoch(log, granter)]);
  }

  async #report(device: DeviceId, issued: readonly SignedStatement[]): Promise<MemberChangeReport> {
    const { members, settled } = this.#parts;
    await settled();
    const { members: all, cutoffs } = members.current();
    const member = all.get(device);
    const kinds = issued.map(({ statement }) => statement);
    const key = kinds.flatMap(({ kind }) => (kind.type === 'member-key' ? kind.generation : []));
    return {
      deviceId: device,
      name: members.nameOf(device),
      role: member?.role ?? 'blind',
      state: member?.active === true ? 'active' : 'revoked',
      reason: member?.active === true ? null : (cutoffs.get(device)?.reason ?? null),
      journals: this.#journalsOf(device),
      epoch: kinds.find(({ kind }) => kind.type === 'epoch')?.id ?? null,
      memberKeyGeneration: key[0] ?? null,
    };
  }

  #journalsOf(device: DeviceId): readonly CutJournal[] {
    const { lines, counting } = this.#parts;
    return lines.journals().flatMap((journal) => {
      if (!isOf(journal, device)) return [];
      const counts = counting.tip(journal)?.sequence ?? 0;
      const total = lines
        .linesOf(journal)
        .reduce((sum, { first, tip }) => sum + tip - first + 1, 0);
      const { incarnation } = splitJournalId(journal);
      return [{ journal: `${device}/${incarnation}`, counts, hidden: total - counts }];
    });
  }
}

function checkedReason(text: string | undefined): RevokeReason | undefined {
  if (text === undefined || Object.hasOwn(revokeReasons, text)) {
    return text as RevokeReason | undefined;
  }
  throw usage(`reason ${text}`, `choose one of ${Object.keys(revokeReasons).join(', ')}`);
}

function checkedRole(text: string): Role {
  if (Object.hasOwn(roleCapabilities, text)) return text as Role;
  throw usage(`role ${text}`, `choose one of ${Object.keys(roleCapabilities).join(', ')}`);
}

function usage(subject: string, next: string): VaultError {
  return new VaultError('usage', { op: 'vault.members', subject, next });
}
