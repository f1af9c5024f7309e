/** What is opened to be read: a text, a difference, an explanation. */
import type { WhyDevice, WhyReport } from '../../../protocol/control/reports.ts';
import type { LogRow } from '../../../protocol/messages/control-history.ts';
import { formatBytes, formatCount } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import type { ActionIo, Outcome } from '../../keymap/action.ts';
import { row, span, wrap } from '../../screen/span.ts';
import type { Row, Span } from '../../screen/span.ts';
import { readText } from './contents.ts';
import type { ContentPlace } from './contents.ts';
import { unifiedRows } from './diff.ts';
import { pathText } from './paths.ts';
import { textLines } from './preview.ts';

function open(io: ActionIo, title: string, rows: readonly Row[]): undefined {
  io.dispatch({ type: 'open-modal', modal: { type: 'document', title, rows, top: 0 } });
  return undefined;
}

/** Cells of a line in a document on this screen. */
function widthOf(io: ActionIo): number {
  return Math.max(20, Math.min(io.state().size.columns - 2, 120) - 4);
}

export async function showText(
  io: ActionIo,
  place: ContentPlace & { readonly size: number },
): Promise<Outcome> {
  const title = pathText(place.path);
  const text = await io.task(`Reading ${title}`, ({ client }) => readText(client, place));
  const width = widthOf(io);
  const lines = textLines(text).flatMap((line) => (line === '' ? [''] : wrap(line, width)));
  return open(
    io,
    title,
    lines.length === 0 ? [row(span('dim', ' empty'))] : lines.map((line) => row(` ${line}`)),
  );
}

export async function showDiff(io: ActionIo, before: LogRow, after: LogRow): Promise<Outcome> {
  const title = `${pathText(after.path)}  ${short(before)} -> ${short(after)}`;
  const texts = await io.task('Comparing', ({ client }) =>
    Promise.all(
      [before, after].map(({ path, version, size }) => readText(client, { path, version, size })),
    ),
  );
  return open(io, title, unifiedRows(texts[0] ?? '', texts[1] ?? ''));
}

function short({ version = '' }: LogRow): string {
  return version.slice(0, 8);
}

export async function showWhy(io: ActionIo, path: Buffer): Promise<Outcome> {
  const why = await io.task('Asking why', ({ client }) => client.why({ path }));
  return open(io, `Why: ${pathText(path)}`, whyRows(why, widthOf(io)));
}

function whyRows(why: WhyReport, width: number): readonly Row[] {
  const role = why.health === 'ok' ? 'ok' : 'warn';
  const wrapped = (text: string, indent: string, part: Span['role'] = 'text') =>
    wrap(text, width - indent.length).map((line) => row(span(part, indent + line)));
  const reasons = why.reasons.flatMap((reason) => [
    ...wrapped(escapeText(reason.message), ' '),
    ...(reason.next === undefined ? [] : wrapped(`try: ${escapeText(reason.next)}`, '   ', 'dim')),
  ]);
  const missing =
    why.missingChunks === 0
      ? 'all of it is on this device'
      : `${formatCount(why.missingChunks, 'chunk')} (${formatBytes(why.missingBytes)}) not on this device`;
  return [
    ...wrapped(escapeText(why.summary), ' ', role),
    [],
    ...reasons,
    ...(reasons.length === 0 ? [] : [[]]),
    row(` ${formatCount(why.files, 'file')}, ${formatBytes(why.bytes)}; ${missing}`),
    ...why.conflicts.map(({ path, author }) =>
      row(
        span(
          'warn',
          ` in conflict with ${escapeText(path)} by ${escapeText(author ?? 'somebody')}`,
        ),
      ),
    ),
    [],
    row(span('dim', ' device                online   knows it   holds it')),
    ...why.devices.map(deviceRow),
  ];
}

function deviceRow(device: WhyDevice): Row {
  const { name, self, online, seen, holds } = device;
  const word = (value: boolean | null): Span =>
    value === null
      ? span('dim', 'not known'.padEnd(11))
      : span(value ? 'ok' : 'warn', (value ? 'yes' : 'no').padEnd(11));
  const state = self ? 'here' : online ? 'yes' : 'no';
  return row(` ${escapeText(name).padEnd(22)}${state.padEnd(9)}`, word(seen), word(holds));
}
