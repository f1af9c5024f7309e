/**
 * One line of log as text for a person at a terminal: time, level, place, message, fields. Everything
 * that may come from outside goes through the one escape of the
 * project, so that a name chosen by a peer cannot move the cursor or forge a line.
 */
import { escapeText } from '../../protocol/text/escape.ts';

/** What a JSON log line has. */
export interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly in?: string | undefined;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A JSON line as a line for people; a line that is no JSON passes through, escaped. */
export function textOfLine(line: string): string {
  const record = parseRecord(line);
  if (record === undefined) return escapeText(line);
  const { time, level, in: place, msg, pid: _pid, err, ...fields } = record;
  const clock = time.slice(11, 23);
  const head = `${clock} ${level.padEnd(5)} ${place === undefined ? '' : `${place}: `}${msg}`;
  const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${formatField(value)}`);
  return escapeText(head) + tail.join('') + formatStack(err);
}

function formatField(value: unknown): string {
  if (typeof value !== 'string') return escapeText(JSON.stringify(value));
  return /^[\w.:/@-]{1,200}$/.test(value) ? value : `"${escapeText(value)}"`;
}

function formatStack(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return '';
  const lines = String(error.stack).split('\n');
  return lines.map((line) => `\n    ${escapeText(line.trim())}`).join('');
}

function parseRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record: unknown = JSON.parse(line);
    return isRecord(record) ? record : undefined;
  } catch (error) {
    // A line that was cut in the middle, by a crash for example, is shown as it is.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is LogRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'time' in value &&
    typeof value.time === 'string' &&
    'level' in value &&
    typeof value.level === 'string' &&
    'msg' in value &&
    typeof value.msg === 'string'
  );
}
