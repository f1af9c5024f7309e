/**
 * Whether the keys that are in use are still the right ones: the current epoch is sealed to every device
 * that may read and to no other, the newest member key to every device and to no other. Two admins who
 * act at once, apart from each other, leave keys that are not. Pure.
 */
import type { DeviceId, StatementId } from '../../protocol/ids.ts';
import type { MemberKey, Statement } from '../../protocol/messages/statement.ts';
import { epochRecipients, isReader } from './current-epoch.ts';
import type { Evaluation } from './evaluate.ts';

export type KeyState =
  | 'fine'
  /** A device has it that should not. */
  | 'known-to-others'
  /** A device lacks it that should have it. */
  | 'not-known-to-all';

export interface KeyHealth {
  readonly epoch: KeyState;
  readonly memberKey: KeyState;
}

export type MemberKeyStatement = Statement & { readonly kind: MemberKey };

type Judged = Pick<Evaluation, 'membership' | 'ancestry' | 'counted'>;

export function keyHealth({ membership, ancestry, counted }: Judged): KeyHealth {
  const all = [...membership.members.values()];
  const readers = all.filter(isReader).map(({ device }) => device);
  const active = all.filter((member) => member.active).map(({ device }) => device);
  const has = epochRecipients({ ordered: ancestry.ordered, counted });
  const [newest] = memberKeysOf(counted);
  return {
    epoch: stateOf(has.get(membership.currentEpoch), readers),
    memberKey: stateOf(
      newest === undefined ? undefined : memberKeyRecipients(counted).get(newest.id),
      active,
    ),
  };
}

/** Every generation that counts, the newest first, as writers and prefaces choose. */
export function memberKeysOf(counted: readonly Statement[]): readonly MemberKeyStatement[] {
  return counted
    .filter((one): one is MemberKeyStatement => one.kind.type === 'member-key')
    .sort((a, b) => b.kind.generation - a.kind.generation || (a.id < b.id ? -1 : 1));
}

/** To whom each generation was sealed: by itself, and by grants since. */
export function memberKeyRecipients(
  counted: readonly Statement[],
): ReadonlyMap<StatementId, ReadonlySet<DeviceId>> {
  const recipients = new Map<StatementId, Set<DeviceId>>();
  for (const { id, kind } of memberKeysOf(counted)) {
    recipients.set(id, new Set(kind.sealed.flatMap(({ recipient }) => recipient ?? [])));
  }
  for (const { kind } of counted) {
    const subject = kind.type === 'grant' ? kind.memberKey?.subject : undefined;
    if (subject === undefined || kind.type !== 'grant') continue;
    recipients.get(subject)?.add(kind.certificate.device);
  }
  return recipients;
}

function stateOf(
  recipients: ReadonlySet<DeviceId> | undefined,
  wanted: readonly DeviceId[],
): KeyState {
  if (recipients === undefined) return 'not-known-to-all';
  if (recipients.size > wanted.filter((device) => recipients.has(device)).length) {
    return 'known-to-others';
  }
  return wanted.every((device) => recipients.has(device)) ? 'fine' : 'not-known-to-all';
}
