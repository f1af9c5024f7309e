/** What the copies remember: the directory that is shown, its parts, and where the lists stand. Pure. */
import { geometryOf } from '../../screen/geometry.ts';
import type { WhyReport } from '../../../protocol/control/reports.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { filtered } from '../../state/filtered.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { Failure } from '../../state/resources.ts';
import type { State } from '../../state/state.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf, paneOf } from './layout.ts';
import { lossesOf } from './loss.ts';
import type { Loss, Part } from './loss.ts';

export interface CopiesSlice {
  /** Names joined by `/`; empty: the root. */
  readonly path: Buffer;
  /** undefined: they have not come yet. */
  readonly parts: readonly Part[] | undefined;
  /** There are more than are looked at. */
  readonly cut: boolean;
  readonly error: Failure | undefined;
  readonly cursor: ListCursor;
  readonly devices: ListCursor;
}

/** Answers of the agent name the directory that they are about: another one may be shown by then. */
export type CopiesMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'pick-device'; readonly index: number }
  | { readonly type: 'open'; readonly path: Buffer }
  | {
      readonly type: 'parts';
      readonly path: Buffer;
      readonly parts: readonly Part[];
      readonly cut: boolean;
    }
  | {
      readonly type: 'why';
      readonly path: Buffer;
      readonly name: Buffer;
      readonly why: WhyReport;
    }
  | { readonly type: 'failed'; readonly path: Buffer; readonly error: Failure };

const root = Buffer.alloc(0);

export const initialCopies: CopiesSlice = {
  path: root,
  parts: undefined,
  cut: false,
  error: undefined,
  cursor: atStart,
  devices: atStart,
};

export function reduceCopies(
  slice: CopiesSlice,
  message: CopiesMessage,
  { state }: ReduceContext,
): CopiesSlice {
  switch (message.type) {
    case 'move':
      return paneOf(state) === 'devices'
        ? { ...slice, devices: moved(slice.devices, message, devicesShape(state, slice)) }
        : withCursor(slice, moved(slice.cursor, message, partsShape(state, slice)));
    case 'pick':
      return withCursor(slice, placed(slice.cursor, message.index, partsShape(state, slice)));
    case 'pick-device':
      return {
        ...slice,
        devices: placed(slice.devices, message.index, devicesShape(state, slice)),
      };
    case 'open':
      return { ...initialCopies, path: message.path, devices: slice.devices };
    case 'parts':
      return message.path.equals(slice.path) ? withParts(slice, message, state) : slice;
    case 'why':
      return message.path.equals(slice.path) ? withWhy(slice, message) : slice;
    case 'failed':
      return message.path.equals(slice.path) ? { ...slice, error: message.error } : slice;
  }
}

/** What was known of a part counts until it is looked at anew. */
function withParts(
  slice: CopiesSlice,
  message: Extract<CopiesMessage, { type: 'parts' }>,
  state: State,
): CopiesSlice {
  const before = new Map(slice.parts?.map((part) => [part.name.toString('latin1'), part.why]));
  const parts = message.parts.map((part) => ({
    ...part,
    why: before.get(part.name.toString('latin1')),
  }));
  const next = { ...slice, parts, cut: message.cut, error: undefined };
  return withCursor(next, anchored(slice.cursor, partsShape(state, next)));
}

function withWhy(
  slice: CopiesSlice,
  { name, why }: Extract<CopiesMessage, { type: 'why' }>,
): CopiesSlice {
  const parts = slice.parts?.map((part) => (part.name.equals(name) ? { ...part, why } : part));
  return { ...slice, parts };
}

export function observeCopies(slice: CopiesSlice, { state }: ReduceContext): CopiesSlice {
  const next = withCursor(slice, anchored(slice.cursor, partsShape(state, slice)));
  const devices = anchored(next.devices, devicesShape(state, next));
  return devices === next.devices ? next : { ...next, devices };
}

/** The filter counts for the list that has the focus, and for the parts when neither has. */
export function listedParts(state: State, slice = state.slices.copies): readonly Part[] {
  if (paneOf(state) === 'devices') return slice.parts ?? [];
  return filtered(state, 'copies', slice.parts ?? [], ({ name }) => escapeBytes(name));
}

export function listedLosses(state: State, slice = state.slices.copies): readonly Loss[] {
  const losses = lossesOf(slice.parts ?? []);
  if (paneOf(state) !== 'devices') return losses;
  return filtered(state, 'copies', losses, ({ name, role, online }) =>
    [escapeText(name), role, online ? 'online' : 'offline'].join(' '),
  );
}

export function selectedPart(state: State): Part | undefined {
  return listedParts(state)[state.slices.copies.cursor.index];
}

/** The path of a part of the shown directory. */
export function pathOf({ path }: CopiesSlice, { name }: Part): Buffer {
  return path.length === 0 ? name : Buffer.concat([path, Buffer.from('/'), name]);
}

/** The directory above; undefined: this is the root. */
export function above(path: Buffer): Buffer | undefined {
  if (path.length === 0) return undefined;
  return path.subarray(0, Math.max(0, path.lastIndexOf('/')));
}

function partsShape(state: State, slice: CopiesSlice): ListShape {
  const parts = listedParts(state, slice);
  const { parts: rect } = layoutOf(state, geometryOf(state.size).body);
  return {
    count: parts.length,
    height: rect === undefined ? 1 : listHeight(rect),
    keyAt: (index) => parts[index]?.name.toString('latin1'),
  };
}

function devicesShape(state: State, slice: CopiesSlice): ListShape {
  const losses = listedLosses(state, slice);
  const { devices: rect } = layoutOf(state, geometryOf(state.size).body);
  return {
    count: losses.length,
    height: rect === undefined ? 1 : listHeight(rect),
    keyAt: (index) => losses[index]?.deviceId,
  };
}
