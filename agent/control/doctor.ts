/** The `doctor` report: looks at everything that can be wrong on this device and says what to do. */
import type { DoctorCheck, DoctorReport } from '../../protocol/control/reports.ts';
import { blake3Implementation } from '../../protocol/hash.ts';
import { formatBytes, formatCount } from '../../protocol/text/format.ts';
import { glanceAtConflicts } from './conflict-reasons.ts';
import type { ControlContext } from './context.ts';
import { checkpointChecks, checkpointReport } from './fold-report.ts';
import { spaceCheck } from './space-report.ts';
import { statusReport } from './status.ts';

export async function doctorReport(context: ControlContext): Promise<DoctorReport> {
  await glanceAtConflicts(context);
  const status = statusReport(context);
  const checks = [
    checkHash(),
    checkKeys(context),
    await checkSpace(context),
    ...checkStore(context),
    ...(status.space === undefined ? [] : [spaceCheck(status.space)]),
    ...checkpointChecks(checkpointReport(context)),
    checkPeers(context),
    ...status.reasons.map((reason): DoctorCheck => ({
      name: reason.code,
      result: 'warning',
      message: reason.message,
      next: reason.next,
    })),
  ];
  const { facts } = context;
  return {
    health: status.health,
    version: facts.version,
    node: facts.process.nodeVersion,
    platform: facts.process.platform,
    checks,
  };
}

function checkHash(): DoctorCheck {
  return blake3Implementation === 'native'
    ? { name: 'blake3-native', result: 'ok', message: 'the native BLAKE3 is used' }
    : {
        name: 'blake3-native',
        result: 'warning',
        message: 'BLAKE3 runs in WebAssembly, which is slower',
        next: 'install the optional package of @napi-rs/blake-hash for this platform',
      };
}

function checkKeys({ members, facts }: ControlContext): DoctorCheck {
  const self = members.current().members.get(facts.device);
  if (self?.active !== true) {
    return {
      name: 'membership',
      result: 'failed',
      message: 'this device is not a member any more',
      next: 'ask an admin for a new ticket and join from an empty home',
    };
  }
  return { name: 'membership', result: 'ok', message: `this device is a member (${self.role})` };
}

async function checkSpace({ disk, config }: ControlContext): Promise<DoctorCheck> {
  const freeBytes = await disk.freeBytes();
  const reserve = config.value('store.free-bytes-min');
  const message = `${formatBytes(freeBytes)} free, ${formatBytes(reserve)} are kept in reserve`;
  if (freeBytes > reserve * 2) return { name: 'disk-space', result: 'ok', message };
  const result = freeBytes > reserve ? 'warning' : 'failed';
  return { name: 'disk-space', result, message, next: 'free some space on this file system' };
}

function checkStore({ vault }: ControlContext): readonly DoctorCheck[] {
  const report = vault.parts.store.report();
  const amount = `${formatCount(report.chunks, 'chunk')} in ${formatCount(report.segments, 'segment')}, ${formatBytes(report.storedBytes)}`;
  const checks: DoctorCheck[] = [{ name: 'store', result: 'ok', message: amount }];
  const bad = report.events.filter(({ type }) => type === 'record-quarantined');
  if (bad.length > 0) {
    checks.push({
      name: 'damage',
      result: 'warning',
      message: `${formatCount(bad.length, 'damaged record')} set aside since the start, the last in ${bad.at(-1)?.file ?? ''}`,
      next: 'check the disk: good copies replace them, but it may lose more',
    });
  }
  if (report.indexRebuilt) {
    checks.push({ name: 'index', result: 'ok', message: 'the index was made anew at this start' });
  }
  return checks;
}

function checkPeers({ peers, members, facts }: ControlContext): DoctorCheck {
  const others = [...members.current().members.values()].filter(
    ({ device, active }) => active && device !== facts.device,
  ).length;
  const online = peers.peers().length;
  const message = `${String(online)} of ${String(others)} other devices are online`;
  if (others === 0) {
    return {
      name: 'peers',
      result: 'warning',
      message: 'this is the only device: there is no second copy of anything',
      next: 'vault invite makes a ticket for another device',
    };
  }
  if (online > 0) return { name: 'peers', result: 'ok', message };
  return {
    name: 'peers',
    result: 'warning',
    message,
    next: 'vault peers says why each of them is away',
  };
}
