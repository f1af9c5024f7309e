/** Rates as people type and read them, for every client. Pure. */
import { formatBytes } from './format.ts';

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
};

/** `500KiB`, `1.5 MiB/s`, `2M`, `off`: bytes a second, 0 for no limit; undefined: it is no rate. */
export function parseRate(typed: string): number | undefined {
  const text = typed.trim().toLowerCase();
  if (text === 'off' || text === 'none') return 0;
  const [, number, unit] = /^(\d{1,12}(?:\.\d{1,3})?) ?([kmg]?i?b?)(?:\/s)?$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitBytes[unit];
  if (number === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** null: no limit. */
export function formatRate(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? 'no limit' : `${formatBytes(bytesPerSecond)}/s`;
}
