/**
 * Figures that move all the time, in steps of about a tenth, for who wants to know of large changes only:
 * others write to the disk too, and memory breathes. Pure, but for what was said last.
 */

/** So many steps make a figure twice as large. */
const stepsPerDouble = 8;

export class Steps {
  readonly #last = new Map<string, number>();

  /**
   * The step of the figure with this name. It stays the same until the figure is a whole step away from
   * it, so that one which hovers between two steps is no news; and while the figure is not known.
   */
  of(name: string, bytes: number | undefined): number | undefined {
    const last = this.#last.get(name);
    if (bytes === undefined) return last;
    const exact = Math.log2(bytes + 1) * stepsPerDouble;
    if (last !== undefined && Math.abs(exact - last) < 1) return last;
    const step = Math.round(exact);
    this.#last.set(name, step);
    return step;
  }
}
