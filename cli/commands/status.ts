/** `vault status`: how the agent and the vault are. */
import type { Health, StatusReport } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { reasonLines } from '../output/reasons.ts';
import { alignedLines } from '../output/table.ts';

export const status: Handler = async ({ output, client }) => {
  const report = await (await client()).status();
  if (output.json) output.value(report);
  else output.lines(statusLines(report));
  return 0;
};

const healthSentences: Readonly<Record<Health, string>> = {
  ok: 'ok',
  working: 'working',
  attention: 'needs attention',
  broken: 'broken',
};

/** The report for people. */
export function statusLines(report: StatusReport): string[] {
  const supervisor =
    report.supervisorPid === null ? '' : `, supervisor ${String(report.supervisorPid)}`;
  const rows: [string, string][] = [
    ['health', healthSentences[report.health]],
    ['device', `${report.name} (${report.role}, ${report.deviceId})`],
    ['vault', report.vaultId],
    ['agent', `${report.version}, process ${String(report.pid)}${supervisor}`],
    ['listens on', report.listen],
    ...report.mounts.map((mount): [string, string] => ['mount', `${mount.path} (${mount.state})`]),
    ['content', `${formatCount(report.files, 'file')}, ${formatBytes(report.bytes)}`],
    ['stored here', formatBytes(report.storedBytes)],
    ...memoryRow(report),
    ['peers', `${String(report.peersOnline)} of ${String(report.peersKnown)} online`],
    ['behind', behindText(report)],
    ...spaceRow(report),
  ];
  const table = alignedLines(
    rows.map((row) => row.map(escapeText)),
    [false, false],
  );
  return [...table, ...reasonLines(report.reasons)];
}

function memoryRow({ memoryBytes }: StatusReport): [string, string][] {
  return memoryBytes === undefined ? [] : [['memory', formatBytes(memoryBytes)]];
}

/** What comes back of what was let go; a row only where something does. */
function spaceRow({ space }: StatusReport): [string, string][] {
  if (space === undefined || space.bytes + space.waitingBytes === 0) return [];
  const names = space.waitsFor.map(({ name }) => name).join(', ');
  const texts = [
    space.bytes === 0 ? [] : `${formatBytes(space.bytes)} at the next run`,
    space.waitingBytes === 0
      ? []
      : `${formatBytes(space.waitingBytes)} wait for ${names === '' ? 'changes that are not here yet' : names}`,
  ];
  return [['comes back', texts.flat().join(', ')]];
}

function behindText({ behindBytes, behindOps }: StatusReport): string {
  if (behindBytes === 0 && behindOps === 0) return 'nothing';
  return `${formatBytes(behindBytes)}, ${formatCount(behindOps, 'change')}`;
}
