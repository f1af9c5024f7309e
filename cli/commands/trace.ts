/** `vault trace`: what programs wait for in the mount, what they have waited for, and with `--follow` as it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { EndedRow, RunningRow, TraceReport } from '../../protocol/control/mount-reports.ts';
import { lostLine, traceNews } from '../../protocol/control/trace-news.ts';
import type { TraceNews } from '../../protocol/control/trace-news.ts';
import { VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';
import type { Output } from '../output/output.ts';
import { tableLines } from '../output/table.ts';
import { flag } from '../parse/command-line.ts';

const followMs = 500;

export const trace: Handler = async (invocation) => {
  const { line, output } = invocation;
  const client = await invocation.client();
  if (flag(line, 'follow')) return follow(invocation, client);
  const report = await client.trace();
  if (output.json) output.value(report);
  else if (isQuiet(report)) output.note('nothing in a mount has waited for anything');
  else output.lines(reportLines(report));
  return 0;
};

function isQuiet({ running, operations }: TraceReport): boolean {
  return running.length === 0 && operations.length === 0;
}

async function follow({ output, signal }: Invocation, client: ControlClient): Promise<never> {
  let { heard } = traceNews((await client.trace()).recent, 0);
  for (;;) {
    await sleep(followMs, undefined, { signal }).catch((cause: unknown) => {
      throw new VaultError('cancelled', { op: 'cli.trace', cause });
    });
    const news = traceNews((await client.trace()).recent, heard);
    tell(output, news);
    ({ heard } = news);
  }
}

/** What is not told is counted. */
export function tell(output: Output, { rows, lost }: TraceNews): void {
  if (output.json) {
    for (const record of [...(lost > 0 ? [{ lost }] : []), ...rows]) output.record(record);
  } else output.lines([...(lost > 0 ? [lostLine(lost)] : []), ...rows.map(endedLine)]);
}

function reportLines({ running, recent, operations }: TraceReport): readonly string[] {
  const rows = operations.map(({ op, count, failed, meanMs, longestMs }) => {
    const figures = [count, failed].map(String);
    return [op, ...figures, `${meanMs.toFixed(1)} ms`, `${longestMs.toFixed(1)} ms`].map(
      escapeText,
    );
  });
  const titles = ['operation', 'count', 'failed', 'mean', 'longest'].map((title) => ({ title }));
  return [...running.map(runningLine), ...recent.map(endedLine), ...tableLines(titles, rows)];
}

/** One that waits, for people. */
export function runningLine({ op, path, inode, pid, sinceMs }: RunningRow): string {
  const seconds = (sinceMs / 1000).toFixed(1);
  return `waits ${seconds} s  ${escapeText(op)} ${path ?? `inode ${String(inode)}`} (process ${String(pid)})`;
}

/** One that has ended, for people. */
export function endedLine({ time, op, path, inode, pid, tookMs, failed }: EndedRow): string {
  const what = `${escapeText(op)} ${path ?? `inode ${String(inode)}`} (process ${String(pid)})`;
  return `${escapeText(time)}  ${what} ${failed ? 'failed after' : 'took'} ${tookMs.toFixed(1)} ms`;
}
