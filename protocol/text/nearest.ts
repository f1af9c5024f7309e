/**
 * The known word that somebody probably meant: smallest number of single edits, when it is small
 * enough to be a slip of the fingers.
 */

/** The nearest of `known` within a third of its length, or undefined. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const bounded = word.slice(0, 64);
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(bounded, name);
    if (distance <= Math.max(1, Math.floor(name.length / 3)) && distance < (best?.distance ?? 99)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const above = previous[column] ?? 0;
      const before = current[column - 1] ?? 0;
      const diagonal = previous[column - 1] ?? 0;
      current.push(Math.min(above + 1, before + 1, diagonal + (same ? 0 : 1)));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
