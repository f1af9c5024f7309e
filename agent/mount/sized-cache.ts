/** Keeps what was used last, up to a total size. */
export class SizedCache<Key, Value> {
  readonly #sizeMax: number;
  readonly #items = new Map<Key, { readonly value: Value; readonly size: number }>();
  #size = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
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
    for (const oldest of this.#items.keys()) {
      if (this.#size <= this.#sizeMax || this.#items.size === 1) break;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#items.delete(key);
    this.#size -= item.size;
  }
}
