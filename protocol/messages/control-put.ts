/**
 * Putting a tree: offers go up, needs come down, bodies go up as DATA, one result comes down.
 *
 *     up:   offer(items) … body(item) DATA… bodyEnd(item) … bodies(items, lengths) DATA… …  end
 *     down: need(bitmap), one an offer, in order … progress … failed(item) … done
 *
 * Items are numbered from 0 in the order of their offers; parents come before their children.
 */
import type { VaultError } from '../errors.ts';
import { failureBytesMax } from '../frame.ts';
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { decodeFailure, encodeFailure } from './call.ts';
import { boundedFromWire, bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import {
  attributeShape,
  kindFromWire,
  kindToWire,
  modeFromWire,
  timeFromWire,
} from './control-entry.ts';
import type { FileTime, NodeKind } from './op.ts';
import { decodeOffer, encodeOffer } from './put-offer-wire.ts';
import type { FieldShape, MessageShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;

export interface PutRequest {
  readonly destination: Buffer;
  /** Make missing directories above the destination. */
  readonly parents: boolean;
  /** The destination must be a directory. */
  readonly into: boolean;
  /** Do not trust unchanged times: ask for every body. */
  readonly checksum: boolean;
  /** Versions in conflict: the one file of this put takes the place of all of them. @default none */
  readonly resolves?: readonly string[] | undefined;
  /** Store nothing: the needs, of directories and symlinks too, say what would be stored. */
  readonly dryRun?: boolean | undefined;
  /** Of the client's kernel; undefined: no file is named for the agent to read. */
  readonly bootId?: Buffer | undefined;
}

export interface PutItem {
  /** Relative to the destination; empty: the destination itself. */
  readonly path: Buffer;
  readonly kind: NodeKind;
  /** undefined for standard input. */
  readonly size: number | undefined;
  readonly mode: number;
  readonly mtime: FileTime;
  /** Of a symlink. */
  readonly target?: Buffer | undefined;
  /** Equal when the source did not change since; undefined: no telling. */
  readonly fingerprint?: Buffer | undefined;
}

export type PutUp =
  | { readonly type: 'offer'; readonly items: readonly PutItem[] }
  /** DATA of this item follows; with a `localPath`, which is absolute, `local` comes down instead. */
  | { readonly type: 'body'; readonly item: number; readonly localPath?: Buffer | undefined }
  /** `aborted`: the source changed or failed; the item is left out. */
  | { readonly type: 'body-end'; readonly item: number; readonly aborted: boolean }
  /** DATA of all of these follows, whole, one right after the other. */
  | ({ readonly type: 'bodies' } & PutBodies);

export interface PutBodies {
  readonly items: readonly number[];
  /** Bytes of each. */
  readonly lengths: readonly number[];
}

export type PutDown =
  | ({ readonly type: 'need' } & PutNeed)
  | ({ readonly type: 'progress' } & PutProgress)
  | ({ readonly type: 'local' } & PutLocal)
  /** This item is not stored; the others go on. */
  | { readonly type: 'failed'; readonly item: number; readonly error: VaultError }
  | { readonly type: 'done'; readonly result: PutResult };

export interface PutNeed {
  readonly bitmap: Buffer;
  /** The agent takes several bodies together. */
  readonly bodies?: boolean | undefined;
  /** The agent may be told to read a file itself. */
  readonly localFiles?: boolean | undefined;
}

export interface PutProgress {
  readonly durableItems: number;
  readonly durableBytes: number;
  /** Of the file that was named, and that the agent reads now. */
  readonly readBytes: number;
}

/** What became of a body that was named: it was read whole, has to be sent, or failed. */
export interface PutLocal {
  readonly item: number;
  readonly send?: boolean | undefined;
  readonly error?: VaultError | undefined;
}

export interface PutResult {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  /** Unchanged since they were stored. */
  readonly skipped: number;
  readonly bytes: number;
  /** New sealed bytes. */
  readonly storedBytes: number;
  readonly chunksNew: number;
  readonly chunksReused: number;
  /** Of the last file. */
  readonly version?: string | undefined;
}

const groupedShape: FieldShape = { packed: true, countMax: limits.putOfferItemsMax };

const putItemShape: MessageShape = {
  1: attributeShape.path,
  2: {},
  3: {},
  4: {},
  5: {},
  6: {},
  7: attributeShape.target,
  8: { bytesMax: limits.fingerprintBytesMax },
  9: {},
};

export const putRequest: Codec<PutRequest> = codec(
  'control.putRequest',
  {
    1: attributeShape.path,
    2: {},
    3: {},
    4: {},
    5: {
      bytesMax: limits.versionTextBytesMax,
      text: true,
      countMax: limits.conflictVersionsMax,
    },
    6: {},
    7: { bytesMax: limits.bootIdBytes },
  },
  generated.PutRequest,
  {
    toWire: (value) => ({
      ...value,
      resolves: [...(value.resolves ?? [])],
      dryRun: value.dryRun === true,
      bootId: value.bootId ?? null,
    }),
    fromWire: ({ destination, parents, into, checksum, resolves, dryRun, bootId }) => ({
      destination: bufferFromWire(destination),
      parents,
      into,
      checksum,
      ...(resolves.length === 0 ? {} : { resolves }),
      ...(dryRun ? { dryRun } : {}),
      ...(bootId.length === 0 ? {} : { bootId: bufferFromWire(bootId) }),
    }),
  },
);

const ordinaryPutUp: Codec<PutUp> = codec(
  'control.putUp',
  {
    1: { nested: { 1: { nested: putItemShape, countMax: limits.putOfferItemsMax } } },
    2: { nested: { 1: {}, 2: { bytesMax: limits.localPathBytesMax } } },
    3: { nested: { 1: {}, 2: {} } },
    4: { nested: { 1: groupedShape, 2: groupedShape } },
  },
  generated.PutUp,
  { toWire: putUpToWire, fromWire: putUpFromWire },
);

export const putUp: Codec<PutUp> = {
  toWire: (value) =>
    (value.type === 'offer' ? encodeOffer(value.items) : undefined) ?? ordinaryPutUp.toWire(value),
  fromWire(bytes) {
    const items = decodeOffer(bytes);
    return items === undefined ? ordinaryPutUp.fromWire(bytes) : { type: 'offer', items };
  },
};

export const putDown: Codec<PutDown> = codec(
  'control.putDown',
  {
    1: { nested: { 1: { bytesMax: limits.putOfferItemsMax / 8 }, 2: {}, 3: {} } },
    2: { nested: { 1: {}, 2: {}, 3: {} } },
    3: {
      nested: {
        1: {},
        2: {},
        3: {},
        4: {},
        5: {},
        6: {},
        7: {},
        8: {},
        9: { bytesMax: limits.versionTextBytesMax, text: true },
      },
    },
    4: { nested: { 1: {}, 2: { bytesMax: failureBytesMax } } },
    5: { nested: { 1: {}, 2: {}, 3: { bytesMax: failureBytesMax } } },
  },
  generated.PutDown,
  { toWire: putDownToWire, fromWire: putDownFromWire },
);

/** An upper bound of what one item takes inside an offer. */
export function putItemBytesMax(item: PutItem): number {
  return item.path.length + (item.target?.length ?? 0) + limits.fingerprintBytesMax + 64;
}

/** Bit i, least significant first: the body of item i of the offer is wanted. */
export function needBitmap(wanted: readonly boolean[]): Buffer {
  const bitmap = Buffer.alloc(Math.ceil(wanted.length / 8));
  wanted.forEach((want, index) => {
    const byte = index >> 3;
    if (want) bitmap[byte] = (bitmap[byte] ?? 0) | (1 << (index & 7));
  });
  return bitmap;
}

/** The inverse of `needBitmap`; what lies beyond the bitmap is not wanted. */
export function isNeeded(bitmap: Buffer, index: number): boolean {
  return (((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function putUpToWire(value: PutUp): peervault.control.PutUp.$Properties {
  switch (value.type) {
    case 'offer':
      return { offer: { items: value.items.map(putItemToWire) } };
    case 'body':
      return { body: { item: value.item, localPath: value.localPath ?? null } };
    case 'body-end':
      return { bodyEnd: { item: value.item, aborted: value.aborted } };
    case 'bodies':
      return { bodies: { items: [...value.items], lengths: [...value.lengths] } };
  }
}

function putUpFromWire(message: peervault.control.PutUp, op: string): PutUp {
  if (message.kind === 'offer') {
    const items = message.offer?.items ?? [];
    return {
      type: 'offer',
      items: items.map((item) => putItemFromWire(new generated.PutItem(item), op)),
    };
  }
  if (message.kind === 'body') {
    const path = bufferFromWire(message.body?.localPath ?? Buffer.alloc(0));
    return {
      type: 'body',
      item: countFromWire(message.body?.item, op),
      ...(path.length === 0 ? {} : { localPath: path }),
    };
  }
  if (message.kind === 'bodyEnd') {
    return {
      type: 'body-end',
      item: countFromWire(message.bodyEnd?.item, op),
      aborted: message.bodyEnd?.aborted === true,
    };
  }
  if (message.kind === 'bodies') return { type: 'bodies', ...putBodiesFromWire(message, op) };
  throw outOfRange(op, message.kind);
}

function putBodiesFromWire({ bodies }: peervault.control.PutUp, op: string): PutBodies {
  const items = (bodies?.items ?? []).map((item) => countFromWire(item, op));
  const lengths = (bodies?.lengths ?? []).map((length) =>
    boundedFromWire(countFromWire(length, op), limits.putGroupedBodyBytesMax, op),
  );
  if (items.length !== lengths.length) throw outOfRange(op, lengths.length);
  return { items, lengths };
}

function putItemToWire(item: PutItem): peervault.control.PutItem.$Properties {
  return {
    path: item.path,
    kind: kindToWire(item.kind),
    size: item.size ?? 0,
    sizeKnown: item.size !== undefined,
    mode: item.mode,
    mtimeS: item.mtime.seconds,
    mtimeNs: item.mtime.nanoseconds,
    target: item.target ?? null,
    fingerprint: item.fingerprint ?? null,
  };
}

function putItemFromWire(message: peervault.control.PutItem, op: string): PutItem {
  const kind = kindFromWire(message.kind, op);
  return {
    path: bufferFromWire(message.path),
    kind,
    size: message.sizeKnown ? countFromWire(message.size, op) : undefined,
    mode: modeFromWire(message.mode, op),
    mtime: timeFromWire(message, op),
    target: kind === 'symlink' ? bufferFromWire(message.target) : undefined,
    fingerprint: message.fingerprint.length === 0 ? undefined : bufferFromWire(message.fingerprint),
  };
}

function putDownToWire(value: PutDown): peervault.control.PutDown.$Properties {
  switch (value.type) {
    case 'need':
      return {
        need: {
          bitmap: value.bitmap,
          bodies: value.bodies === true,
          localFiles: value.localFiles === true,
        },
      };
    case 'progress':
      return { progress: value };
    case 'local': {
      const { item, send, error } = value;
      const failure = error === undefined ? null : encodeFailure(error);
      return { local: { item, send: send === true, failure } };
    }
    case 'failed':
      return { failed: { item: value.item, failure: encodeFailure(value.error) } };
    case 'done':
      return { done: { ...value.result, version: value.result.version ?? '' } };
  }
}

function putDownFromWire(message: peervault.control.PutDown, op: string): PutDown {
  if (message.kind === 'need') {
    const { bitmap, bodies, localFiles } = message.need ?? {};
    return {
      type: 'need',
      bitmap: bufferFromWire(bitmap ?? Buffer.alloc(0)),
      ...(bodies === true ? { bodies } : {}),
      ...(localFiles === true ? { localFiles } : {}),
    };
  }
  if (message.kind === 'progress') {
    return {
      type: 'progress',
      durableItems: countFromWire(message.progress?.durableItems, op),
      durableBytes: countFromWire(message.progress?.durableBytes, op),
      readBytes: countFromWire(message.progress?.readBytes, op),
    };
  }
  if (message.kind === 'local') return { type: 'local', ...putLocalFromWire(message, op) };
  if (message.kind === 'failed') {
    return {
      type: 'failed',
      item: countFromWire(message.failed?.item, op),
      error: decodeFailure(bufferFromWire(message.failed?.failure ?? Buffer.alloc(0))),
    };
  }
  if (message.kind === 'done') {
    return {
      type: 'done',
      result: putResultFromWire(new generated.PutDone(message.done ?? {}), op),
    };
  }
  throw outOfRange(op, message.kind);
}

function putLocalFromWire({ local }: peervault.control.PutDown, op: string): PutLocal {
  const failure = bufferFromWire(local?.failure ?? Buffer.alloc(0));
  return {
    item: countFromWire(local?.item, op),
    ...(local?.send === true ? { send: true } : {}),
    ...(failure.length === 0 ? {} : { error: decodeFailure(failure) }),
  };
}

function putResultFromWire(message: peervault.control.PutDone, op: string): PutResult {
  return {
    files: countFromWire(message.files, op),
    directories: countFromWire(message.directories, op),
    symlinks: countFromWire(message.symlinks, op),
    skipped: countFromWire(message.skipped, op),
    bytes: countFromWire(message.bytes, op),
    storedBytes: countFromWire(message.storedBytes, op),
    chunksNew: countFromWire(message.chunksNew, op),
    chunksReused: countFromWire(message.chunksReused, op),
    version: textFromWire(message.version),
  };
}
