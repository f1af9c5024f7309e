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
  /** Of the client's kernel; undefined: it names no file for the agent to write. */
  readonly bootId?: Buffer | undefined;
}

/** The answer to `target`. */
export interface GetUp {
  /** Absolute, of an empty file that the agent is to write into; undefined: the bytes are to be sent. */
  readonly localPath: Buffer | undefined;
  /** What the client knows that file by. */
  readonly fingerprint: Buffer;
}

export type GetDown =
  | { readonly type: 'plan'; readonly files: number; readonly bytes: number }
  | { readonly type: 'entry'; readonly entry: Entry }
  /** Behind an entry: a `GetUp` has to say where its bytes go. */
  | { readonly type: 'target' }
  /** How much of this entry the agent has written. */
  | { readonly type: 'progress'; readonly writtenBytes: number }
  /** `writtenBytes`: by the agent, in place of DATA. */
  | { readonly type: 'body-end'; readonly writtenBytes?: number | undefined }
  /**
   * In its place: what came of this file is to be thrown away; the others go on. `target`: the file that
   * the client named cannot be written.
   */
  | {
      readonly type: 'failed';
      readonly error: VaultError;
      readonly target?: boolean | undefined;
    };

export const getRequest: Codec<GetRequest> = codec(
  'control.getRequest',
  {
    1: attributeShape.path,
    2: { bytesMax: limits.versionTextBytesMax, text: true },
    3: {},
    4: {},
    5: {},
    6: { bytesMax: limits.bootIdBytes },
    15: { nested: momentShape },
  },
  generated.GetRequest,
  {
    toWire: ({ at, ...value }) => ({
      ...value,
      version: value.version ?? '',
      length: value.length ?? 0,
      at: momentToWire(at),
      bootId: value.bootId ?? null,
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
        ...(message.bootId.length === 0 ? {} : { bootId: bufferFromWire(message.bootId) }),
      };
    },
  },
);

export const getUp: Codec<GetUp> = codec(
  'control.getUp',
  { 1: { bytesMax: limits.localPathBytesMax }, 2: { bytesMax: limits.fingerprintBytesMax } },
  generated.GetUp,
  {
    toWire: ({ localPath, fingerprint }) => ({ localPath: localPath ?? null, fingerprint }),
    fromWire: ({ localPath, fingerprint }) => ({
      localPath: localPath.length === 0 ? undefined : bufferFromWire(localPath),
      fingerprint: bufferFromWire(fingerprint),
    }),
  },
);

export const getDown: Codec<GetDown> = codec(
  'control.getDown',
  {
    1: { nested: entryShape },
    2: { nested: { 1: {} } },
    3: { nested: { 1: {}, 2: {} } },
    4: { nested: { 1: { bytesMax: failureBytesMax }, 2: {} } },
    5: { nested: {} },
    6: { nested: { 1: {} } },
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
          return { bodyEnd: { writtenBytes: value.writtenBytes ?? 0 } };
        case 'target':
          return { target: {} };
        case 'progress':
          return { progress: { writtenBytes: value.writtenBytes } };
        case 'failed': {
          const failure = encodeFailure(value.error);
          return { failed: { failure, target: value.target === true } };
        }
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
      if (message.kind === 'bodyEnd') {
        const writtenBytes = countFromWire(message.bodyEnd?.writtenBytes, op);
        return { type: 'body-end', ...(writtenBytes === 0 ? {} : { writtenBytes }) };
      }
      if (message.kind === 'target') return { type: 'target' };
      if (message.kind === 'progress') {
        return {
          type: 'progress',
          writtenBytes: countFromWire(message.progress?.writtenBytes, op),
        };
      }
      if (message.kind === 'failed') {
        const failure = bufferFromWire(message.failed?.failure ?? Buffer.alloc(0));
        const target = message.failed?.target === true;
        return { type: 'failed', error: decodeFailure(failure), ...(target ? { target } : {}) };
      }
      throw outOfRange(op, message.kind);
    },
  },
);
