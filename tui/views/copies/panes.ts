/** The panes of the copies: parts with their copies, what a device would take with it, one part, the disk. Pure. */
import type { WhyDevice } from '../../../protocol/control/reports.ts';
import { formatBytes, formatCount } from '../../../protocol/text/format.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import type { Intent } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { fit, row, span } from '../../screen/span.ts';
import type { Row, Span } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import type { Theme } from '../../theme/theme.ts';
import { absent, failureRows } from '../../widgets/absent.ts';
import { factRows } from '../../widgets/facts.ts';
import { healthSpan } from '../../widgets/health.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { copiesPanes, paneOf } from './layout.ts';
import type { CopiesPane } from './layout.ts';
import { copiesOf } from './loss.ts';
import type { Loss, Part } from './loss.ts';
import { listedLosses, listedParts, selectedPart } from './slice.ts';
import type { CopiesMessage } from './slice.ts';

function picking(pane: CopiesPane, message: CopiesMessage): Intent {
  return inOrder(
    change({ type: 'focus', pane: copiesPanes.indexOf(pane) }),
    change({ type: 'view', view: 'copies', message }),
  );
}

export function partsPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const { path, parts, cut, cursor, error } = state.slices.copies;
  const items = listedParts(state);
  const known = items.filter(({ why }) => why !== undefined).length;
  const count = `${String(items.length)} ${items.length === 1 ? 'part' : 'parts'}`;
  const more = cut ? `the first ${String(items.length)}` : count;
  return listPanel({
    id: 'parts',
    rect,
    title: `/${escapeBytes(path)}`,
    note: known < items.length ? `${String(known)} of ${more}` : more,
    focused: paneOf(state) === 'parts',
    theme,
    columns: partColumns(theme),
    items,
    cursor,
    empty: emptyRows(parts, error),
    pick: (index) => picking('parts', { type: 'pick', index }),
  });
}

function emptyRows(
  parts: readonly Part[] | undefined,
  error: Parameters<typeof failureRows>[0] | undefined,
): readonly Row[] {
  if (error !== undefined) return failureRows(error);
  const text = parts === undefined ? ' waiting for the agent' : ' Nothing is here';
  return [row(span('dim', text))];
}

function partColumns(theme: Theme): readonly Column<Part>[] {
  return [
    {
      title: 'PART',
      cell: ({ name, kind }) => `${escapeBytes(name)}${kind === 'directory' ? '/' : ''}`,
    },
    {
      title: 'SIZE',
      width: 8,
      right: true,
      from: 30,
      cell: ({ why }) => (why === undefined ? '' : formatBytes(why.bytes)),
    },
    { title: 'COPIES', width: 12, cell: (part) => copiesSpan(part, theme) },
  ];
}

/** `▲ 1 of 3`, `● 2 of 3+1?`: one device has not said what it holds. */
function copiesSpan({ why }: Part, { glyphs }: Theme): Span {
  if (why === undefined) return span('dim', glyphs.ellipsis);
  const { holders, unknown, devices } = copiesOf(why);
  const rest = unknown === 0 ? '' : ` ${String(unknown)}?`;
  const text = `${String(holders)} of ${String(devices)}${rest}`;
  if (holders === 0) return span('bad', `${glyphs.broken} ${text}`);
  return holders === 1
    ? span('warn', `${glyphs.warning} ${text}`)
    : span('ok', `${glyphs.ok} ${text}`);
}

export function devicesPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const { parts, devices: cursor } = state.slices.copies;
  return listPanel({
    id: 'devices',
    rect,
    title: 'If a device died now',
    focused: paneOf(state) === 'devices',
    theme,
    columns: lossColumns(theme),
    items: listedLosses(state),
    cursor,
    empty: [
      row(span('dim', parts === undefined ? ' waiting for the agent' : ' none fits the filter')),
    ],
    pick: (index) => picking('devices', { type: 'pick-device', index }),
  });
}

function lossColumns(theme: Theme): readonly Column<Loss>[] {
  const { ok, elsewhere } = theme.glyphs;
  return [
    {
      title: 'DEVICE',
      cell: ({ name, online, self }) =>
        `${online || self ? ok : elsewhere} ${escapeText(name)}${self ? ' (this one)' : ''}`,
    },
    { title: 'WOULD BE LOST', width: 18, cell: (loss) => lossSpan(loss, theme) },
  ];
}

function lossSpan({ onlyParts, onlyBytes, unsureParts }: Loss, { glyphs }: Theme): Span {
  if (onlyParts === 0) return span('ok', `${glyphs.ok} nothing`);
  const text = `${formatBytes(onlyBytes)}, ${formatCount(onlyParts, 'part')}`;
  // Somebody who has said nothing may hold it too.
  if (unsureParts === onlyParts) return span('warn', `${glyphs.warning} ${text}?`);
  return span('bad', `${glyphs.broken} ${text}`);
}

export function partPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const part = selectedPart(state);
  const { width } = insideOf(rect);
  return {
    id: 'details',
    rect,
    title: 'Who holds it',
    focused: paneOf(state) === 'details',
    rows: part?.why === undefined ? [] : holderRows(part.why, width, theme),
    click: () => change({ type: 'focus', pane: copiesPanes.indexOf('details') }),
  };
}

function holderRows(
  why: NonNullable<Part['why']>,
  width: number,
  { glyphs }: Theme,
): readonly Row[] {
  return [
    row(' ', healthSpan(why.health, glyphs), `: ${escapeText(why.summary)}`),
    ...why.devices.map((device) =>
      row(` ${fit(escapeText(device.name), Math.max(8, Math.min(20, width - 24)))} `, held(device)),
    ),
  ];

  function held({ holds, online, self }: WhyDevice): Span {
    const away = online || self ? '' : ', offline';
    if (holds === null) return span('dim', `not known${away}`);
    return holds
      ? span('ok', `${glyphs.here} all of it${away}`)
      : span('warn', `${glyphs.partly} not all${away}`);
  }
}

export function spacePanel(state: State, rect: Rect): Panel {
  const disk = state.data.disk?.value;
  const { width } = insideOf(rect);
  const bytes = (value: number | null) => (value === null ? 'not known' : formatBytes(value));
  // A look at what nothing needs comes half a minute after the start of an agent.
  const collected = (value: number | null) =>
    value === null ? 'not counted yet' : formatBytes(value);
  const rows: readonly Row[] =
    disk === undefined
      ? absent(state.data.disk)
      : factRows(
          [
            { name: 'Stored here', value: bytes(disk.storedBytes) },
            { name: 'Needed', value: collected(disk.liveBytes) },
            { name: 'Can be freed', value: collected(disk.deadBytes) },
            { name: 'Missing', value: bytes(disk.missingBytes) },
            {
              name: 'Quota',
              value: disk.quotaBytes === null ? 'none' : bytes(disk.quotaBytes),
            },
            {
              name: 'Other devices',
              value:
                'their disks are not known here; policies, scrub and repair are not in this version',
              role: 'dim',
            },
          ],
          width,
        );
  return {
    id: 'space',
    rect,
    title: 'Space on this device',
    focused: paneOf(state) === 'space',
    rows,
    click: () => change({ type: 'focus', pane: copiesPanes.indexOf('space') }),
  };
}
