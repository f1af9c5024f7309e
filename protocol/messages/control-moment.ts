/**
 * Points in the past of the tree: how a client names one, and what comes down while the agent makes
 * the tree as it was then. Calls that read the tree take a moment beside their path.
 */
import { names } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { codec, outOfRange } from './codec.ts';
import type { Codec } from './codec.ts';
import { wireId } from './exact-bytes.ts';
import type { MessageShape } from './shape.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;
const idBytes = 16;

export type Moment =
  /** 32 hex digits. */
  | { readonly type: 'snapshot'; readonly id: string }
  /** Unix time. */
  | { readonly type: 'time'; readonly timeMs: number };

export interface MomentRequest {
  /** As a person writes it; a name, an id or the beginning of an id of a snapshot wins. */
  readonly text: string;
  /** What the text says as a time, by the client's own time zone; undefined: it says none. */
  readonly timeMs: number | undefined;
}

export type MomentDown =
  | { readonly type: 'progress'; readonly batchesDone: number; readonly batchesTotal: number }
  /** The tree as it was then can be asked now. */
  | { readonly type: 'ready'; readonly moment: Moment };

/** Of the field `at` in requests. */
export const momentShape: MessageShape = { 1: { bytesMax: idBytes }, 2: {} };

export const momentRequest: Codec<MomentRequest> = codec(
  'control.momentRequest',
  { 1: { bytesMax: names.nameBytesMax, text: true }, 2: {} },
  generated.MomentRequest,
  {
    toWire: ({ text, timeMs }) => ({ text, timeMs: timeMs ?? null }),
    fromWire: (message, op) => ({
      text: message.text,
      timeMs:
        message.timeMs === null || message.timeMs === undefined
          ? undefined
          : countFromWire(message.timeMs, op),
    }),
  },
);

export const momentDown: Codec<MomentDown> = codec(
  'control.momentDown',
  { 1: { nested: { 1: {}, 2: {} } }, 2: { nested: { 1: { nested: momentShape } } } },
  generated.MomentDown,
  {
    toWire(value) {
      if (value.type === 'ready') return { ready: { moment: momentToWire(value.moment) } };
      const { batchesDone, batchesTotal } = value;
      return { progress: { batchesDone, batchesTotal } };
    },
    fromWire({ progress, ready }, op) {
      if (progress) {
        const batchesDone = countFromWire(progress.batchesDone, op);
        return {
          type: 'progress',
          batchesDone,
          batchesTotal: countFromWire(progress.batchesTotal, op),
        };
      }
      const moment = momentFromWire(ready?.moment, op);
      if (moment === undefined) throw outOfRange(op, 0);
      return { type: 'ready', moment };
    },
  },
);

export function momentToWire(
  moment: Moment | undefined,
): peervault.control.Moment.$Properties | null {
  if (moment === undefined) return null;
  if (moment.type === 'time') return { timeMs: moment.timeMs };
  return { snapshot: Buffer.from(moment.id, 'hex') };
}

/** @throws VaultError `malformed` */
export function momentFromWire(
  wire: peervault.control.Moment.$Properties | null | undefined,
  op: string,
): Moment | undefined {
  if (!wire) return undefined;
  const { snapshot, timeMs } = wire;
  if (snapshot && snapshot.length > 0) return { type: 'snapshot', id: wireId('node', snapshot) };
  if (timeMs === null || timeMs === undefined) throw outOfRange(op, 0);
  return { type: 'time', timeMs: countFromWire(timeMs, op) };
}

/** The field `at` of a request; absent: now. */
export function momentField(
  wire: peervault.control.Moment.$Properties | null | undefined,
  op: string,
): { readonly at?: Moment } {
  const at = momentFromWire(wire, op);
  return at === undefined ? {} : { at };
}
