/**
 * Which copies there are, and what a device would take with it. A device counts as a holder only when it
 * has said that it holds everything of a part; one that has said nothing is not known, and never counted. Pure.
 */
import type { Role, WhyDevice, WhyReport } from '../../../protocol/control/reports.ts';

export interface Part {
  /** One name below the shown directory, as the agent gives it. */
  readonly name: Buffer;
  readonly kind: 'file' | 'directory' | 'symlink';
  /** undefined: it has not come yet. */
  readonly why?: WhyReport | undefined;
}

export interface Copies {
  readonly holders: number;
  /** Devices that have not said what they hold. */
  readonly unknown: number;
  readonly devices: number;
}

export function copiesOf({ devices }: WhyReport): Copies {
  return {
    holders: devices.filter(({ holds }) => holds === true).length,
    unknown: devices.filter(({ holds }) => holds === null).length,
    devices: devices.length,
  };
}

/** What would be lost if one device died now. */
export interface Loss {
  readonly deviceId: string;
  readonly name: string;
  readonly role: Role;
  readonly self: boolean;
  readonly online: boolean;
  /** Parts of which it has the only copy that is known. */
  readonly onlyParts: number;
  readonly onlyBytes: number;
  /** Of these, parts that a device which has said nothing may hold too. */
  readonly unsureParts: number;
}

export function lossesOf(parts: readonly Part[]): readonly Loss[] {
  const known = parts.flatMap(({ why }) => (why === undefined ? [] : [why]));
  const devices = new Map<string, WhyDevice>();
  for (const each of known.flatMap((why) => why.devices)) devices.set(each.deviceId, each);
  return [...devices.values()].map((device) => lossOf(device, known));
}

function lossOf(device: WhyDevice, known: readonly WhyReport[]): Loss {
  const only = known.filter(({ devices, bytes }) => {
    const holders = devices.filter(({ holds }) => holds === true);
    return bytes > 0 && holders.length === 1 && holders[0]?.deviceId === device.deviceId;
  });
  const { deviceId, name, role, self, online } = device;
  return {
    ...{ deviceId, name, role, self, online },
    onlyParts: only.length,
    onlyBytes: only.reduce((sum, { bytes }) => sum + bytes, 0),
    unsureParts: only.filter(({ devices }) => devices.some(({ holds }) => holds === null)).length,
  };
}
