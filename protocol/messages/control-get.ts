/**
 * Getting a file or a tree: first the plan, then each entry, parents before their children; the
 * content of a file follows its entry as DATA, up to `body-end`.
 */
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, outOfRange, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape, entryFromWire, entryShape, entryToWire } from './control-entry.ts';
import type { Entry } from './control-entry.ts';
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
}

export type GetDown =
  | { readonly type: 'plan'; readonly files: number; readonly bytes: number }
  | { readonly type: 'entry'; readonly entry: Entry }
  | { readonly type: 'body-end' };

export const getRequest: Codec<GetRequest> = codec(
  'control.getRequest',
  {
    1: attributeShape.path,
    2: { bytesMax: limits.versionTextBytesMax, text: true },
    3: {},
    4: {},
    5: {},
  },
  generated.GetRequest,
  {
    toWire: (value) => ({ ...value, version: value.version ?? '', length: value.length ?? 0 }),
    fromWire(message, op) {
      const length = countFromWire(message.length, op);
      return {
        path: bufferFromWire(message.path),
        version: textFromWire(message.version),
        recursive: message.recursive,
        offset: countFromWire(message.offset, op),
        length: length === 0 ? undefined : length,
      };
    },
  },
);

export const getDown: Codec<GetDown> = codec(
  'control.getDown',
  { 1: { nested: entryShape }, 2: { nested: {} }, 3: { nested: { 1: {}, 2: {} } } },
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
      throw outOfRange(op, message.kind);
    },
  },
);
