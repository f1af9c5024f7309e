/** `vault retention`, `vault forget` and `vault gc`: what is kept of the past, what goes, what comes back. */
import type {
  CollectReport,
  ForgetReport,
  ForgetRow,
  RetentionReport,
} from '../../protocol/control/retention-reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import {
  formatRetention,
  keepKinds,
  noKeep,
  parseHours,
  type KeepRule,
} from '../../protocol/text/retention-rule.ts';
import type { Handler } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { formatBytes, formatCount } from '../output/format.ts';
import { tableLines } from '../output/table.ts';
import { count, flag, text, usageError, type CommandLine } from '../parse/command-line.ts';

export const retentionShow: Handler = async ({ line, output, client }) => {
  const { bytes: path } = vaultPath(line, line.operands[0] ?? '/');
  const report = await (await client()).retention({ path });
  if (output.json) output.value(report);
  else output.lines(retentionLines(report));
  return 0;
};

export const retentionSet: Handler = async ({ line, output, client }) => {
  const rule = ruleFrom(line);
  const { bytes: path } = vaultPath(line, line.operands[0] ?? '');
  const report = await (await client()).retentionSet({ path, rule });
  if (output.json) output.value(report);
  else output.lines(retentionLines(report));
  return 0;
};

export const retentionUnset: Handler = async ({ line, output, client }) => {
  const { bytes: path } = vaultPath(line, line.operands[0] ?? '');
  const report = await (await client()).retentionSet({ path, rule: '' });
  if (output.json) output.value(report);
  else output.lines(retentionLines(report));
  return 0;
};

export const forget: Handler = async ({ line, output, client }) => {
  const { bytes: path } = vaultPath(line, line.operands[0] ?? '/');
  const report = await (await client()).forget({ path, dryRun: flag(line, 'dry-run') });
  if (output.json) output.value(report);
  else output.lines(forgetLines(report));
  return 0;
};

export const collect: Handler = async ({ line, output, client }) => {
  const report = await (await client()).collect({ dryRun: flag(line, 'dry-run') });
  if (output.json) output.value(report);
  else output.lines(collectLines(report));
  return report.stopped === null ? 0 : 1;
};

/** @throws VaultError `usage` when no option says anything */
function ruleFrom(line: CommandLine): string {
  const keep: Record<keyof KeepRule, number> = { ...noKeep };
  let keeps = false;
  for (const kind of keepKinds) {
    const given = count(line, `keep-${kind}`);
    if (given === undefined) continue;
    keep[kind] = given;
    keeps = true;
  }
  const within = text(line, 'keep-within');
  if (within !== undefined) keep.withinHours = parseHours(within);
  const trashDays = count(line, 'trash-days');
  const isKept = keeps || within !== undefined;
  if (isKept && Object.values(keep).every((each) => each === 0))
    throw usageError(line.command, '--keep-…', 'at least one number has to be above 0');
  if (!isKept && trashDays === undefined)
    throw usageError(
      line.command,
      line.operands[0] ?? '',
      'say what is kept: --keep-… or --trash-days',
    );
  return formatRetention({ keep: isKept ? keep : undefined, trashDays });
}

/** The report for people. */
export function retentionLines({ path, own, keep, trash, below }: RetentionReport): string[] {
  const keeps =
    keep === null ? 'all, no rule says otherwise' : `${keep.rule}, by the rule of ${keep.path}`;
  const deleted =
    trash === null ? 'kept, no rule says otherwise' : `${trash.rule}, by the rule of ${trash.path}`;
  const lines = [
    `path            ${path}`,
    `own rule        ${own ?? 'none'}`,
    `older versions  ${keeps}`,
    `deleted files   ${deleted}`,
  ];
  if (below.length > 0)
    lines.push('', 'rules below:', ...below.map((each) => `  ${each.path}  ${each.rule}`));
  return lines.map(escapeText);
}

/** The report for people: what goes and what stays, then the sum. */
export function forgetLines(report: ForgetReport): string[] {
  const columns = [
    { title: 'FATE' },
    { title: 'SIZE', right: true },
    { title: 'TIME' },
    { title: 'VERSION' },
    { title: 'PATH' },
    { title: 'WHY' },
  ];
  const cells = report.rows.map((row) =>
    [
      row.fate,
      formatBytes(row.size),
      row.time.slice(0, 16).replace('T', ' '),
      row.version.slice(0, 8),
      row.path,
      whyText(row),
    ].map(escapeText),
  );
  const table = report.rows.length === 0 ? [] : [...tableLines(columns, cells), ''];
  if (report.omitted > 0) table.push(`and ${formatCount(report.omitted, 'more version')}`);
  return [...table, sumText(report)];
}

function whyText({ fate, reasons }: ForgetRow): string {
  if (fate === 'goes') return 'no rule keeps it';
  return fate === 'shared' ? 'its bytes are used elsewhere' : reasons.join(', ');
}

function sumText(report: ForgetReport): string {
  const { leftChunks, leftBytes } = report;
  if (leftChunks === 0) return versionsText(report);
  const left = `${formatCount(leftChunks, 'chunk')} (${formatBytes(leftBytes)})`;
  return `${versionsText(report)}\nof what folding left: ${left}`;
}

function versionsText({ dryRun, versions, kept, bytes }: ForgetReport): string {
  if (versions === 0)
    return `nothing ${dryRun ? 'would go' : 'went'}; ${formatCount(kept, 'version')} stay`;
  const verb = dryRun ? 'would go' : 'went';
  const back = dryRun ? 'would come back' : 'come back when all devices have agreed: vault gc';
  return `${formatCount(versions, 'version')} ${verb}, ${String(kept)} stay; ${formatBytes(bytes)} ${back}`;
}

/** The report for people. */
export function collectLines(report: CollectReport): string[] {
  const { dryRun, chunks, bytes, waitingChunks, waitingBytes, waitsFor, stopped } = report;
  const lines = [
    dryRun
      ? `${formatCount(chunks, 'chunk')} could be dropped (${formatBytes(bytes)})`
      : `${formatCount(chunks, 'chunk')} dropped (${formatBytes(bytes)}), ` +
        `${formatBytes(report.freedBytes)} of files given back, ${formatBytes(report.copiedBytes)} copied`,
  ];
  if (waitingChunks > 0) {
    const names = waitsFor.map(({ name }) => name).join(', ');
    const reason = names === '' ? 'changes that are not here yet' : names;
    lines.push(
      `${formatCount(waitingChunks, 'chunk')} (${formatBytes(waitingBytes)}) wait for ${reason}`,
    );
  }
  if (report.unnamedGoAt !== null) {
    lines.push(
      `${formatCount(report.unnamedChunks, 'chunk')} (${formatBytes(report.unnamedBytes)}) of uploads that were ` +
        `given up go after ${report.unnamedGoAt}`,
    );
  }
  if (stopped !== null) lines.push(`stopped: ${stopped}`);
  return lines.map(escapeText);
}
