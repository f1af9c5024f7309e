/** Times, sizes and states of files as words. Pure. */
import type { Entry, EntryState } from '../../../protocol/messages/control-entry.ts';
import { formatBytes, formatLocalTime } from '../../../protocol/text/format.ts';
import { span } from '../../screen/span.ts';
import type { Span } from '../../screen/span.ts';
import type { Glyphs } from '../../theme/glyphs.ts';
import type { Role } from '../../theme/theme.ts';

/** Local time to the minute. */
export function localMinute(timeMs: number): string {
  return formatLocalTime({ seconds: Math.floor(timeMs / 1000), nanoseconds: 0 });
}

const roles: Readonly<Record<EntryState, Role>> = {
  here: 'ok',
  partly: 'working',
  elsewhere: 'dim',
  conflict: 'warn',
};

export function stateSpan(
  entry: Entry,
  glyphs: Glyphs,
  form: 'sign' | 'word' = 'word',
): Span | string {
  if (entry.kind !== 'file' && entry.state !== 'conflict') return '';
  const signs: Readonly<Record<EntryState, string>> = {
    here: glyphs.here,
    partly: glyphs.partly,
    elsewhere: glyphs.elsewhere,
    conflict: glyphs.warning,
  };
  const sign = signs[entry.state];
  return span(roles[entry.state], form === 'sign' ? sign : `${sign} ${entry.state}`);
}

export function sizeText({ kind, size }: Pick<Entry, 'kind' | 'size'>): string {
  return kind === 'directory' ? '' : formatBytes(size);
}
