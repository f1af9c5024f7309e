/** The `keys` report: epochs and member keys, who has them, and when the next epoch is due. */
import type { EpochRow, KeysReport, MemberKeyRow } from '../../protocol/control/member-reports.ts';
import type { DeviceId, EpochId, StatementId } from '../../protocol/ids.ts';
import { epochIdOf, epochRecipients, epochsOf, isReader } from '../members/current-epoch.ts';
import { memberKeyRecipients, memberKeysOf } from '../members/key-health.ts';
import { formatTime } from '../vault/format-time.ts';
import type { MembersService } from '../vault/members-service.ts';
import type { ControlContext } from './context.ts';

export function keysReport({ members, desk, config }: ControlContext): KeysReport {
  const { keyCare, keyAges } = desk;
  const { currentEpoch } = members.current();
  const rotatesAtMs = keyCare.rotatesAtMs();
  return {
    currentEpoch,
    epochs: epochRows(members, (epoch) => keyAges.since(epoch)),
    memberKeys: memberKeyRows(members),
    rotateAfterS: rotatesAtMs === undefined ? null : config.value('keys.rotate-after'),
    rotatesAt: rotatesAtMs === undefined ? null : formatTime(rotatesAtMs),
  };
}

/** The newest first. */
function epochRows(
  members: MembersService,
  sinceMs: (epoch: EpochId) => number | undefined,
): readonly EpochRow[] {
  const { ancestry, counted } = members.evaluation();
  const recipients = epochRecipients({ ordered: ancestry.ordered, counted });
  const { currentEpoch, members: all } = members.current();
  const rows = epochsOf(counted).map((statement): EpochRow => {
    const epoch = epochIdOf(statement);
    const devices = [...(recipients.get(epoch) ?? [])];
    const since = sinceMs(epoch);
    return {
      epoch,
      current: epoch === currentEpoch,
      readable: members.keyring().epoch(epoch) !== undefined,
      openedBy: deviceOfKey(members, statement.issuer) ?? null,
      since: since === undefined ? null : formatTime(since),
      parents: statement.kind.parents,
      readers: namesOf(
        members,
        devices.filter((device) => isReader(all.get(device))),
      ),
      formerReaders: namesOf(
        members,
        devices.filter((device) => !isReader(all.get(device))),
      ),
    };
  });
  return rows.toReversed();
}

function memberKeyRows(members: MembersService): readonly MemberKeyRow[] {
  const { counted } = members.evaluation();
  const recipients = memberKeyRecipients(counted);
  const all = members.current().members;
  const readable = new Set<StatementId>(
    members.keyring().generations.map(({ statement }) => statement),
  );
  return memberKeysOf(counted).map(({ id, kind }, index) => {
    const devices = [...(recipients.get(id) ?? [])];
    const isActive = (device: DeviceId): boolean => all.get(device)?.active === true;
    return {
      generation: kind.generation,
      current: index === 0,
      readable: readable.has(id),
      devices: namesOf(members, devices.filter(isActive)),
      formerDevices: namesOf(
        members,
        devices.filter((device) => !isActive(device)),
      ),
    };
  });
}

function namesOf(members: MembersService, devices: readonly DeviceId[]): readonly string[] {
  return devices.map((device) => members.nameOf(device)).sort();
}

function deviceOfKey(members: MembersService, key: string): DeviceId | undefined {
  for (const { device, signKey } of members.current().members.values()) {
    if (signKey.toString('hex') === key) return device;
  }
  return undefined;
}
