/** The request for entries of the audit log, which come as `Event`s. */
import { peervault } from '../proto/control.js';
import { codec } from './codec.ts';
import type { Codec } from './codec.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;

export interface AuditRequest {
  /** Unix time; 0: all. */
  readonly sinceMs: number;
  /** Go on with new ones until cancelled. */
  readonly follow: boolean;
}

export const auditRequest: Codec<AuditRequest> = codec(
  'control.auditRequest',
  { 1: {}, 2: {} },
  generated.AuditRequest,
  {
    toWire: (value) => value,
    fromWire: (message, op) => ({
      sinceMs: countFromWire(message.sinceMs, op),
      follow: message.follow,
    }),
  },
);
