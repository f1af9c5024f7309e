/** The panes of the overview as rows. Pure. */
import type { EventRecord, Reason } from '../../../protocol/control/reports.ts';
import { formatBytes, formatCount, formatDuration } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { fit, row, span, wrap } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import type { Resources, Datum } from '../../state/resources.ts';
import type { State } from '../../state/state.ts';
import type { Role, Theme } from '../../theme/theme.ts';
import { unreadNotes } from '../activity/notes.ts';
import { shownEvents, shownReasons } from './slice.ts';
import { absent } from '../../widgets/absent.ts';
import { lineChartRows } from '../../widgets/contrib-chart.ts';
import { healthSpan } from '../../widgets/health.ts';
import { meter, percent } from '../../widgets/meter.ts';
import { graphLines, scaleOf } from '../../widgets/sparkline.ts';
import type { GraphSize } from '../../widgets/sparkline.ts';

export interface Look {
  readonly theme: Theme;
  readonly width: number;
  readonly height: number;
}

export function healthRows(state: State, { theme, width }: Look): readonly Row[] {
  const status = state.data.status?.value;
  if (status === undefined) return absent(state.data.status);
  const { health } = status;
  const reasons = shownReasons(state);
  // What is worst is said whatever the filter.
  const worst = status.reasons[0];
  const unread = unreadNotes(state);
  const sentence =
    worst === undefined ? (unread === 0 ? 'nothing needs you' : '') : escapeText(worst.message);
  const head = row(' ', healthSpan(health, theme.glyphs), sentence === '' ? '' : `: ${sentence}`);
  const cursor = state.slices.overview.reasons;
  return [
    head,
    [],
    ...unreadRows(unread, width),
    ...reasons.flatMap((reason, index) =>
      reasonRows(reason, { theme, width, selected: index === cursor.index }),
    ),
  ];
}

/** The agent does not know what somebody has read: this console does. */
function unreadRows(count: number, width: number): readonly Row[] {
  if (count === 0) return [];
  const text = `${formatCount(count, 'note')} of another device not read yet: 6 shows what is new`;
  return wrap(text, width - 4).map((line) => row('   ', span('accent', line)));
}

function reasonRows(
  reason: Reason,
  { theme, width, selected }: { theme: Theme; width: number; selected: boolean },
): readonly Row[] {
  const { message, next, secondsLeft } = reason;
  const left = secondsLeft === undefined ? '' : ` (${formatDuration(secondsLeft)} left)`;
  const lines = wrap(escapeText(message) + left, width - 4);
  const sign = selected ? theme.glyphs.pointer : ' ';
  const steps = next === undefined ? [] : wrap(`try: ${escapeText(next)}`, width - 6);
  return [
    ...lines.map((line, at) => row(at === 0 ? `${sign}${theme.glyphs.warning} ` : '   ', line)),
    ...steps.map((line) => row(span('dim', `     ${line}`))),
  ];
}

export function vaultRows(state: State, look: Look): readonly Row[] {
  const status = state.data.status?.value;
  if (status === undefined) return absent(state.data.status);
  const label = (text: string) => span('dim', fit(` ${text}`, 14));
  return [
    row(label('Contents'), formatBytes(status.bytes), contents(status)),
    row(label('On this disk'), formatBytes(status.storedBytes)),
    ...diskRows(state.data.disk, label('Disk'), look),
    ...(status.memoryBytes === undefined
      ? []
      : [row(label('Memory'), formatBytes(status.memoryBytes), span('dim', ' of the agent'))]),
    row(label('Complete on'), ...completeOn(state)),
    row(label('Lacking here'), lacking(status)),
    ...status.mounts.map(({ path, state: mounted }) =>
      row(label('Mount'), `${escapeText(path)} (${mounted})`),
    ),
    row(label('Agent'), `${escapeText(status.version)} since ${localTime(status.startedAt)}`),
    row(label('Listens at'), escapeText(status.listen)),
  ];
}

function contents(status: Resources['status']): string {
  const { files, directories } = status;
  return ` in ${formatCount(files, 'file')}, ${formatCount(directories, 'directory', 'directories')}`;
}

function lacking({ behindBytes, behindOps }: Resources['status']): string {
  if (behindBytes === 0 && behindOps === 0) return 'nothing';
  return `${formatBytes(behindBytes)}, ${formatCount(behindOps, 'change')}`;
}

function diskRows(
  datum: Datum<Resources['disk']> | undefined,
  label: ReturnType<typeof span>,
  { theme, width }: Look,
): readonly Row[] {
  const disk = datum?.value;
  if (disk === undefined) return [];
  const { diskFreeBytes: free, diskTotalBytes: total, diskReservedBytes: reserved } = disk;
  if (total === null || total === 0) {
    return [row(label, span(free <= reserved ? 'bad' : 'text', `${formatBytes(free)} free`))];
  }
  const used = 1 - free / total;
  const role: Role = free <= reserved ? 'bad' : used > 0.9 ? 'warn' : 'ok';
  const bar = meter(used, { width: Math.max(4, Math.min(20, width - 40)), theme, role });
  return [row(label, ...bar, ` ${percent(used)} used, ${formatBytes(free)} free`)];
}

/** How many of the devices have said that they hold everything: what stands against a loss. */
function completeOn(state: State): readonly (string | ReturnType<typeof span>)[] {
  const { status, peers } = state.data;
  if (status?.value === undefined || peers?.value === undefined) return [span('dim', 'not known')];
  const devices = peers.value.filter(({ deviceId }) => deviceId !== null);
  const complete = devices.filter(({ behindBytes }) => behindBytes === 0).length;
  const silent = devices.filter(({ behindBytes }) => behindBytes === null).length;
  const self = status.value.behindBytes === 0 && status.value.behindOps === 0 ? 1 : 0;
  const count = complete + self;
  const role: Role = count > 1 ? 'ok' : 'warn';
  const unknown = silent === 0 ? '' : ` (${String(silent)} not heard from)`;
  const text = `${String(count)} of ${formatCount(devices.length + 1, 'device')}`;
  return [span(role, text), span('dim', unknown)];
}

function localTime(timestamp: string): string {
  return timestamp.slice(0, 16).replace('T', ' ');
}

/** Least upper end of the scale: below it differences mean nothing. */
const leastScale = 1024;

export function throughputRows(state: State, look: Look): readonly Row[] {
  if (state.data.peers?.value === undefined) return absent(state.data.peers);
  const { in: inward, out: outward } = state.series;
  const { theme } = look;
  const scale = scaleOf([...inward, ...outward], leastScale);
  const rate = (samples: readonly number[]) => `${formatBytes(samples.at(-1) ?? 0)}/s`;
  const head = row(
    span('in', ` ${theme.glyphs.down} in ${fit(rate(inward), 10)}`),
    span('out', `${theme.glyphs.up} out ${fit(rate(outward), 10)}`),
    span('dim', look.width < 50 ? '' : `scale to ${formatBytes(scale)}/s`),
  );
  const size = { width: look.width, height: look.height - 1 };
  return [head, ...graphRows(state, scale, size, theme)];
}

function graphRows(state: State, scale: number, size: GraphSize, theme: Theme): readonly Row[] {
  const { in: inward, out: outward } = state.series;
  if (theme.glyphs.name === 'plain') return [];
  const roomy = theme.glyphs.name === 'braille' && size.width >= 60 && size.height >= 12;
  if (roomy && inward.length > 1) {
    const unit = unitOf(scale);
    const shown = Math.min(120, inward.length);
    const values = (samples: readonly number[]) =>
      samples.slice(-shown).map((value) => value / unit.bytes);
    const labels = values(inward).map((_, at) => `-${String(shown - 1 - at)}`);
    const series = [
      { values: values(inward), role: 'in' },
      { values: values(outward), role: 'out' },
    ] as const;
    const rows = lineChartRows({ series, labels, highest: scale / unit.bytes }, size);
    return [...rows.slice(0, -1), row(span('dim', ` ${unit.name}/s over samples of a second`))];
  }
  const upper = Math.ceil(size.height / 2);
  const { name } = theme.glyphs;
  const graph = (samples: readonly number[], height: number, role: Role) =>
    graphLines(samples, scale, { width: size.width, height }, name).map((line) =>
      row(span(role, line)),
    );
  return [...graph(inward, upper, 'in'), ...graph(outward, size.height - upper, 'out')];
}

function unitOf(scale: number): { readonly bytes: number; readonly name: string } {
  if (scale >= 2 ** 30) return { bytes: 2 ** 30, name: 'GiB' };
  return scale >= 2 ** 20 ? { bytes: 2 ** 20, name: 'MiB' } : { bytes: 1024, name: 'KiB' };
}

export function activityRows(state: State, { theme, height, width }: Look): readonly Row[] {
  const events = shownEvents(state);
  // A filter may have left fewer than there were when somebody went up.
  const up = Math.min(state.slices.overview.activityUp, Math.max(0, events.length - height));
  const end = events.length - up;
  const shown = events.slice(Math.max(0, end - height), end);
  if (shown.length === 0) {
    const text = state.events.length === 0 ? 'nothing has happened yet' : 'nothing fits the filter';
    return [row(span('dim', ` ${text}`))];
  }
  return shown.map((event) => eventRow(event, width, theme));
}

const levelRoles = { info: 'text', warning: 'warn', error: 'bad' } as const;

function eventRow(event: EventRecord, width: number, theme: Theme): Row {
  const role = levelRoles[event.level ?? 'info'];
  const time = span('dim', ` ${event.time.slice(11, 19)} `);
  const sign = { info: ' ', warning: theme.glyphs.warning, error: theme.glyphs.broken };
  const text = `${sign[event.level ?? 'info']} ${escapeText(event.message)}`;
  return row(time, span(role, fit(text, width - 10, theme.glyphs)));
}
