/** `vault why`: why a path is as it is, here and on the other devices. */
import type { WhyDevice, WhyReport } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { formatAge, formatSince, formatBytes, formatCount } from '../output/format.ts';
import { reasonLines } from '../output/reasons.ts';
import { alignedLines } from '../output/table.ts';

export const why: Handler = async ({ line, output, client }) => {
  const { bytes } = vaultPath(line, line.operands[0] ?? '/');
  const report = await (await client()).why({ path: bytes });
  if (output.json) output.value(report);
  else output.lines(whyLines(report, Date.now()));
  // What is not there is explained, and is still not there.
  return report.kind === null ? 3 : 0;
};

/** The report for people. */
export function whyLines(report: WhyReport, nowMs: number): string[] {
  const rows: [string, string | null][] = [
    [report.path, report.summary],
    ['version', report.kind === 'directory' ? null : report.version],
    ['written', writtenText(report, nowMs)],
    ['here', hereText(report)],
    ...report.conflicts.map((each): [string, string] => [
      'in conflict',
      `${each.path} by ${each.author ?? '?'}${each.version === null ? '' : `, version ${each.version}`}`,
    ]),
    ...report.devices.map((device): [string, string] => [device.name, deviceText(device, nowMs)]),
  ];
  const shown = rows.flatMap(([title, value]) =>
    value === null ? [] : [[title, value].map(escapeText)],
  );
  const reasons = reasonLines(report.reasons.map(({ subject: _, ...reason }) => reason));
  return [...alignedLines(shown, [false, false]), ...reasons];
}

function writtenText({ author, time, kind }: WhyReport, nowMs: number): string | null {
  if (author === null || kind === 'directory') return null;
  return time === null ? `by ${author}` : `by ${author}, ${time} (${formatAge(time, nowMs)})`;
}

function hereText(report: WhyReport): string | null {
  if (report.files === 0) return null;
  const { files, filesHere, missingChunks, missingBytes, filesUnknown } = report;
  const parts = [`${String(filesHere)} of ${formatCount(files, 'file')} whole`];
  if (missingChunks > 0) {
    parts.push(`${formatCount(missingChunks, 'chunk')} missing (${formatBytes(missingBytes)})`);
  }
  if (filesUnknown > 0)
    parts.push(`of ${formatCount(filesUnknown, 'file')} the list of chunks too`);
  return parts.join(', ');
}

function deviceText(device: WhyDevice, nowMs: number): string {
  const { self, online, lastSeen } = device;
  if (self) return device.holds === true ? 'this device: all of it' : 'this device: not all of it';
  const since = lastSeen === null ? 'never seen' : `last seen ${formatSince(lastSeen, nowMs)}`;
  return `${stateText(device)}; ${online ? 'online' : `offline, ${since}`}`;
}

function stateText({ seen, holds }: WhyDevice): string {
  if (seen === null) return 'not known';
  if (!seen) return 'has not seen it';
  if (holds === true) return 'has all of it';
  return holds === null ? 'knows it, content not known' : 'knows it, not all of the content';
}
