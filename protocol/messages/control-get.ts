/**
 * Getting a file or a tree: first the plan, then each entry, parents before their children; the
 * content of a file follows its entry as DATA, up to `body-end`, or to `failed` when it cannot be had.
 */
import type { VaultError } from '../errors.ts';
import { failureBytesMax } from '../frame.ts';
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { decodeFailure, encodeFailure } from './call.ts';
import { bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape, entryFromWire, entryShape, entryToWire } from './control-entry.ts';
import type { Entry } from './control-entry.ts';
import { momentField, momentShape, momentToWire } from './control-moment.ts';
import type { Moment } from './control-moment.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;

export interface GetRequest {
  readonly path: Buffer;
  /** Hex of a version id, or of its beginning; undefined: the current one. */
  readonly version?: string | undefined;
  readonly recursive: boolean;
  readonly offset: number;
  /** undefined: to the end. */
  readonly length?: number | undefined;
  /** As it was then; undefined: now. */
  readonly at?: Moment | undefined;
}

export type GetDown =
  | { readonly type: 'plan'; readonly files: number; readonly bytes: number }
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'body-end' }
  /** In its place: what came of this file is to be thrown away; the others go on. */
  | { readonly type: 'failed'; readonly error: VaultError };

export const getRequest: Codec<GetRequest> = codec(
  'control.getRequest',
  {
    1: attributeShape.path,
    2: { bytesMax: limits.versionTextBytesMax, text: true },
    3: {},
    4: {},
    5: {},
    15: { nested: momentShape },
  },
  generated.GetRequest,
  {
    toWire: ({ at, ...value }) => ({
      ...value,
      version: value.version ?? '',
      length: value.length ?? 0,
      at: momentToWire(at),
    }),
    fromWire(message, op) {
      const length = countFromWire(message.length, op);
      return {
        path: bufferFromWire(message.path),
        version: textFromWire(message.version),
        recursive: message.recursive,
        offset: countFromWire(message.offset, op),
        length: length === 0 ? undefined : length,
        ...momentField(message.at, op),
      };
    },
  },
);

export const getDown: Codec<GetDown> = codec(
  'control.getDown',
  {
    1: { nested: entryShape },
    2: { nested: {} },
    3: { nested: { 1: {}, 2: {} } },
    4: { nested: { 1: { bytesMax: failureBytesMax } } },
  },
  generated.GetDown,
  {
    toWire(value): peervault.control.GetDown.$Properties {
      switch (value.type) {
        case 'plan':
          return { plan: { files: value.files, bytes: value.bytes } };
        case 'entry':
          return { entry: entryToWire(value.entry) };
        case 'body-end':
          return { bodyEnd: {} };
        case 'failed':
          return { failed: { failure: encodeFailure(value.error) } };
      }
    },
    fromWire(message, op): GetDown {
      if (message.kind === 'plan') {
        return {
          type: 'plan',
          files: countFromWire(message.plan?.files, op),
          bytes: countFromWire(message.plan?.bytes, op),
        };
      }
      if (message.kind === 'entry') {
        const wire = new generated.Entry(message.entry ?? {});
        return { type: 'entry', entry: entryFromWire(wire, op) };
      }
      if (message.kind === 'bodyEnd') return { type: 'body-end' };
      if (message.kind === 'failed') {
        const failure = bufferFromWire(message.failed?.failure ?? Buffer.alloc(0));
        return { type: 'failed', error: decodeFailure(failure) };
      }
      throw outOfRange(op, message.kind);
    },
  },
);
