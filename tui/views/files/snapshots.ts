/** What is said of one snapshot. Pure. */
import type { SnapshotGap, SnapshotRow } from '../../../protocol/control/reports.ts';
import { formatCount } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import type { Row } from '../../screen/span.ts';
import { factRows } from '../../widgets/facts.ts';

export function snapshotRows({ name, time, author, id, gaps }: SnapshotRow, width: number): Row[] {
  return [
    ...factRows(
      [
        { name: 'Name', value: escapeText(name), role: 'strong' },
        { name: 'Taken', value: escapeText(time) },
        { name: 'By', value: escapeText(author) },
        { name: 'Id', value: id },
        ...gaps.map((gap, at) => ({
          name: at === 0 ? 'Lacks' : '',
          value: gapText(gap),
          role: 'warn' as const,
        })),
      ],
      width,
    ),
  ];
}

function gapText({ name, batches, state }: SnapshotGap): string {
  const count = `${formatCount(batches, 'batch', 'batches')} by ${escapeText(name)}`;
  return state === 'missing' ? `${count}, not here yet` : `${count}, without a key here`;
}
