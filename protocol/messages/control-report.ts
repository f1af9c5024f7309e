/**
 * Reports and events: JSON whose shape is that of `--json` (`control/reports.ts`). A report may be
 * larger than one message: it travels as several `Report`s, whose pieces are joined in order.
 */
import { VaultError } from '../errors.ts';
import { control as limits } from '../limits.ts';
import type { EventRecord } from '../control/reports.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec } from './codec.ts';
import type { Codec } from './codec.ts';

const generated = peervault.control;

/** One piece of a report's JSON. */
export const reportPiece: Codec<Buffer> = codec(
  'control.report',
  { 1: { bytesMax: limits.reportPieceBytesMax } },
  generated.Report,
  { toWire: (json) => ({ json }), fromWire: (message) => bufferFromWire(message.json) },
);

export const event: Codec<EventRecord> = codec(
  'control.event',
  { 1: { bytesMax: limits.eventBytesMax } },
  generated.Event,
  {
    toWire: (value) => ({ json: Buffer.from(JSON.stringify(value)) }),
    fromWire: (message, op) => eventFromJson(bufferFromWire(message.json), op),
  },
);

/** A report as the messages that carry it. At least one. */
export function reportToWire(report: object): Uint8Array[] {
  const json = Buffer.from(JSON.stringify(report));
  const messages: Uint8Array[] = [];
  for (let at = 0; at < json.length; at += limits.reportPieceBytesMax) {
    messages.push(reportPiece.toWire(json.subarray(at, at + limits.reportPieceBytesMax)));
  }
  return messages;
}

/**
 * The report that the pieces make.
 * @throws VaultError `malformed` unless it is a JSON object or array, `too-large`
 */
export function reportFromPieces(pieces: readonly Buffer[], op: string): object {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (bytes > limits.reportBytesMax) throw new VaultError('too-large', { op, subject: 'report' });
  return objectFromJson(Buffer.concat(pieces), op);
}

function eventFromJson(json: Buffer, op: string): EventRecord {
  const value = objectFromJson(json, op) as Record<string, unknown>;
  const { time, type, message } = value;
  if (typeof time !== 'string' || typeof type !== 'string' || typeof message !== 'string') {
    throw new VaultError('malformed', { op, detail: 'an event needs time, type and message' });
  }
  return { ...value, time, type, message };
}

function objectFromJson(json: Buffer, op: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw new VaultError('malformed', { op, detail: 'not JSON', cause });
  }
  if (typeof value !== 'object' || value === null) {
    throw new VaultError('malformed', { op, detail: 'neither an object nor an array' });
  }
  return value;
}
