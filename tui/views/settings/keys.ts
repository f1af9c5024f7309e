/** Epochs and member keys as one list, and what is known of each. Pure. */
import type {
  EpochRow,
  KeysReport,
  MemberKeyRow,
} from '../../../protocol/control/member-reports.ts';
import { formatCount } from '../../../protocol/text/format.ts';
import { escapeText } from '../../../protocol/text/escape.ts';
import { fitting } from '../../state/filtered.ts';
import type { State } from '../../state/state.ts';
import { paneOf } from './layout.ts';
import type { Fact } from '../../widgets/facts.ts';

export type KeyRow =
  | { readonly type: 'epoch'; readonly epoch: EpochRow }
  | { readonly type: 'member'; readonly key: MemberKeyRow };

/** The same array for the same report. */
const known = new WeakMap<KeysReport, readonly KeyRow[]>();

/** The newest epoch first, then the member keys. */
export function listedKeys(state: State): readonly KeyRow[] {
  const report = state.data.keys?.value;
  if (report === undefined) return [];
  const rows = known.get(report) ?? rowsOf(report);
  known.set(report, rows);
  if (paneOf(state) !== 'keys') return rows;
  return fitting(state.filters.settings ?? '', rows, (row) =>
    [keyName(row), ...holdersOf(row), ...formerOf(row)].join(' '),
  );
}

function rowsOf({ epochs, memberKeys }: KeysReport): readonly KeyRow[] {
  return [
    ...epochs.map((epoch) => ({ type: 'epoch', epoch }) as const),
    ...memberKeys.map((key) => ({ type: 'member', key }) as const),
  ];
}

export function selectedKey(state: State): KeyRow | undefined {
  return listedKeys(state)[state.slices.settings.keys.index];
}

/** Unique in the list. */
export function keyRowId(row: KeyRow): string {
  return row.type === 'epoch' ? row.epoch.epoch : `member:${String(row.key.generation)}`;
}

export function keyName(row: KeyRow): string {
  return row.type === 'epoch'
    ? `epoch ${row.epoch.epoch.slice(0, 8)}`
    : `member key ${String(row.key.generation)}`;
}

export function isInUse(row: KeyRow): boolean {
  return row.type === 'epoch' ? row.epoch.current : row.key.current;
}

export function isReadable(row: KeyRow): boolean {
  return row.type === 'epoch' ? row.epoch.readable : row.key.readable;
}

/** Names of devices that it is sealed to. */
export function holdersOf(row: KeyRow): readonly string[] {
  return row.type === 'epoch' ? row.epoch.readers : row.key.devices;
}

/** And of those that may not read any more. */
function formerOf(row: KeyRow): readonly string[] {
  return row.type === 'epoch' ? row.epoch.formerReaders : row.key.formerDevices;
}

export function keyFacts(row: KeyRow): readonly Fact[] {
  const names = (all: readonly string[]) => all.map(escapeText).join(', ');
  const former = formerOf(row);
  return [
    { name: 'Key', value: keyName(row), role: 'strong' },
    {
      name: 'For',
      value:
        row.type === 'epoch'
          ? 'the names and the content of what is written'
          : 'the devices of the vault, to know each other before they speak',
    },
    { name: 'In use', value: isInUse(row) ? 'yes: what is written now has it' : 'only to read' },
    {
      name: 'Here',
      value: isReadable(row) ? 'yes' : 'no: what it sealed cannot be read here',
      role: isReadable(row) ? 'text' : 'warn',
    },
    { name: 'Sealed to', value: names(holdersOf(row)) },
    {
      name: 'And to',
      value: former.length === 0 ? undefined : `${names(former)}, who may not read any more`,
      role: 'warn',
    },
    ...(row.type === 'epoch' ? epochFacts(row.epoch) : []),
  ];
}

function epochFacts({ epoch, since, openedBy, parents }: EpochRow): readonly Fact[] {
  return [
    { name: 'Since', value: since === null ? undefined : escapeText(since) },
    { name: 'Opened by', value: openedBy === null ? "the owner's key" : escapeText(openedBy) },
    {
      name: 'After',
      value: parents.length === 0 ? undefined : formatCount(parents.length, 'epoch'),
    },
    { name: 'Epoch', value: epoch },
  ];
}
