/** Requests of the calls that pause, let on, give up and limit transfers, and that ask for maps of files. */
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, outOfRange } from './codec.ts';
import type { Codec } from './codec.ts';
import { attributeShape } from './control-entry.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;

export const transferActions = ['pause', 'resume', 'cancel'] as const;
export type TransferAction = (typeof transferActions)[number];

export interface TransferRequest {
  /** As `transfers` says it; or `all`. */
  readonly id: string;
  readonly action: TransferAction;
}

export interface PiecesRequest {
  readonly path: Buffer;
  /** Of the map, at most; from 1 on. */
  readonly cells: number;
}

/** undefined: it stays as it is; 0: no limit. */
export interface LimitRequest {
  readonly inBytesPerSecond?: number | undefined;
  readonly outBytesPerSecond?: number | undefined;
}

export const transferRequest: Codec<TransferRequest> = codec(
  'control.transferRequest',
  { 1: { bytesMax: limits.keyTextBytesMax, text: true }, 2: {} },
  generated.TransferRequest,
  {
    toWire: ({ id, action }) => ({ id, action: transferActions.indexOf(action) + 1 }),
    fromWire: ({ id, action: number }, op) => {
      const action = transferActions[number - 1];
      if (action === undefined) throw outOfRange(op, number);
      return { id, action };
    },
  },
);

export const piecesRequest: Codec<PiecesRequest> = codec(
  'control.piecesRequest',
  { 1: attributeShape.path, 2: {} },
  generated.PiecesRequest,
  {
    toWire: (value) => value,
    fromWire: ({ path, cells }, op) => {
      if (cells < 1 || cells > limits.pieceCellsMax) throw outOfRange(op, cells);
      return { path: bufferFromWire(path), cells };
    },
  },
);

export const limitRequest: Codec<LimitRequest> = codec(
  'control.limitRequest',
  { 1: {}, 2: {}, 3: {}, 4: {} },
  generated.LimitRequest,
  {
    toWire: ({ inBytesPerSecond, outBytesPerSecond }) => ({
      setIn: inBytesPerSecond !== undefined,
      inBytesPerSecond: inBytesPerSecond ?? 0,
      setOut: outBytesPerSecond !== undefined,
      outBytesPerSecond: outBytesPerSecond ?? 0,
    }),
    fromWire: (message, op) => ({
      inBytesPerSecond: message.setIn ? countFromWire(message.inBytesPerSecond, op) : undefined,
      outBytesPerSecond: message.setOut ? countFromWire(message.outBytesPerSecond, op) : undefined,
    }),
  },
);
