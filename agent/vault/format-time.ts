/** Times for people and for `--json`: RFC 3339 in UTC. */
import type { FileTime } from '../../protocol/messages/op.ts';

/** Times beyond what a Date holds, which the clock of another device may show, are shown at its border. */
export function formatTime(unixMs: number): string {
  const borderMs = 8.64e15;
  return new Date(Math.max(-borderMs, Math.min(borderMs, unixMs))).toISOString();
}

/** With nanoseconds. */
export function formatFileTime({ seconds, nanoseconds }: FileTime): string {
  return `${formatTime(seconds * 1000).slice(0, -5)}.${String(nanoseconds).padStart(9, '0')}Z`;
}

/** A moment of the clock as the time of a file. */
export function fileTimeOf(unixMs: number): FileTime {
  const seconds = Math.floor(unixMs / 1000);
  return { seconds, nanoseconds: Math.floor((unixMs - seconds * 1000) * 1e6) };
}
