/** How much of something is used: a bar and a number. Pure. */
import { span } from '../screen/span.ts';
import type { Span } from '../screen/span.ts';
import type { Role, Theme } from '../theme/theme.ts';

export function meter(
  part: number,
  { width, theme, role }: { readonly width: number; readonly theme: Theme; readonly role: Role },
): readonly Span[] {
  const full = Math.min(width, Math.max(0, Math.round(part * width)));
  const { barFull, barEmpty } = theme.glyphs;
  return [
    span(role, barFull.repeat(full)),
    span('dim', barEmpty.repeat(Math.max(0, width - full))),
  ];
}

/** `63 %`; less than one is not nothing. */
export function percent(part: number): string {
  const value = part * 100;
  if (value > 0 && value < 1) return '<1 %';
  // All but a little is not all.
  return `${String(value > 99 && value < 100 ? 99 : Math.round(value))} %`;
}
