/** `vault journal list` and `journal choose`: how far journals count, and which branch of a forked one. */
import type { BranchRow, JournalRow, JournalState } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';
import { tableLines } from '../output/table.ts';
import { usageError } from '../parse/command-line.ts';

export const journalList: Handler = async ({ output, client }) => {
  const rows = await (await client()).journals();
  if (output.json) output.value(rows);
  else output.lines(journalLines(rows));
  return 0;
};

export const journalChoose: Handler = async ({ line, output, client }) => {
  const [journal = '', number = '', hash = ''] = line.operands;
  if (!/^[1-9]\d{0,14}$/.test(number)) {
    throw usageError(line.command, number, 'the number of a batch is needed, as 17');
  }
  if (!/^[0-9a-f]{4,64}$/i.test(hash)) {
    throw usageError(line.command, hash, 'the hash of a batch is needed, or its first digits');
  }
  const row = await (await client()).journalChoose({ journal, sequence: Number(number), hash });
  if (output.json) output.value(row);
  else output.note(escapeText(`${row.journal} of ${row.device}: ${stateText(row)}`));
  return 0;
};

/** The rows for people. */
export function journalLines(rows: readonly JournalRow[]): string[] {
  const table = tableLines(
    [
      { title: 'JOURNAL' },
      { title: 'DEVICE' },
      { title: 'BATCHES', right: true },
      { title: 'COUNT', right: true },
      { title: 'HIDDEN', right: true },
      { title: 'STATE' },
    ],
    rows.map((row) =>
      [
        row.journal,
        row.device,
        String(row.sequence),
        String(row.counts),
        String(row.hidden),
        row.writing ? `${stateText(row)}, written here` : stateText(row),
      ].map(escapeText),
    ),
  );
  return [...table, ...rows.flatMap(branchLines)];
}

function stateText({ state, forkedAt }: JournalRow): string {
  const texts: Readonly<Record<JournalState, string>> = {
    counts: 'counts',
    forked: `forked at ${String(forkedAt ?? 0)}`,
    elsewhere: 'the branch that counts is on its way',
    'cut-off': 'cut off: its device was sent away',
    'no-right': 'its device may not write',
    damaged: 'counts; it lost something on this device',
  };
  return texts[state];
}

function branchLines(row: JournalRow): string[] {
  if (row.branches.length === 0) return [];
  const lines = row.branches.map(
    (branch) => `  ${String(branch.sequence)} ${branch.hash}  ${branchText(branch)}`,
  );
  const next =
    row.forkedAt === null
      ? []
      : [`  next: vault journal choose ${row.journal} ${String(row.forkedAt)} HASH`];
  return ['', `${row.journal} of ${row.device} forked:`, ...lines, ...next].map(escapeText);
}

function branchText(branch: BranchRow): string {
  const { sequence, here, last, written, counts, reissued, chosen } = branch;
  const where = here
    ? `here up to ${String(last ?? sequence)}`
    : 'only proven: the branch is not on this device';
  const standing = counts ? ', counts' : '';
  const when = written === null ? '' : `, written ${written.slice(0, 16).replace('T', ' ')} UTC`;
  const again = reissued ? ', issued again elsewhere' : '';
  return `${where}${when}${standing}${again}${chosen ? ', named by an admin' : ''}`;
}
