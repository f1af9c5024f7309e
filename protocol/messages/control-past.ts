/**
 * Snapshots, what changed between two moments, and how much is where: the requests and the rows that
 * come down in pages.
 */
import { control as limits, names, rpc } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, outOfRange } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape, kindFromWire, kindToWire } from './control-entry.ts';
import { momentFromWire, momentShape, momentToWire } from './control-moment.ts';
import type { Moment } from './control-moment.ts';
import type { NodeKind } from './op.ts';
import type { MessageShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;
/** What a row takes beside its paths. */
const rowBytes = 80;

export interface SnapshotRequest {
  /** Of what is made, may be empty; else a name, an id, or the beginning of an id. */
  readonly name: string;
}

export interface CompareRequest {
  readonly before: Moment;
  /** undefined: now. */
  readonly after: Moment | undefined;
  readonly path: Buffer;
}

export type DifferenceKind = 'added' | 'removed' | 'changed' | 'renamed';

export interface Difference {
  readonly type: DifferenceKind;
  /** From the root: of what was removed, where it was; else where it is. */
  readonly path: Buffer;
  /** Of what was renamed. */
  readonly pathBefore: Buffer | undefined;
  readonly kind: NodeKind;
  /** Bytes of content; 0 where there is none. */
  readonly sizeBefore: number;
  readonly sizeAfter: number;
}

export interface RestoreAtRequest {
  readonly at: Moment;
  readonly source: Buffer;
  /** The exact path. */
  readonly destination: Buffer;
}

export interface UsageRequest {
  readonly path: Buffer;
  /** How deep directories have rows of their own; 0: only the path itself. undefined: all of them. */
  readonly depthMax: number | undefined;
  readonly at?: Moment | undefined;
}

/** A directory with everything below it, or a file. */
export interface Usage {
  /** Relative to the requested one; empty: that itself. */
  readonly path: Buffer;
  readonly files: number;
  /** Below it. */
  readonly directories: number;
  /** Of all files as a person sees them. */
  readonly bytes: number;
  /** Sealed, on this device; each chunk is counted once, in the first file that uses it. */
  readonly storedBytes: number;
  /** Files whose list of chunks is not here, so that `storedBytes` lacks them. */
  readonly filesUnknown: number;
}

const kindNumbers: Readonly<Record<DifferenceKind, number>> = {
  added: 1,
  removed: 2,
  changed: 3,
  renamed: 4,
};
const kinds = new Map<number, DifferenceKind>(
  (Object.keys(kindNumbers) as DifferenceKind[]).map((kind) => [kindNumbers[kind], kind]),
);

const differenceShape: MessageShape = {
  1: {},
  2: attributeShape.path,
  3: attributeShape.path,
  4: {},
  5: {},
  6: {},
};
const usageShape: MessageShape = { 1: attributeShape.path, 2: {}, 3: {}, 4: {}, 5: {}, 6: {} };

export const snapshotRequest: Codec<SnapshotRequest> = codec(
  'control.snapshotRequest',
  { 1: { bytesMax: names.nameBytesMax, text: true } },
  generated.SnapshotRequest,
  { toWire: (value) => value, fromWire: ({ name }) => ({ name }) },
);

export const compareRequest: Codec<CompareRequest> = codec(
  'control.compareRequest',
  { 1: { nested: momentShape }, 2: { nested: momentShape }, 3: attributeShape.path },
  generated.CompareRequest,
  {
    toWire: ({ before, after, path }) => ({
      before: momentToWire(before),
      after: momentToWire(after),
      path,
    }),
    fromWire: (message, op) => ({
      before: requiredMoment(message.before, op),
      after: momentFromWire(message.after, op),
      path: bufferFromWire(message.path),
    }),
  },
);

export const comparePage: Codec<readonly Difference[]> = codec(
  'control.comparePage',
  { 1: { nested: differenceShape, countMax: limits.listPageEntriesMax } },
  generated.ComparePage,
  {
    toWire: (rows) => ({ differences: rows.map(differenceToWire) }),
    fromWire: (message, op) =>
      message.differences.map((each) => differenceFromWire(new generated.Difference(each), op)),
  },
);

export const restoreAtRequest: Codec<RestoreAtRequest> = codec(
  'control.restoreAtRequest',
  { 1: { nested: momentShape }, 2: attributeShape.path, 3: attributeShape.path },
  generated.RestoreAtRequest,
  {
    toWire: ({ at, source, destination }) => ({ at: momentToWire(at), source, destination }),
    fromWire: (message, op) => ({
      at: requiredMoment(message.at, op),
      source: bufferFromWire(message.source),
      destination: bufferFromWire(message.destination),
    }),
  },
);

export const usageRequest: Codec<UsageRequest> = codec(
  'control.usageRequest',
  { 1: attributeShape.path, 2: {}, 15: { nested: momentShape } },
  generated.UsageRequest,
  {
    toWire: ({ path, depthMax, at }) => ({
      path,
      depthMax: depthMax ?? null,
      at: momentToWire(at),
    }),
    fromWire: (message, op) => ({
      path: bufferFromWire(message.path),
      depthMax: message.depthMax ?? undefined,
      at: momentFromWire(message.at, op),
    }),
  },
);

export const usagePage: Codec<readonly Usage[]> = codec(
  'control.usagePage',
  { 1: { nested: usageShape, countMax: limits.listPageEntriesMax } },
  generated.UsagePage,
  {
    toWire: (rows) => ({ rows: [...rows] }),
    fromWire: (message, op) =>
      message.rows.map((each) => usageFromWire(new generated.Usage(each), op)),
  },
);

/** How many of `rows`, from `start` on, fit into one page. At least one. */
export function rowsOfPage(
  rows: readonly { readonly path: Buffer; readonly pathBefore?: Buffer | undefined }[],
  start: number,
): number {
  let count = 0;
  let bytes = 0;
  for (const { path, pathBefore } of rows.slice(start, start + limits.listPageEntriesMax)) {
    bytes += path.length + (pathBefore?.length ?? 0) + rowBytes;
    if (count > 0 && bytes > rpc.messageBytesMax) break;
    count += 1;
  }
  return count;
}

function differenceToWire(value: Difference): peervault.control.Difference.$Properties {
  return {
    kind: kindNumbers[value.type],
    path: value.path,
    pathBefore: value.pathBefore ?? null,
    nodeKind: kindToWire(value.kind),
    sizeBefore: value.sizeBefore,
    sizeAfter: value.sizeAfter,
  };
}

function differenceFromWire(message: peervault.control.Difference, op: string): Difference {
  const type = kinds.get(message.kind);
  if (type === undefined) throw outOfRange(op, message.kind);
  return {
    type,
    path: bufferFromWire(message.path),
    pathBefore: type === 'renamed' ? bufferFromWire(message.pathBefore) : undefined,
    kind: kindFromWire(message.nodeKind, op),
    sizeBefore: countFromWire(message.sizeBefore, op),
    sizeAfter: countFromWire(message.sizeAfter, op),
  };
}

function usageFromWire(message: peervault.control.Usage, op: string): Usage {
  return {
    path: bufferFromWire(message.path),
    files: countFromWire(message.files, op),
    directories: countFromWire(message.directories, op),
    bytes: countFromWire(message.bytes, op),
    storedBytes: countFromWire(message.storedBytes, op),
    filesUnknown: countFromWire(message.filesUnknown, op),
  };
}

function requiredMoment(
  wire: peervault.control.Moment.$Properties | null | undefined,
  op: string,
): Moment {
  const moment = momentFromWire(wire, op);
  if (moment === undefined) throw outOfRange(op, 'no moment');
  return moment;
}
