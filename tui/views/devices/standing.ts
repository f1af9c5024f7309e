/** How a device is, as a sign and a word. Pure. */
import { formatSince } from '../../../protocol/text/format.ts';
import { span } from '../../screen/span.ts';
import type { Span } from '../../screen/span.ts';
import type { Glyphs } from '../../theme/glyphs.ts';
import type { DeviceRow } from './rows.ts';

export function standing(
  { member, peer, waiting }: DeviceRow,
  glyphs: Glyphs,
  nowMs: number,
): Span {
  if (waiting !== undefined) return span('warn', `${glyphs.warning} waiting`);
  if (member?.state === 'revoked') return span('bad', `${glyphs.broken} sent away`);
  if (member?.self === true) return span('ok', `${glyphs.ok} here`);
  if (peer?.online === true) return span('ok', `${glyphs.ok} online`);
  const seen = lastSeenOf({ member, peer });
  if (seen === null) return span('dim', `${glyphs.elsewhere} never seen`);
  return span('dim', `${glyphs.elsewhere} ${formatSince(seen, nowMs)}`);
}

function lastSeenOf({ member, peer }: Pick<DeviceRow, 'member' | 'peer'>): string | null {
  return member?.lastSeen ?? peer?.lastSeen ?? null;
}

/** Since when the devices that are away have been: it is told as an age. Unix times. */
export function awaySince(rows: readonly DeviceRow[]): readonly number[] {
  return rows.flatMap((row) => {
    const seen = row.peer?.online === true || row.member?.self === true ? null : lastSeenOf(row);
    return seen === null || Number.isNaN(Date.parse(seen)) ? [] : [Date.parse(seen)];
  });
}
