/**
 * Times as people write them, by the time zone of this process: RFC 3339, local times without a zone,
 * `yesterday`, `2h ago`. Pure: the present time is given.
 */

const unitPattern =
  /^(\d{1,6}) ?(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?|months?|y|years?)(?: ago)?$/;
const datePattern = /^(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?$/;
const zonePattern = /^\d{4}-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:z|[+-]\d\d:\d\d)$/;
const dayPattern = /^(?:(today|yesterday)\s+)?(\d{1,2}):(\d\d)(?::(\d\d))?$/;

/**
 * Unix time in milliseconds; undefined when the text is no time.
 * `2026-11-01` is its first moment, `yesterday` this time of day one day ago, `12:00` that of today.
 */
export function parseTime(typed: string, nowMs: number): number | undefined {
  const text = typed.trim().toLowerCase();
  if (text === 'now') return nowMs;
  if (text === 'today') return midnight(nowMs);
  if (text === 'yesterday') return before(nowMs, { unit: 'd', count: 1 });
  return parseZoned(text) ?? parseLocal(text) ?? parseDay(text, nowMs) ?? parseAgo(text, nowMs);
}

function parseZoned(text: string): number | undefined {
  if (!zonePattern.test(text)) return undefined;
  const local = parseLocal(text.replace(/(?:z|[+-]\d\d:\d\d)$/, ''));
  const ms = Date.parse(text.replace(' ', 't').toUpperCase());
  // A day that no month has is refused here as well.
  return local === undefined || Number.isNaN(ms) ? undefined : ms;
}

function parseLocal(text: string): number | undefined {
  const fields = datePattern.exec(text);
  if (fields === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = fields;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  const date = new Date(y, mo - 1, d, h, mi, s, ms);
  const isSame = date.getFullYear() === y && date.getMonth() === mo - 1 && date.getDate() === d;
  return isSame && h < 24 && mi < 60 && s < 60 ? date.getTime() : undefined;
}

function parseDay(text: string, nowMs: number): number | undefined {
  const fields = dayPattern.exec(text);
  if (fields === null) return undefined;
  const [, day, hour, minute, second = '0'] = fields;
  const date = new Date(day === 'yesterday' ? before(nowMs, { unit: 'd', count: 1 }) : nowMs);
  const [h, mi, s] = [Number(hour), Number(minute), Number(second)];
  if (h >= 24 || mi >= 60 || s >= 60) return undefined;
  return date.setHours(h, mi, s, 0);
}

function parseAgo(text: string, nowMs: number): number | undefined {
  const [, count, word] = unitPattern.exec(text) ?? [];
  if (count === undefined || word === undefined) return undefined;
  const unit = word.startsWith('mo') ? 'mo' : word.slice(0, 1);
  return before(nowMs, { unit, count: Number(count) });
}

/** Days and longer go by the calendar, so that a change of clocks does not move the time of day. */
function before(nowMs: number, { unit, count }: { unit: string; count: number }): number {
  const date = new Date(nowMs);
  switch (unit) {
    case 's':
      return nowMs - count * 1000;
    case 'm':
      return nowMs - count * 60_000;
    case 'h':
      return nowMs - count * 3_600_000;
    case 'd':
      return date.setDate(date.getDate() - count);
    case 'w':
      return date.setDate(date.getDate() - 7 * count);
    case 'mo':
      return date.setMonth(date.getMonth() - count);
    default:
      return date.setFullYear(date.getFullYear() - count);
  }
}

function midnight(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}
