/**
 * A batch, taken apart into the rows of the index. Pure, and quick: every operation of the vault goes
 * through here while somebody may be waiting for another thing.
 */
import type { NodeId } from '../../protocol/ids.ts';
import type { Op } from '../../protocol/messages/op.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { IndexChange } from '../ports.ts';
import {
  arrivalKey,
  departureKey,
  encodeArrivals,
  encodeDepartures,
  nodeRowBytes,
  writeNodeKey,
  type ArrivalItem,
  type DepartureItem,
} from './rows.ts';

const nothing = Buffer.alloc(0);

/**
 * Adds the rows of `batch` to `rows`.
 * @param journal the number that its journal has in the index
 */
export function collectRows(rows: IndexChange[], batch: OpenedBatch, journal: number): void {
  const { ops, stamp } = batch.body;
  const { sequence } = batch.header;
  const { wallMs } = stamp;
  // One piece of memory for all keys: most operations are about one node.
  let keys = Buffer.allocUnsafe(ops.length * nodeRowBytes);
  const arrivals = new Map<NodeId, ArrivalItem[]>();
  const departures: DepartureItem[] = [];
  const note = (node: NodeId, index: number): void => {
    if (keys.length < nodeRowBytes) keys = Buffer.allocUnsafe(16 * nodeRowBytes);
    const key = keys.subarray(0, nodeRowBytes);
    keys = keys.subarray(nodeRowBytes);
    writeNodeKey(key, node, { wallMs, counter: stamp.counter + index, journal, sequence, index });
    rows.push({ key, value: nothing });
  };
  for (const [index, op] of ops.entries()) {
    if (!('node' in op)) continue;
    const { node } = op;
    note(node, index);
    const over = replacedBy(op);
    if (over !== undefined && over !== node) {
      note(over, index);
      departures.push({ index, kind: 'replace', node: over });
    }
    if ('parent' in op) {
      const there = arrivals.get(op.parent);
      if (there === undefined) arrivals.set(op.parent, [{ index, node }]);
      else there.push({ index, node });
    }
    if (op.type === 'unlink' || op.type === 'remove-directory' || op.type === 'move') {
      departures.push({ index, kind: op.type, node });
    }
  }
  const place = { journal, sequence };
  for (const [directory, items] of arrivals) {
    rows.push({ key: arrivalKey(directory, wallMs, place), value: encodeArrivals(items) });
  }
  if (departures.length > 0) {
    rows.push({ key: departureKey(wallMs, place), value: encodeDepartures(departures) });
  }
}

/** The node that made way in this operation. */
export function replacedBy(op: Op): NodeId | undefined {
  return 'over' in op ? op.over?.node : undefined;
}
