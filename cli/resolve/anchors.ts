/**
 * Cuts three texts where they plainly agree: at lines that each of them has exactly once, in the same
 * order. What lies between is merged by itself, so that a long text costs what its parts cost. Pure.
 */

export interface Texts {
  readonly base: readonly string[];
  readonly first: readonly string[];
  readonly second: readonly string[];
}

export interface Part extends Texts {
  /** The line that ends the part in all three; undefined: their ends. */
  readonly anchor: string | undefined;
  /** Where the part begins in the first text, from 0. */
  readonly firstStart: number;
}

interface Anchor {
  readonly base: number;
  readonly first: number;
  readonly second: number;
}

export function partsOf({ base, first, second }: Texts): readonly Part[] {
  const parts: Part[] = [];
  let start: Anchor = { base: 0, first: 0, second: 0 };
  const ends = [...anchorsOf({ base, first, second }), undefined];
  for (const end of ends) {
    parts.push({
      base: base.slice(start.base, end?.base),
      first: first.slice(start.first, end?.first),
      second: second.slice(start.second, end?.second),
      anchor: end === undefined ? undefined : base[end.base],
      firstStart: start.first,
    });
    if (end !== undefined) {
      start = { base: end.base + 1, first: end.first + 1, second: end.second + 1 };
    }
  }
  return parts;
}

/** How many pairs of equal lines a comparison of the part has to look at. */
export function costOf({ base, first, second }: Texts): number {
  const counts = new Map<string, number>();
  for (const line of base) counts.set(line, (counts.get(line) ?? 0) + 1);
  let pairs = 0;
  for (const line of first) pairs += counts.get(line) ?? 0;
  for (const line of second) pairs += counts.get(line) ?? 0;
  return pairs;
}

/** In the order of all three. Both sides are treated alike, so that it does not matter which is first. */
function anchorsOf({ base, first, second }: Texts): readonly Anchor[] {
  const inFirst = placesOfUnique(first);
  const inSecond = placesOfUnique(second);
  const common: Anchor[] = [];
  for (const [line, at] of placesOfUnique(base)) {
    const one = inFirst.get(line);
    const other = inSecond.get(line);
    if (one !== undefined && other !== undefined) {
      common.push({ base: at, first: one, second: other });
    }
  }
  common.sort((a, b) => a.base - b.base);
  const ordered = new Set(longestRising(common, (anchor) => anchor.first));
  return longestRising(common, (anchor) => anchor.second).filter((anchor) => ordered.has(anchor));
}

function placesOfUnique(lines: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (places.has(line)) repeated.add(line);
    else places.set(line, at);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

/** A longest selection whose values rise (patience sorting). */
function longestRising<T>(items: readonly T[], valueOf: (item: T) => number): readonly T[] {
  interface Card {
    readonly item: T;
    readonly before: Card | undefined;
  }
  const piles: Card[] = [];
  for (const item of items) {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const top = piles[middle];
      if (top !== undefined && valueOf(top.item) < valueOf(item)) low = middle + 1;
      else high = middle;
    }
    piles[low] = { item, before: piles[low - 1] };
  }
  const rising: T[] = [];
  for (let card = piles.at(-1); card !== undefined; card = card.before) rising.push(card.item);
  return rising.reverse();
}
