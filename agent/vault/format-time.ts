/** Times for people and for `--json`: RFC 3339 in UTC. */
import type { FileTime } from '../../protocol/messages/op.ts';

export function formatTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** With nanoseconds. Times beyond what a Date holds are shown at its border. */
export function formatFileTime({ seconds, nanoseconds }: FileTime): string {
  const borderMs = 8.64e15;
  const ms = Math.max(-borderMs, Math.min(borderMs, seconds * 1000));
  return `${new Date(ms).toISOString().slice(0, -5)}.${String(nanoseconds).padStart(9, '0')}Z`;
}

/** A moment of the clock as the time of a file. */
export function fileTimeOf(unixMs: number): FileTime {
  const seconds = Math.floor(unixMs / 1000);
  return { seconds, nanoseconds: Math.floor((unixMs - seconds * 1000) * 1e6) };
}
