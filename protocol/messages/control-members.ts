/**
 * Requests of the control socket about members: sending away, roles, who waits to be let in, and the
 * recovery words. What they mean is in SPEC.md, "Control protocol".
 */
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { codec, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';

const generated = peervault.control;
const text = { bytesMax: limits.keyTextBytesMax, text: true } as const;

export interface RevokeRequest {
  /** Id, its beginning, or name. */
  readonly device: string;
  readonly reason?: string | undefined;
  /** `[INCARNATION/]SEQUENCE` each, or one of `all` and `none`; empty: what counts now. */
  readonly until: readonly string[];
  /** Hex of the device's last statement that counts, its beginning, `all` or `none`. */
  readonly lastStatement?: string | undefined;
}

export interface RoleRequest {
  readonly device: string;
  readonly role: string;
}

export interface ApproveRequest {
  /** Of one that waits: id, its beginning, or name. */
  readonly device: string;
  readonly reject: boolean;
}

export interface RecoverRequest {
  /** 24, separated by white space. */
  readonly words: string;
  /** Of the owner that is replaced: hex of its last statement that counts, or `none`. */
  readonly lastStatement?: string | undefined;
}

export const revokeRequest: Codec<RevokeRequest> = codec(
  'control.revokeRequest',
  { 1: text, 2: text, 3: { ...text, countMax: limits.cutoffsMax }, 4: text },
  generated.RevokeRequest,
  {
    toWire: ({ device, reason, until, lastStatement }) => ({
      device,
      reason: reason ?? '',
      until: [...until],
      lastStatement: lastStatement ?? '',
    }),
    fromWire: ({ device, reason, until, lastStatement }) => ({
      device,
      reason: textFromWire(reason),
      until,
      lastStatement: textFromWire(lastStatement),
    }),
  },
);

export const roleRequest: Codec<RoleRequest> = codec(
  'control.roleRequest',
  { 1: text, 2: text },
  generated.RoleRequest,
  { toWire: (value) => value, fromWire: ({ device, role }) => ({ device, role }) },
);

export const approveRequest: Codec<ApproveRequest> = codec(
  'control.approveRequest',
  { 1: text, 2: {} },
  generated.ApproveRequest,
  { toWire: (value) => value, fromWire: ({ device, reject }) => ({ device, reject }) },
);

export const recoverRequest: Codec<RecoverRequest> = codec(
  'control.recoverRequest',
  { 1: { bytesMax: limits.recoveryTextBytesMax, text: true }, 2: text },
  generated.RecoverRequest,
  {
    toWire: ({ words, lastStatement }) => ({ words, lastStatement: lastStatement ?? '' }),
    fromWire: ({ words, lastStatement }) => ({
      words,
      lastStatement: textFromWire(lastStatement),
    }),
  },
);
