/** Long names that come again and again, by number. Numbers never change and begin at 0. */
export class Numbered<T extends string> {
  readonly #values: T[];
  readonly #numbers: Map<T, number>;

  constructor(values: Iterable<T> = []) {
    this.#values = [...values];
    this.#numbers = new Map(this.#values.map((value, number) => [value, number]));
  }

  /** The number of a value, a new one for a new value. */
  numberOf(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#values.push(value);
    this.#numbers.set(value, number);
    return number;
  }

  /** @throws RangeError when there is no such number */
  at(number: number): T {
    const value = this.#values[number];
    if (value === undefined) throw new RangeError('a number without a name');
    return value;
  }

  values(): readonly T[] {
    return this.#values;
  }
}
