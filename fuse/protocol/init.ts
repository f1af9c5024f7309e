/**
 * The first exchange with the kernel: what it can do and what of it is used. Kernels since 5.4 (protocol
 * 7.31) are spoken to; what newer ones offer is used where it is offered.
 */
import { initFlags, maxWriteBytes, outHeaderBytes, readAheadBytes } from './constants.ts';
import { reply } from './reply.ts';
import type { Header, InitRequest } from './request.ts';

export const protocolMajor = 7;
/** The newest whose structures this driver knows. */
const minorKnown = 45;
const minorMin = 31;
const pageBytes = 4096;

export interface Agreement {
  readonly minor: number;
  readonly flags: number;
  readonly flags2: number;
  readonly readAheadBytes: number;
  readonly writeback: boolean;
  /** Requests that a dead server left can be asked for again. */
  readonly resend: boolean;
}

/**
 * What both sides speak from now on; undefined for a kernel that is too old.
 * @param wanted.writeback the kernel may keep written bytes for a while
 */
export function agree(
  { major, minor, flags, flags2, readAheadBytes: offeredBytes }: InitRequest,
  wanted: { readonly writeback: boolean },
): Agreement | undefined {
  if (major !== protocolMajor || minor < minorMin) return undefined;
  const extended = has(flags, initFlags.initExt);
  const offered = { low: flags, high: extended ? flags2 : 0 };
  const chosen = { low: 0, high: 0 };
  for (const bit of wantedBits(wanted.writeback)) {
    if (bit < 32) chosen.low |= offered.low & (1 << bit);
    else chosen.high |= offered.high & (1 << (bit - 32));
  }
  return {
    minor: Math.min(minor, minorKnown),
    flags: chosen.low >>> 0,
    flags2: chosen.high >>> 0,
    // The kernel takes the smaller of this and its own, which root raises (mount/read-ahead.ts): before the
    // answer or after it.
    readAheadBytes: Math.max(offeredBytes, readAheadBytes),
    writeback: has(chosen.low, initFlags.writebackCache),
    resend: has(chosen.high, initFlags.hasResend - 32),
  };
}

export function initReply(to: Header, agreement: Agreement): Buffer {
  const bytes = reply(to, 64);
  const at = outHeaderBytes;
  bytes.writeUInt32LE(protocolMajor, at);
  bytes.writeUInt32LE(agreement.minor, at + 4);
  bytes.writeUInt32LE(agreement.readAheadBytes, at + 8);
  bytes.writeUInt32LE(agreement.flags, at + 12);
  bytes.writeUInt16LE(64, at + 16);
  bytes.writeUInt16LE(48, at + 18);
  bytes.writeUInt32LE(maxWriteBytes, at + 20);
  // Nanoseconds.
  bytes.writeUInt32LE(1, at + 24);
  bytes.writeUInt16LE(maxWriteBytes / pageBytes, at + 28);
  bytes.writeUInt32LE(agreement.flags2, at + 32);
  return bytes;
}

function wantedBits(writeback: boolean): readonly number[] {
  const { writebackCache, ...others } = initFlags;
  return writeback ? [...Object.values(others), writebackCache] : Object.values(others);
}

function has(flags: number, bit: number): boolean {
  return (flags & (1 << bit)) !== 0;
}
