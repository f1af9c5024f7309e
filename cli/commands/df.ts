/** `vault df`: how much the vault holds, and how much room there is. */
import type { DiskFreeReport } from '../../protocol/control/reports.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { alignedLines } from '../output/table.ts';
import { flag } from '../parse/command-line.ts';

export const df: Handler = async ({ line, output, client }) => {
  const report = await (await client()).diskFree();
  if (output.json) output.value(report);
  else output.lines(diskFreeLines(report, flag(line, 'bytes')));
  return 0;
};

/** The report for people. */
export function diskFreeLines(report: DiskFreeReport, inBytes: boolean): string[] {
  const size = (bytes: number | null): string => {
    if (bytes === null) return '?';
    return inBytes ? String(bytes) : formatBytes(bytes);
  };
  const quota = report.quotaBytes;
  const rows: [string, string, string][] = [
    ['in the vault', size(report.logicalBytes), formatCount(report.files, 'file')],
    ['needed', size(report.liveBytes), formatCount(report.chunks, 'chunk')],
    ['missing here', size(report.missingBytes), report.missingBytes > 0 ? 'on other devices' : ''],
    ['stored here', size(report.storedBytes), ''],
    ['to be collected', size(report.deadBytes), ''],
    ['free on the disk', size(report.diskFreeBytes), diskText(report, size)],
    ...(quota === null ? [] : [['quota', size(quota), ''] as [string, string, string]]),
  ];
  return alignedLines(rows, [false, true, false]);
}

function diskText(report: DiskFreeReport, size: (bytes: number | null) => string): string {
  const total = report.diskTotalBytes === null ? '' : `of ${size(report.diskTotalBytes)}, `;
  return `${total}${size(report.diskReservedBytes)} are kept free`;
}
