/**
 * Which stretch of a changed file comes from where: a sorted list without overlaps, the latest write on
 * top. Pure; sources are opaque.
 */
export interface Extent<Source> {
  readonly start: number;
  readonly end: number;
  /** undefined: zeros. */
  readonly source: Source | undefined;
  /** Where `start` stands in the source. */
  readonly skip: number;
  /** Grows from write to write. */
  readonly turn: number;
}

export interface Covered {
  readonly start: number;
  readonly end: number;
  readonly isZero: boolean;
}

export class Extents<Source> {
  #list: Extent<Source>[];

  constructor(list: readonly Extent<Source>[] = []) {
    this.#list = [...list];
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  get count(): number {
    return this.#list.length;
  }

  all(): readonly Extent<Source>[] {
    return this.#list;
  }

  copy(): Extents<Source> {
    return new Extents(this.#list);
  }

  /** Covers a stretch; what was there before is cut away. */
  put(extent: Extent<Source>): void {
    if (extent.end <= extent.start) return;
    const { from, to, left, right } = this.#around(extent.start, extent.end);
    const middle = [extent];
    if (left !== undefined) middle.unshift(left);
    if (right !== undefined) middle.push(right);
    this.#list.splice(from, to - from, ...middle);
  }

  /** Forgets what is beyond `end`. */
  cut(end: number): void {
    const { from, left } = this.#around(end, Infinity);
    this.#list.length = from;
    if (left !== undefined) this.#list.push(left);
  }

  /** Forgets what was written up to a turn. */
  dropUpTo(turn: number): void {
    this.#list = this.#list.filter((extent) => extent.turn > turn);
  }

  /** The extents that touch a stretch, cut to it, in order. */
  *within(start: number, end: number): Generator<Extent<Source>> {
    for (let index = this.#firstAfter(start); index < this.#list.length; index += 1) {
      const extent = this.#list[index];
      if (extent === undefined || extent.start >= end) return;
      const from = Math.max(start, extent.start);
      const to = Math.min(end, extent.end);
      yield { ...extent, start: from, end: to, skip: extent.skip + from - extent.start };
    }
  }

  /** Stretches that are covered; those of one sort that touch are one. */
  covered(): readonly Covered[] {
    const stretches: { start: number; end: number; isZero: boolean }[] = [];
    for (const { start, end, source } of this.#list) {
      const isZero = source === undefined;
      const last = stretches.at(-1);
      if (last !== undefined && last.end === start && last.isZero === isZero) last.end = end;
      else stretches.push({ start, end, isZero });
    }
    return stretches;
  }

  /** Indexes of what a stretch touches, and what is left of the first and the last of them. */
  #around(
    start: number,
    end: number,
  ): {
    from: number;
    to: number;
    left: Extent<Source> | undefined;
    right: Extent<Source> | undefined;
  } {
    const from = this.#firstAfter(start);
    let to = from;
    while ((this.#list[to]?.start ?? Infinity) < end) to += 1;
    const first = this.#list[from];
    const last = this.#list[to - 1];
    const left =
      to > from && first !== undefined && first.start < start
        ? { ...first, end: start }
        : undefined;
    const right =
      to > from && last !== undefined && last.end > end
        ? { ...last, start: end, skip: last.skip + end - last.start }
        : undefined;
    return { from, to, left, right };
  }

  /** Index of the first extent that ends after `offset`. */
  #firstAfter(offset: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#list[middle]?.end ?? Infinity) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
