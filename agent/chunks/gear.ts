/**
 * The gear table: one pseudo-random 32-bit word for each byte value, derived from the vault's gear
 * key, so that cut points are the same on all devices of a vault and unknown outside it. This makes
 * it harder to recognise files by their chunk lengths; it is no proof (protocol/SPEC.md, "Chunks").
 */
import { hkdfSync } from 'node:crypto';

/** 256 signed 32-bit words, indexed by the byte. */
export type GearTable = Int32Array;

const info = Buffer.from('peervault gear table v1', 'utf8');

let latest: { readonly key: Buffer; readonly table: GearTable } | undefined;

/** Expands a key of 32 bytes with HKDF-SHA-256 (RFC 5869, no salt). The same table for the same key. */
export function gearTable(gearKey: Uint8Array): GearTable {
  if (latest?.key.equals(gearKey) !== true) {
    latest = { key: Buffer.from(gearKey), table: expanded(gearKey) };
  }
  return latest.table;
}

function expanded(gearKey: Uint8Array): GearTable {
  const bytes = Buffer.from(hkdfSync('sha256', gearKey, new Uint8Array(0), info, 1024));
  return Int32Array.from({ length: 256 }, (_, byte) => bytes.readInt32BE(byte * 4));
}
