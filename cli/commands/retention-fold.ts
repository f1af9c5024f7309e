/** `vault retention fold`: what could be folded of old history, and who agrees to what was issued. */
import type {
  AbsentAcknowledger,
  CheckpointReport,
  FoldHere,
  FoldReport,
} from '../../protocol/control/retention-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { flag } from '../parse/command-line.ts';

export const fold: Handler = async ({ line, output, client }) => {
  const report = await (await client()).fold({ dryRun: flag(line, 'dry-run') });
  if (output.json) output.value(report);
  else output.lines(foldLines(report));
  return 0;
};

/** The report for people: what could be folded, what holds up the rest, and the checkpoint that stands. */
export function foldLines(report: FoldReport): string[] {
  const lines = [
    `${formatCount(report.batches, 'batch', 'batches')} of ${String(report.batchesAll)} can be folded ` +
      `(${formatBytes(report.bytes)} of ${formatBytes(report.bytesAll)} of changes)`,
  ];
  if (report.batches > 0)
    lines.push(
      `${formatBytes(report.bytesBack)} would come back on each device that reads; ` +
        'what stands for them takes about 200 bytes a file',
    );
  if (report.visibleFrom !== null)
    lines.push(`--at would show the vault from ${timeText(report.visibleFrom)} on`);
  if (report.batchesKept > 0)
    lines.push(
      `rules, snapshots and the trash keep ${formatCount(report.batchesKept, 'batch', 'batches')}`,
    );
  for (const row of report.waitsFor)
    lines.push(
      `${whoText(row)} has not seen ${formatCount(row.batches, 'batch', 'batches')} of it`,
    );
  lines.push(...checkpointLines(report), ...foldedLines(report));
  return lines.map(escapeText);
}

function checkpointLines({ checkpoint, issued, dryRun }: FoldReport): string[] {
  if (checkpoint === null) return dryRun ? [] : ['nothing to fold: no checkpoint was issued'];
  const state = agreementText(checkpoint);
  const what = `checkpoint ${checkpoint.id.slice(0, 8)} over ${formatCount(checkpoint.batches, 'batch', 'batches')}`;
  const lines = [`${what}${issued === checkpoint.id ? ' was issued' : ''}: ${state}`];
  if (checkpoint.here !== null) lines.push(`here: ${checkpoint.here.message}`);
  return lines;
}

const hereTexts: Readonly<Record<FoldHere, string>> = {
  done: 'their bodies went from the journals of this device',
  working: 'this device is about it',
  behind: 'some of them are not here yet',
  pages: 'parts of the state that stands for them are not here yet',
  'other-state': 'this device makes another state of them, and keeps them',
  blind: 'this device cannot read them, and keeps what it has',
};

function foldedLines({ folded }: FoldReport): string[] {
  if (folded === null) return [];
  const { batches, here, freedBytes, visibleFrom } = folded;
  const lines = [`${formatCount(batches, 'batch is', 'batches are')} folded: ${hereTexts[here]}`];
  if (freedBytes > 0) lines.push(`${formatBytes(freedBytes)} came back since the agent started`);
  if (visibleFrom !== null) lines.push(`--at shows the vault from ${timeText(visibleFrom)} on`);
  return lines;
}

function agreementText({ isAgreed, waitsFor }: CheckpointReport): string {
  if (isAgreed) return 'all devices that may write agree';
  return `waits for ${waitsFor.map(whoText).join(', ')}`;
}

function whoText({ name, online, lastSeen }: AbsentAcknowledger): string {
  if (online) return name;
  return lastSeen === null
    ? `${name} (not connected)`
    : `${name} (away since ${timeText(lastSeen)})`;
}

function timeText(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
