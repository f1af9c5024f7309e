/** What is shown in the place of data that is not there: why, never made-up figures. Pure. */
import { row, span } from '../screen/span.ts';
import type { Row } from '../screen/span.ts';
import type { Datum, Failure } from '../state/resources.ts';

export function absent(datum: Datum<unknown> | undefined): readonly Row[] {
  if (datum?.error === undefined) return [row(span('dim', ' waiting for the agent'))];
  return failureRows(datum.error);
}

export function failureRows({ message, next }: Failure): readonly Row[] {
  return [
    row(span('bad', ` ${message}`)),
    ...(next === undefined ? [] : [row(span('dim', ` try: ${next}`))]),
  ];
}
