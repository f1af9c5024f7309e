/** One row as text for people. Pure. */
import { formatNumber, median, type Measured, type Verdict } from './judge.ts';
import { ours, type Row } from './row.ts';

export interface RowResult {
  readonly row: Pick<Row, 'name' | 'title' | 'unit'>;
  readonly measured: readonly Measured[];
  readonly verdicts: readonly Verdict[];
}

export function formatResult({ row, measured, verdicts }: RowResult): string {
  const lines = [`${row.name}: ${row.title}`, ...formatTable(row.unit, measured)];
  for (const { name, absence } of measured) {
    if (absence !== undefined) lines.push(`  ${name} did not take part: ${absence}`);
  }
  for (const { level, result, text } of verdicts) {
    lines.push(`  ${result.padEnd(5)}  ${level === 'must' ? '' : 'goal: '}${text}`);
  }
  return lines.join('\n');
}

function formatTable(unit: string, measured: readonly Measured[]): string[] {
  const own = measured.find(({ name }) => name === ours)?.values ?? [];
  const cells = measured
    .filter(({ values }) => values.length > 0)
    .map(({ name, values }) => [
      name,
      formatNumber(median(values)),
      unit,
      `${formatNumber(Math.min(...values))} to ${formatNumber(Math.max(...values))}`,
      name === ours || own.length === 0 ? '' : `ours ${(median(own) / median(values)).toFixed(2)}x`,
    ]);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(0, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) => {
    const padded = row.map((text, column) =>
      column === 1 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  });
}
