/**
 * The past of a path: what happened to it, one message each, what was deleted, and how it comes back.
 */
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape, kindFromWire, kindToWire, modeFromWire } from './control-entry.ts';
import type { NodeKind } from './op.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;
const version = { bytesMax: limits.versionTextBytesMax, text: true } as const;
const deviceName = { bytesMax: 256, text: true } as const;
const deviceId = { bytesMax: limits.keyTextBytesMax, text: true } as const;

const whatNumbers = {
  created: 1,
  /** A new version. */
  changed: 2,
  /** A new name in the same directory. */
  renamed: 3,
  /** Another directory. */
  moved: 4,
  /** One more name. */
  linked: 5,
  /** One of several names is gone. */
  unlinked: 6,
  removed: 7,
  undeleted: 8,
  /** A new version with the content of an earlier one. */
  restored: 9,
  /** A new version beside one that its author had not seen. */
  conflict: 10,
  /** A new version in the place of several. */
  resolved: 11,
  mode: 12,
  /** Times or extended attributes. */
  touched: 13,
  /** It was there when older history was folded, and what led there is not known any more. */
  folded: 14,
} as const;

/** What happened. */
export type HistoryWhat = keyof typeof whatNumbers;

const whats = new Map<number, HistoryWhat>(
  (Object.keys(whatNumbers) as HistoryWhat[]).map((what) => [whatNumbers[what], what]),
);

export interface LogRequest {
  readonly path: Buffer;
  /** So many, the latest; undefined: all. */
  readonly newest?: number | undefined;
}

/** One thing that happened. */
export interface LogRow {
  readonly what: HistoryWhat;
  readonly kind: NodeKind;
  /** By the clock of its author; Unix time. */
  readonly timeMs: number;
  /** Name of the device that did it, or its id. */
  readonly author: string;
  readonly deviceId: string;
  /** From the root: where it is after that, or was before it went. */
  readonly path: Buffer;
  /** Where it was before, when it was renamed or moved. */
  readonly from?: Buffer | undefined;
  /** Of the content that it made. */
  readonly version?: string | undefined;
  /** Bytes of that content. */
  readonly size: number;
  /** The version is shown now. */
  readonly isCurrent: boolean;
  /** Permission bits that it set. */
  readonly mode?: number | undefined;
  /** The version whose content came back. */
  readonly restored?: string | undefined;
  /** Retention let the content of that version go. */
  readonly isReleased?: boolean | undefined;
}

/** A version of a path, or what was deleted there, comes back. */
export interface RestoreRequest {
  readonly path: Buffer;
  /** Hex of a version id, or of its beginning. */
  readonly version?: string | undefined;
  /** The exact new path; undefined: where it was. */
  readonly destination?: Buffer | undefined;
}

/** Something that was deleted. */
export interface TrashRow {
  /** From the root: where it was. */
  readonly path: Buffer;
  readonly kind: NodeKind;
  /** Of a file its content, of a directory all that was deleted with it. */
  readonly size: number;
  /** Files, directories and symlinks, itself included. */
  readonly entries: number;
  readonly timeMs: number;
  readonly author: string;
  readonly deviceId: string;
  /** Of a file. */
  readonly version?: string | undefined;
  /** Until it may go for good; undefined: it stays. */
  readonly daysLeft?: number | undefined;
}

export const logRequest: Codec<LogRequest> = codec(
  'control.logRequest',
  { 1: attributeShape.path, 2: {} },
  generated.LogRequest,
  {
    toWire: (value) => ({ path: value.path, newest: value.newest ?? 0 }),
    fromWire: (message) => ({
      path: bufferFromWire(message.path),
      newest: message.newest === 0 ? undefined : message.newest,
    }),
  },
);

export const logRow: Codec<LogRow> = codec(
  'control.logRow',
  {
    1: {},
    2: {},
    3: {},
    4: deviceName,
    5: deviceId,
    6: attributeShape.path,
    7: attributeShape.path,
    8: version,
    9: {},
    10: {},
    11: {},
    12: {},
    13: version,
    14: {},
  },
  generated.LogRow,
  {
    toWire: (value) => ({
      ...value,
      what: whatNumbers[value.what],
      kind: kindToWire(value.kind),
      from: value.from ?? Buffer.alloc(0),
      version: value.version ?? '',
      mode: value.mode ?? 0,
      modeKnown: value.mode !== undefined,
      restored: value.restored ?? '',
      released: value.isReleased ?? false,
    }),
    fromWire(message, op) {
      const what = whats.get(message.what);
      if (what === undefined) throw outOfRange(op, message.what);
      return {
        what,
        kind: kindFromWire(message.kind, op),
        timeMs: countFromWire(message.timeMs, op),
        author: message.author,
        deviceId: message.deviceId,
        path: bufferFromWire(message.path),
        from: message.from.length === 0 ? undefined : bufferFromWire(message.from),
        version: textFromWire(message.version),
        size: countFromWire(message.size, op),
        isCurrent: message.isCurrent,
        mode: message.modeKnown ? modeFromWire(message.mode, op) : undefined,
        restored: textFromWire(message.restored),
        ...(message.released && { isReleased: true }),
      };
    },
  },
);

/** Of `restore` and of `undelete`. */
export const restoreRequest: Codec<RestoreRequest> = codec(
  'control.restoreRequest',
  { 1: attributeShape.path, 2: version, 3: attributeShape.path },
  generated.RestoreRequest,
  {
    toWire: (value) => ({
      path: value.path,
      version: value.version ?? '',
      destination: value.destination ?? Buffer.alloc(0),
    }),
    fromWire: (message) => ({
      path: bufferFromWire(message.path),
      version: textFromWire(message.version),
      destination:
        message.destination.length === 0 ? undefined : bufferFromWire(message.destination),
    }),
  },
);

export const trashRow: Codec<TrashRow> = codec(
  'control.trashRow',
  {
    1: attributeShape.path,
    2: {},
    3: {},
    4: {},
    5: {},
    6: deviceName,
    7: deviceId,
    8: version,
    9: {},
  },
  generated.TrashRow,
  {
    toWire: (value) => ({
      ...value,
      kind: kindToWire(value.kind),
      version: value.version ?? '',
      daysLeft: value.daysLeft ?? null,
    }),
    fromWire: (message, op) => ({
      path: bufferFromWire(message.path),
      kind: kindFromWire(message.kind, op),
      size: countFromWire(message.size, op),
      entries: countFromWire(message.entries, op),
      timeMs: countFromWire(message.timeMs, op),
      author: message.author,
      deviceId: message.deviceId,
      version: textFromWire(message.version),
      ...(typeof message.daysLeft === 'number' && { daysLeft: message.daysLeft }),
    }),
  },
);
