/** `vault config show` and `config explain KEY`: settings, and which source won. */
import type { ConfigReport, ConfigRow, ConfigValue } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { Handler } from '../invocation.ts';
import { alignedLines, tableLines } from '../output/table.ts';

export const configShow: Handler = async ({ output, client }) => {
  const report = await (await client()).config({});
  if (output.json) output.value(report);
  else output.lines(configLines(report));
  return 0;
};

export const configExplain: Handler = async ({ line, output, client }) => {
  const key = line.operands[0];
  const report = await (await client()).config({ key });
  const row = report.settings.find((each) => each.key === key);
  if (row === undefined) {
    throw new VaultError('not-found', {
      op: 'cli.config.explain',
      subject: key,
      detail: 'there is no such setting',
      next: 'vault config show lists all of them',
    });
  }
  if (output.json) output.value(row);
  else output.lines(explainLines(row, report.file));
  return 0;
};

/** All settings for people. */
export function configLines(report: ConfigReport): string[] {
  const table = tableLines(
    [{ title: 'KEY' }, { title: 'VALUE' }, { title: 'FROM' }],
    report.settings.map((row) =>
      [row.key, valueText(row.value), row.origin ?? row.source].map(escapeText),
    ),
  );
  return [...table, escapeText(`file: ${report.file}`)];
}

/** One setting for people. */
export function explainLines(row: ConfigRow, file: string): string[] {
  const from = row.origin === null ? row.source : `${row.source} (${row.origin})`;
  const rows: [string, string][] = [
    ['key', row.key],
    ['value', valueText(row.value)],
    ['from', from],
    ...row.overridden.map((loser): [string, string] => [
      'instead of',
      `${valueText(loser.value)} (${loser.source})`,
    ]),
    ['default', valueText(row.default)],
    ['type', row.allowed === null ? row.type : `${row.type}, ${row.allowed}`],
    ...(row.flag === null ? [] : [['flag', row.flag] as [string, string]]),
    ...(row.environment === null ? [] : [['environment', row.environment] as [string, string]]),
    ['file', file],
    ['meaning', row.description],
  ];
  return alignedLines(
    rows.map((each) => each.map(escapeText)),
    [false, false],
  );
}

function valueText(value: ConfigValue): string {
  if (value === null) return '(none)';
  if (typeof value === 'string') return value === '' ? '""' : value;
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}
