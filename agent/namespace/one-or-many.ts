/**
 * Most registers of most nodes hold exactly one value. Held bare, it costs one pointer; an array
 * appears only with the second value. Values are never arrays themselves.
 */
export type OneOrMany<T extends object> = T | readonly T[] | undefined;

const none: readonly never[] = Object.freeze([]);

/** The values in the order in which they came. */
export function valuesOf<T extends object>(held: OneOrMany<T>): readonly T[] {
  if (held === undefined) return none;
  return isMany(held) ? held : [held];
}

/** These values; the array is not to be changed any more. */
export function held<T extends object>(values: readonly T[]): OneOrMany<T> {
  return values.length > 1 ? values : values[0];
}

export function withValue<T extends object>(held: OneOrMany<T>, value: T): OneOrMany<T> {
  if (held === undefined) return value;
  return isMany(held) ? [...held, value] : [held, value];
}

/** Keeps the values for which `keep` says so. */
export function filtered<T extends object>(
  held: OneOrMany<T>,
  keep: (value: T) => boolean,
): OneOrMany<T> {
  if (held === undefined) return undefined;
  if (!isMany(held)) return keep(held) ? held : undefined;
  const kept = held.filter(keep);
  return kept.length > 1 ? kept : kept[0];
}

/** The value that is greatest by `compare`; undefined when there is none. */
export function greatest<T extends object>(
  held: OneOrMany<T>,
  compare: (a: T, b: T) => number,
): T | undefined {
  if (!isMany(held)) return held;
  let best = held[0];
  for (const value of held) if (best === undefined || compare(value, best) > 0) best = value;
  return best;
}

export function isEmpty(held: OneOrMany<object>): held is undefined {
  return held === undefined;
}

/** Whether there are at least two values. */
export function isMany<T extends object>(held: OneOrMany<T>): held is readonly T[] {
  return Array.isArray(held);
}
