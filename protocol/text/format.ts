/** Numbers, times and modes as people read them, in every client. Pure. */
import type { FileTime, NodeKind } from '../messages/op.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `0 B`, `999 B`, `1.0 KiB`, `43 MiB`: three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.5 and more would be shown as 1024 of this unit.
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** `0:07`, `12:34`, `3 h 05 min`, `12 days`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 3600) return `${String(Math.floor(whole / 60))}:${twoDigits(whole % 60)}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 48 * 60) {
    return `${String(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} min`;
  }
  return `${String(Math.floor(minutes / 1440))} days`;
}

/** RFC 3339 in UTC with nanoseconds: `2026-11-21T06:44:28.123456789Z`. */
export function formatTime(time: FileTime): string {
  const seconds = new Date(time.seconds * 1000);
  if (Number.isNaN(seconds.getTime())) return `@${String(time.seconds)}`;
  const nanoseconds = String(time.nanoseconds).padStart(9, '0');
  return seconds.toISOString().replace('.000Z', `.${nanoseconds}Z`);
}

/** Local time to the minute, `2026-11-21 06:44`. */
export function formatLocalTime(time: FileTime): string {
  const date = new Date(time.seconds * 1000);
  if (Number.isNaN(date.getTime())) return `@${String(time.seconds)}`;
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** How long ago, for lists: `now`, `5 min`, `3 h`, `12 d`. */
export function formatAge(timestamp: string, nowMs: number): string {
  const seconds = (nowMs - Date.parse(timestamp)) / 1000;
  if (Number.isNaN(seconds)) return '?';
  if (seconds < 60) return 'now';
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min`;
  if (seconds < 48 * 3600) return `${String(Math.floor(seconds / 3600))} h`;
  return `${String(Math.floor(seconds / 86_400))} d`;
}

/** `just now`, `5 min ago`. */
export function formatSince(timestamp: string, nowMs: number): string {
  const age = formatAge(timestamp, nowMs);
  return age === 'now' ? 'just now' : `${age} ago`;
}

/** As `ls -l` writes it: `-rw-r--r--`, `drwxr-sr-t`. */
export function formatMode(kind: NodeKind, mode: number): string {
  const first = { file: '-', directory: 'd', symlink: 'l' }[kind];
  const groups = [
    { shift: 6, special: 0o4000, letter: 's' },
    { shift: 3, special: 0o2000, letter: 's' },
    { shift: 0, special: 0o1000, letter: 't' },
  ];
  return (
    first +
    groups
      .map(({ shift, special, letter }) => {
        const bits = (mode >> shift) & 7;
        const executable = (bits & 1) === 1;
        const last = (mode & special) === 0 ? (executable ? 'x' : '-') : letter;
        const shown = last === letter && !executable ? letter.toUpperCase() : last;
        return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${shown}`;
      })
      .join('')
  );
}

/** `1 file`, `2 files`, `0 directories`. */
export function formatCount(count: number, one: string, several = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : several}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
