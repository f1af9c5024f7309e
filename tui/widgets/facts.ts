/** Names and values below each other, the values in as many lines as they need. Pure. */
import { fit, row, span, wrap } from '../screen/span.ts';
import type { Row } from '../screen/span.ts';
import type { Role } from '../theme/theme.ts';

export interface Fact {
  readonly name: string;
  /** Escaped; undefined: the fact is left out. */
  readonly value: string | undefined;
  readonly role?: Role | undefined;
}

export function factRows(facts: readonly Fact[], width: number, nameWidth = 15): readonly Row[] {
  return facts.flatMap(({ name, value, role }) => {
    if (value === undefined) return [];
    return wrap(value, width - nameWidth - 1).map((line, at) =>
      row(span('dim', fit(at === 0 ? ` ${name}` : '', nameWidth)), span(role ?? 'text', line)),
    );
  });
}
