/** Keeps what was used last, up to a total size. */
export class SizedCache<Key, Value> {
  readonly #sizeMax: number;
  readonly #onEvicted: (value: Value) => void;
  readonly #items = new Map<Key, { readonly value: Value; readonly size: number }>();
  #size = 0;

  /** @param onEvicted hears of what had to make way for others */
  constructor(sizeMax: number, onEvicted: (value: Value) => void = () => undefined) {
    this.#sizeMax = sizeMax;
    this.#onEvicted = onEvicted;
  }

  get size(): number {
    return this.#size;
  }

  has(key: Key): boolean {
    return this.#items.has(key);
  }

  get(key: Key): Value | undefined {
    const item = this.#items.get(key);
    if (item === undefined) return undefined;
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  set(key: Key, value: Value, size: number): void {
    this.delete(key);
    this.#items.set(key, { value, size });
    this.#size += size;
    for (const [oldest, item] of this.#items) {
      if (this.#size <= this.#sizeMax || this.#items.size === 1) break;
      this.delete(oldest);
      this.#onEvicted(item.value);
    }
  }

  /** Puts another value of the same size, or none, in the place of `before`, if that is still there. */
  replace(key: Key, before: Value, value: Value | undefined): void {
    const item = this.#items.get(key);
    if (item?.value !== before) return;
    if (value === undefined) this.delete(key);
    else this.#items.set(key, { value, size: item.size });
  }

  delete(key: Key): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    this.#size -= item.size;
  }
}
