/**
 * Conflicts and how they are settled: what is asked for, one message for each conflict, and the
 * decision. The content of a decision that is a new file travels as a put (`PutRequest.resolves`).
 */
import { control as limits, names } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape, kindFromWire, kindToWire, timeFromWire } from './control-entry.ts';
import type { FileTime, NodeKind } from './op.ts';
import type { MessageShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;
const version = { bytesMax: limits.versionTextBytesMax, text: true } as const;
const authorBytesMax = 256;

/**
 * `edit`: one file was changed on several devices; `name`: several files want one name; `deleted`:
 * something was deleted on one device and changed on another, and is shown again.
 */
export type ConflictKind = 'edit' | 'name' | 'deleted';

export interface ConflictVersion {
  /** Under which it is shown, in the directory of the conflict. */
  readonly name: Buffer;
  readonly kind: NodeKind;
  /** Bytes of content; of a symlink, of its target. */
  readonly size: number;
  readonly mtime: FileTime;
  /** By which it can be chosen; undefined: not known. */
  readonly version: string | undefined;
  /** Name of the device that wrote it, or its id. */
  readonly author: string | undefined;
  readonly deviceId: string | undefined;
  /** Written by the device that answers. */
  readonly own: boolean;
  /** When it was written, by the clock of its author; Unix time. undefined: not known. */
  readonly timeMs: number | undefined;
}

export interface Conflict {
  /** From the root: the name that all of them want. */
  readonly path: Buffer;
  readonly kind: ConflictKind;
  /** The one that has the name first. */
  readonly versions: readonly ConflictVersion[];
  /** More than these are in conflict. */
  readonly versionsOmitted: number;
  /** The latest version that all of them were made from; undefined: there is none, or it is not known. */
  readonly ancestor: ConflictVersion | undefined;
}

/** What is to become of a conflict: `mine`, `theirs`, `both`, or hex of a version's id. */
export interface ResolveRequest {
  readonly path: Buffer;
  readonly keep: string;
}

const kindNumbers: Readonly<Record<ConflictKind, number>> = { edit: 1, name: 2, deleted: 3 };
const kinds = new Map<number, ConflictKind>(
  (Object.keys(kindNumbers) as ConflictKind[]).map((kind) => [kindNumbers[kind], kind]),
);

const versionShape: MessageShape = {
  1: { bytesMax: names.nameBytesMax },
  2: {},
  3: {},
  4: {},
  5: {},
  6: version,
  7: { bytesMax: authorBytesMax, text: true },
  8: { bytesMax: limits.keyTextBytesMax, text: true },
  9: {},
  10: {},
};

export const conflict: Codec<Conflict> = codec(
  'control.conflict',
  {
    1: attributeShape.path,
    2: {},
    3: { nested: versionShape, countMax: limits.conflictVersionsMax },
    4: {},
    5: { nested: versionShape },
  },
  generated.Conflict,
  {
    toWire: (value) => ({
      path: value.path,
      kind: kindNumbers[value.kind],
      versions: value.versions.map(versionToWire),
      versionsOmitted: value.versionsOmitted,
      ancestor: value.ancestor === undefined ? null : versionToWire(value.ancestor),
    }),
    fromWire(message, op) {
      const kind = kinds.get(message.kind);
      if (kind === undefined) throw outOfRange(op, message.kind);
      const { ancestor } = message;
      return {
        path: bufferFromWire(message.path),
        kind,
        versions: message.versions.map((each) => versionFromWire(each, op)),
        versionsOmitted: message.versionsOmitted,
        ancestor:
          ancestor === null || ancestor === undefined ? undefined : versionFromWire(ancestor, op),
      };
    },
  },
);

export const resolveRequest: Codec<ResolveRequest> = codec(
  'control.resolveRequest',
  { 1: attributeShape.path, 2: version },
  generated.ResolveRequest,
  {
    toWire: (value) => value,
    fromWire: (message) => ({ path: bufferFromWire(message.path), keep: message.keep }),
  },
);

function versionToWire(value: ConflictVersion): peervault.control.ConflictVersion.$Properties {
  return {
    name: value.name,
    kind: kindToWire(value.kind),
    size: value.size,
    mtimeS: value.mtime.seconds,
    mtimeNs: value.mtime.nanoseconds,
    version: value.version ?? '',
    author: value.author ?? '',
    deviceId: value.deviceId ?? '',
    own: value.own,
    timeMs: value.timeMs ?? 0,
  };
}

function versionFromWire(
  partial: peervault.control.ConflictVersion.$Properties,
  op: string,
): ConflictVersion {
  const message = new generated.ConflictVersion(partial);
  const timeMs = countFromWire(message.timeMs, op);
  return {
    name: bufferFromWire(message.name),
    kind: kindFromWire(message.kind, op),
    size: countFromWire(message.size, op),
    mtime: timeFromWire(message, op),
    version: textFromWire(message.version),
    author: textFromWire(message.author),
    deviceId: textFromWire(message.deviceId),
    own: message.own,
    timeMs: timeMs === 0 ? undefined : timeMs,
  };
}
