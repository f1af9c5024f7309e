/** Health as a sign and a word: never by colour alone. Pure. */
import type { Health } from '../../protocol/control/reports.ts';
import { span } from '../screen/span.ts';
import type { Span } from '../screen/span.ts';
import type { Glyphs } from '../theme/glyphs.ts';

const healthRoles = { ok: 'ok', working: 'working', attention: 'warn', broken: 'bad' } as const;

export function healthSpan(health: Health, glyphs: Glyphs): Span {
  const signs = {
    ok: glyphs.ok,
    working: glyphs.working,
    attention: glyphs.warning,
    broken: glyphs.broken,
  };
  return span(healthRoles[health], `${signs[health]} ${health}`);
}
