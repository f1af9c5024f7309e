/** What the transfers view remembers: what is selected, and how fast each one was. Pure. */
import type { TransferRow } from '../../../protocol/control/reports.ts';
import type { PiecesReport } from '../../../protocol/control/transfer-reports.ts';
import { filtered } from '../../state/filtered.ts';
import { anchored, atStart, moved, placed, withCursor } from '../../state/list-cursor.ts';
import type { ListCursor, ListShape, Move } from '../../state/list-cursor.ts';
import { samplesMax } from '../../state/series.ts';
import type { State } from '../../state/state.ts';
import type { ReduceContext } from '../view.ts';
import { listHeight } from '../../widgets/list-panel.ts';
import { layoutOf } from './layout.ts';

export interface TransfersSlice {
  readonly cursor: ListCursor;
  /** Bytes a second by transfer, a sample for each report, the latest last. */
  readonly rates: ReadonlyMap<string, readonly number[]>;
  /** The report that the last samples are of. */
  readonly sampled: readonly TransferRow[] | undefined;
  /** Of the file of the transfer with this id. */
  readonly pieces: { readonly id: string; readonly report: PiecesReport } | undefined;
}

export type TransfersMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'pieces'; readonly id: string; readonly report: PiecesReport };

export const initialTransfers: TransfersSlice = {
  cursor: atStart,
  rates: new Map(),
  sampled: undefined,
  pieces: undefined,
};

/** What runs first, then what waits, then what is over; as the filter allows. */
export function shownTransfers(state: State): readonly TransferRow[] {
  const rows = state.data.transfers?.value ?? [];
  return filtered(state, 'transfers', rows, searchedText).toSorted(
    (left, right) => ranks[left.state] - ranks[right.state],
  );
}

function searchedText({ path, peer, kind, state }: TransferRow): string {
  return [path, peer, kind, state].join(' ');
}

const ranks = { running: 0, stalled: 1, waiting: 2, paused: 3, failed: 4, done: 5 } as const;

export function selectedTransfer(state: State): TransferRow | undefined {
  return shownTransfers(state)[state.slices.transfers.cursor.index];
}

export function reduceTransfers(
  slice: TransfersSlice,
  message: TransfersMessage,
  context: ReduceContext,
): TransfersSlice {
  if (message.type === 'pieces') {
    return { ...slice, pieces: { id: message.id, report: message.report } };
  }
  const shape = shapeOf(context);
  const cursor =
    message.type === 'move'
      ? moved(slice.cursor, message, shape)
      : placed(slice.cursor, message.index, shape);
  return withCursor(slice, cursor);
}

export function observeTransfers(slice: TransfersSlice, context: ReduceContext): TransfersSlice {
  const cursor = anchored(slice.cursor, shapeOf(context));
  const report = context.state.data.transfers?.value;
  if (report === slice.sampled) return withCursor(slice, cursor);
  const rates = (report ?? []).map(({ id, bytesPerSecond }): [string, readonly number[]] => {
    const before = slice.rates.get(id) ?? [];
    return [id, [...before.slice(-(samplesMax - 1)), bytesPerSecond]];
  });
  return { ...slice, cursor, rates: new Map(rates), sampled: report };
}

function shapeOf({ state, rect }: ReduceContext): ListShape {
  const rows = shownTransfers(state);
  const list = layoutOf(state, rect).list ?? rect;
  return {
    count: rows.length,
    height: listHeight(list),
    keyAt: (index) => rows[index]?.id,
  };
}
