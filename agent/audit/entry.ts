/**
 * One line of the audit log: a JSON object that names the hash of the line before it and ends with its
 * own. The hash covers the bytes of the line as they stand, so nothing has to be written in one certain
 * way to be checked. Pure.
 */
import { blake3Of } from '../../protocol/hash.ts';
import { audit as limits } from '../../protocol/limits.ts';

export interface AuditEntry {
  /** From 1, no gaps. */
  readonly sequence: number;
  /** RFC 3339, by the clock of this device. */
  readonly time: string;
  /** Stable, for example `keys-unlocked`. */
  readonly type: string;
  /** One clause for people. */
  readonly message: string;
  readonly subject?: string | undefined;
  readonly level?: 'info' | 'warning' | 'error' | undefined;
  /** Hash of the entry before, hex; zeros in the first. */
  readonly previous: string;
  readonly hash: string;
  readonly [field: string]: unknown;
}

/** What an entry says; number, time and hashes are added. */
export interface NewEntry {
  readonly type: string;
  readonly message: string;
  readonly subject?: string | undefined;
  readonly level?: AuditEntry['level'];
  readonly [field: string]: unknown;
}

export const noHash = '0'.repeat(64);

const domain = 'peervault/1/audit';
const tail = /,"hash":"([0-9a-f]{64})"\}$/;
const textCharactersMax = 300;

/** The line, without its end. What is too long is cut, so that an entry always fits. */
export function writeEntry(
  entry: NewEntry,
  at: { readonly sequence: number; readonly time: string; readonly previous: string },
): { readonly line: string; readonly hash: string } {
  const { sequence, time, previous } = at;
  const { type, ...fields } = entry;
  const cut = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, textCharactersMax) : value,
    ]),
  );
  const body = JSON.stringify({ sequence, time, type, ...cut, previous });
  const fits = Buffer.byteLength(body) + 80 <= limits.entryBytesMax;
  const kept = fits
    ? body
    : JSON.stringify({ sequence, time, type, message: 'it was too long to be kept', previous });
  const hash = hashOf(kept);
  return { line: `${kept.slice(0, -1)},"hash":"${hash}"}`, hash };
}

/** The entry of a line, or undefined when the line is none or its hash is not of its bytes. */
export function readEntry(line: string): AuditEntry | undefined {
  const [end, hash] = tail.exec(line) ?? [];
  if (end === undefined || hash === undefined) return undefined;
  const body = `${line.slice(0, -end.length)}}`;
  if (hashOf(body) !== hash) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { sequence, time, type, message, previous } = fields;
  const isEntry =
    typeof sequence === 'number' &&
    Number.isSafeInteger(sequence) &&
    typeof time === 'string' &&
    typeof type === 'string' &&
    typeof message === 'string' &&
    typeof previous === 'string';
  return isEntry ? { ...fields, sequence, time, type, message, previous, hash } : undefined;
}

function hashOf(body: string): string {
  return blake3Of(domain, Buffer.from(body, 'utf8')).toString('hex');
}
