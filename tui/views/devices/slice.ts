/** What the devices remember: which one is selected, and the latest ticket. Pure. */
import type { InviteReport } from '../../../protocol/control/reports.ts';
import { geometryOf } from '../../screen/geometry.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import type { ReduceContext } from '../view.ts';
import { layoutOf } from './layout.ts';
import { listedDevices } from './rows.ts';

export interface DevicesSlice {
  readonly cursor: ListCursor;
  /** Made here; it is a secret until it is used. */
  readonly ticket?: InviteReport | undefined;
}

export type DevicesMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'ticket'; readonly ticket: InviteReport };

export const initialDevices: DevicesSlice = { cursor: atStart };

export function reduceDevices(
  slice: DevicesSlice,
  message: DevicesMessage,
  { state }: ReduceContext,
): DevicesSlice {
  switch (message.type) {
    case 'move':
      return withCursor(slice, moved(slice.cursor, message, shapeOf(state)));
    case 'pick':
      return withCursor(slice, placed(slice.cursor, message.index, shapeOf(state)));
    case 'ticket':
      return { ...slice, ticket: message.ticket };
  }
}

export function observeDevices(slice: DevicesSlice, { state }: ReduceContext): DevicesSlice {
  return withCursor(slice, anchored(slice.cursor, shapeOf(state)));
}

function shapeOf(state: State): ListShape {
  const rows = listedDevices(state);
  const { list } = layoutOf(state, geometryOf(state.size).body);
  return {
    count: rows.length,
    height: list === undefined ? 1 : listHeight(list),
    keyAt: (index) => rows[index]?.key,
  };
}
