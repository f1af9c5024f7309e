/** How long something is valid, as people type it. Pure. */
const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `30m`, `24h`, `7d`; undefined: it is none of these, or nothing at all. */
export function parseLifetime(typed: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,9})([smhd])$/.exec(typed.trim()) ?? [];
  const seconds = Number(digits) * (secondsPerUnit[unit ?? ''] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}
