/**
 * One entry of the tree as clients see it, and pages of them. Paths are bytes: names joined by `/`.
 */
import { control as limits, names, rpc } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { boundedFromWire, bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import type { FileTime, NodeKind } from './op.ts';
import type { MessageShape } from './shape.ts';
import { countFromWire, integerFromWire } from './wire-number.ts';

const generated = peervault.control;

/** Where the content is: all of it here, some of it, none of it, or two versions disagree. */
export type EntryState = 'here' | 'partly' | 'elsewhere' | 'conflict';

export interface Entry {
  /** From the root; where many are sent, relative to the requested path. Empty: that path itself. */
  readonly path: Buffer;
  readonly kind: NodeKind;
  /** Bytes of content; of a symlink, of its target. */
  readonly size: number;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  readonly mtime: FileTime;
  /** Of a symlink. */
  readonly target?: Buffer | undefined;
  /** Id of the content's version; undefined for what has none. */
  readonly version?: string | undefined;
  readonly state: EntryState;
  /** Name of the device that wrote it, or its id. */
  readonly author?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly inode: number;
  readonly links: number;
  /** Chunks of the content, and how many of them are on this device. */
  readonly chunks: number;
  readonly chunksHere: number;
}

export const kindNumbers: Readonly<Record<NodeKind, number>> = {
  file: 1,
  directory: 2,
  symlink: 3,
};
const stateNumbers: Readonly<Record<EntryState, number>> = {
  here: 1,
  partly: 2,
  elsewhere: 3,
  conflict: 4,
};
export const kinds = byNumber(kindNumbers);
const states = byNumber(stateNumbers);

const authorBytesMax = 256;
export const nanosecondsMax = 999_999_999;
export const modeMax = 0o7777;

/** Shared with the items of a put. */
export const attributeShape = {
  path: { bytesMax: names.pathBytesMax },
  target: { bytesMax: names.targetBytesMax },
} as const;

export const entryShape: MessageShape = {
  1: attributeShape.path,
  2: {},
  3: {},
  4: {},
  5: {},
  6: {},
  7: attributeShape.target,
  8: { bytesMax: limits.versionTextBytesMax, text: true },
  9: {},
  10: { bytesMax: authorBytesMax, text: true },
  11: {},
  12: {},
  13: { bytesMax: limits.keyTextBytesMax, text: true },
  14: {},
  15: {},
};

export const entry: Codec<Entry> = codec('control.entry', entryShape, generated.Entry, {
  toWire: entryToWire,
  fromWire: entryFromWire,
});

export const listPageShape: MessageShape = {
  1: { nested: entryShape, countMax: limits.listPageEntriesMax },
};

export const listPage: Codec<readonly Entry[]> = codec(
  'control.listPage',
  listPageShape,
  generated.ListPage,
  {
    toWire: (entries) => ({ entries: entries.map(entryToWire) }),
    fromWire: ({ entries }, op) => entriesFromWire(entries, op),
  },
);

export function entriesFromWire(
  entries: readonly peervault.control.Entry.$Properties[],
  op: string,
): readonly Entry[] {
  return entries.map((each) =>
    // Decoding has made them already.
    entryFromWire(each instanceof generated.Entry ? each : new generated.Entry(each), op),
  );
}

/** Every number as long as it can be, and what stands before each field. */
const numbersBytesMax = 128;

/** An upper bound of what one entry takes inside a message, for those who fill pages. Ids are hex. */
function entryBytesMax({ path, target, version, author, deviceId }: Entry): number {
  const texts = (version?.length ?? 0) + (deviceId?.length ?? 0) + 3 * (author?.length ?? 0);
  return path.length + (target?.length ?? 0) + texts + numbersBytesMax;
}

/** How many of `entries`, from `start` on, fit into one page. At least one. */
export function entriesOfPage(entries: readonly Entry[], start: number): number {
  let count = 0;
  let bytes = 0;
  for (const value of entries.slice(start, start + limits.listPageEntriesMax)) {
    bytes += entryBytesMax(value);
    if (count > 0 && bytes > rpc.messageBytesMax) break;
    count += 1;
  }
  return count;
}

export function entryToWire(value: Entry): peervault.control.Entry.$Properties {
  return {
    path: value.path,
    kind: kindToWire(value.kind),
    size: value.size,
    mode: value.mode,
    mtimeS: value.mtime.seconds,
    mtimeNs: value.mtime.nanoseconds,
    target: value.target ?? null,
    version: value.version ?? '',
    state: stateNumbers[value.state],
    author: value.author ?? '',
    node: value.inode,
    links: value.links,
    deviceId: value.deviceId ?? '',
    chunks: value.chunks,
    chunksHere: value.chunksHere,
  };
}

export function entryFromWire(message: peervault.control.Entry, op: string): Entry {
  const state = states.get(message.state);
  if (state === undefined) throw outOfRange(op, message.state);
  const kind = kindFromWire(message.kind, op);
  return {
    path: bufferFromWire(message.path),
    kind,
    size: countFromWire(message.size, op),
    mode: modeFromWire(message.mode, op),
    mtime: timeFromWire(message, op),
    target: kind === 'symlink' ? bufferFromWire(message.target) : undefined,
    version: textFromWire(message.version),
    state,
    author: textFromWire(message.author),
    deviceId: textFromWire(message.deviceId),
    inode: countFromWire(message.node, op),
    links: message.links,
    chunks: countFromWire(message.chunks, op),
    chunksHere: countFromWire(message.chunksHere, op),
  };
}

export function kindToWire(kind: NodeKind): number {
  return kindNumbers[kind];
}

export function kindFromWire(number: number, op: string): NodeKind {
  const kind = kinds.get(number);
  if (kind === undefined) throw outOfRange(op, number);
  return kind;
}

export function modeFromWire(mode: number, op: string): number {
  return boundedFromWire(mode, modeMax, op);
}

export function timeFromWire(
  message: { readonly mtimeS: number; readonly mtimeNs: number },
  op: string,
): FileTime {
  return {
    seconds: integerFromWire(message.mtimeS, op),
    nanoseconds: boundedFromWire(message.mtimeNs, nanosecondsMax, op),
  };
}

function byNumber<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Name> {
  return new Map((Object.keys(numbers) as Name[]).map((name) => [numbers[name], name]));
}
