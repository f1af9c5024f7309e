/** The panes of the devices: the table, one device, and who is connected with this one. Pure. */
import { formatBytes, formatCount } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { change, inOrder } from '../../keymap/intent.ts';
import { insideOf } from '../../screen/panel.ts';
import type { Panel, Rect } from '../../screen/panel.ts';
import { fit, row, span } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import type { State } from '../../state/state.ts';
import type { Theme } from '../../theme/theme.ts';
import { absent } from '../../widgets/absent.ts';
import { factRows } from '../../widgets/facts.ts';
import type { Fact } from '../../widgets/facts.ts';
import { listPanel } from '../../widgets/list-panel.ts';
import type { Column } from '../../widgets/table.ts';
import type { Frame } from '../view.ts';
import { devicesPanes, paneOf } from './layout.ts';
import { allDevices, listedDevices, selectedDevice } from './rows.ts';
import type { DeviceRow } from './rows.ts';
import { standing } from './standing.ts';

export function devicesPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  const items = listedDevices(state);
  const waiting = items.filter((each) => each.waiting !== undefined).length;
  return listPanel({
    id: 'list',
    rect,
    title: 'Devices',
    note: waiting === 0 ? String(items.length) : `${String(waiting)} to confirm`,
    focused: paneOf(state) === 'list',
    theme,
    columns: columnsFor(state, theme),
    items,
    cursor: state.slices.devices.cursor,
    empty: allDevices(state) === undefined ? absent(state.data.members) : [],
    pick: (index) =>
      inOrder(
        change({ type: 'focus', pane: 0 }),
        change({ type: 'view', view: 'devices', message: { type: 'pick', index } }),
      ),
  });
}

function columnsFor(state: State, { glyphs }: Theme): readonly Column<DeviceRow>[] {
  const rate = (bytes: number | undefined) =>
    bytes === undefined ? '' : bytes < 1 ? '0' : `${formatBytes(bytes)}/s`;
  return [
    { title: 'NAME', cell: ({ name }) => escapeText(name) },
    {
      title: 'ROLE',
      width: 6,
      from: 54,
      cell: ({ member, waiting, peer }) => member?.role ?? waiting?.role ?? peer?.role ?? '',
    },
    { title: 'STATE', width: 13, cell: (each) => standing(each, glyphs, state.nowMs) },
    {
      title: 'ADDRESS',
      width: 24,
      from: 110,
      cell: ({ peer, waiting }) => escapeText(peer?.address ?? waiting?.address ?? ''),
    },
    {
      title: 'TRIP',
      width: 7,
      from: 46,
      right: true,
      cell: ({ peer }) => tripText(peer),
    },
    { title: 'IN', width: 10, right: true, from: 74, cell: ({ rate: each }) => rate(each?.in) },
    { title: 'OUT', width: 10, right: true, from: 74, cell: ({ rate: each }) => rate(each?.out) },
    { title: 'LACKS', width: 9, right: true, cell: lacks },
  ];
}

function tripText(peer: DeviceRow['peer']): string {
  const rttMs = peer?.rttMs ?? null;
  return rttMs === null ? '' : `${String(Math.round(rttMs))} ms`;
}

/** What the other has not said that it holds, of what this device holds. */
function lacks({ member, peer }: DeviceRow) {
  if (member === undefined || member.self || member.state === 'revoked') return '';
  const behind = peer?.behindBytes ?? null;
  if (behind === null) return span('dim', '?');
  return behind === 0 ? span('ok', 'nothing') : span('warn', formatBytes(behind));
}

export function devicePanel(state: State, rect: Rect): Panel {
  const device = selectedDevice(state);
  return {
    id: 'details',
    rect,
    title: device === undefined ? 'Details' : escapeText(device.name),
    focused: paneOf(state) === 'details',
    rows: device === undefined ? [] : factRows(factsOf(device), insideOf(rect).width),
    click: () => change({ type: 'focus', pane: devicesPanes.indexOf('details') }),
  };
}

function factsOf(device: DeviceRow): readonly Fact[] {
  const { member, peer, waiting } = device;
  const text = (value: string | null | undefined) =>
    typeof value === 'string' ? escapeText(value) : undefined;
  if (waiting !== undefined) {
    return [
      {
        name: 'Waits',
        value: 'to be confirmed: compare the words with those it shows',
        role: 'warn',
      },
      { name: 'Words', value: text(waiting.fingerprint), role: 'strong' },
      { name: 'Wants to be', value: waiting.role },
      { name: 'From', value: text(waiting.address) },
      { name: 'Until', value: text(waiting.expires) },
      { name: 'Device', value: text(waiting.deviceId) },
    ];
  }
  const addresses = peer?.addresses.map(escapeText).join(', ');
  return [
    ...(peer?.reasons ?? []).flatMap(({ message, next }): Fact[] => [
      { name: 'Why', value: escapeText(message), role: 'warn' },
      { name: '', value: next === undefined ? undefined : `try: ${escapeText(next)}`, role: 'dim' },
    ]),
    { name: 'Role', value: roleText(device) },
    { name: 'Words', value: text(member?.fingerprint) },
    { name: 'Addresses', value: addresses === '' ? undefined : addresses },
    { name: 'Last seen', value: member?.self === true ? undefined : text(peer?.lastSeen) },
    { name: 'Program', value: text(peer?.agent) },
    { name: 'Moved', value: movedText(device) },
    { name: 'Admitted by', value: text(member?.addedBy) },
    { name: 'Sent away', value: text(member?.revokedAt) },
    { name: 'Device', value: text(member?.deviceId) },
  ];
}

function roleText({ member }: DeviceRow): string | undefined {
  if (member === undefined) return undefined;
  return [member.role, member.owner ? 'owner' : '', member.self ? 'this device' : '']
    .filter((word) => word !== '')
    .join(', ');
}

function movedText({ peer }: DeviceRow): string | undefined {
  if (peer?.online !== true) return undefined;
  return `${formatBytes(peer.bytesIn)} in, ${formatBytes(peer.bytesOut)} out since it connected`;
}

/** What this device knows: its own connections, and no others. */
export function topologyPanel(state: State, rect: Rect, { theme }: Frame): Panel {
  return {
    id: 'topology',
    rect,
    title: 'Connections',
    focused: paneOf(state) === 'topology',
    rows: topologyRows(state, insideOf(rect), theme),
    click: () => change({ type: 'focus', pane: devicesPanes.indexOf('topology') }),
  };
}

function topologyRows(state: State, { width, height }: Rect, { glyphs }: Theme): readonly Row[] {
  const devices = (allDevices(state) ?? []).filter(({ member }) => member?.state !== 'revoked');
  const self = devices.find(({ member }) => member?.self === true);
  const others = devices.filter((each) => each !== self);
  const shown = others.length + 1 > height ? others.slice(0, height - 2) : others;
  const hidden = others.length - shown.length;
  const { vertical, horizontal, corners } = glyphs;
  return [
    row(span('strong', ` ${glyphs.ok} ${escapeText(self?.name ?? 'this device')}`)),
    ...shown.map((device, at) => {
      const last = at === shown.length - 1 && hidden === 0;
      const on = device.peer?.online === true;
      const line = on ? horizontal.repeat(3) : `${glyphs.separator} ${glyphs.separator}`;
      const name = fit(escapeText(device.name), Math.max(4, width - 24));
      const how = standing(device, glyphs, state.nowMs);
      return row(
        span(on ? 'ok' : 'dim', ` ${last ? corners[2] : vertical}${line} `),
        name,
        ' ',
        how,
        span('dim', ` ${tripText(device.peer)}`),
      );
    }),
    ...(hidden === 0 ? [] : [row(span('dim', ` and ${formatCount(hidden, 'device')} more`))]),
  ];
}
