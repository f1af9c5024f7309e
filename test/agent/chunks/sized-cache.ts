import test from 'ava';
import fc from 'fast-check';
import { SizedCache } from '../../../agent/chunks/sized-cache.ts';

interface Kept {
  readonly key: number;
  readonly size: number;
}

/** What should be kept: a list, the latest use at its end. */
class Oracle {
  items: Kept[] = [];
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.items.reduce((sum, { size }) => sum + size, 0);
  }

  delete(key: number): Kept | undefined {
    const found = this.items.find((item) => item.key === key);
    this.items = this.items.filter((item) => item !== found);
    return found;
  }

  use(key: number): boolean {
    const found = this.delete(key);
    if (found !== undefined) this.items.push(found);
    return found !== undefined;
  }

  /** @returns what had to go */
  set(key: number, size: number): number[] {
    this.delete(key);
    this.items.push({ key, size });
    const gone: number[] = [];
    while (this.size > this.#sizeMax && this.items.length > 1) {
      gone.push(this.items.shift()?.key ?? -1);
    }
    return gone;
  }
}

test('what was used last is kept, up to the size, and the rest goes in the order of its use', (t) => {
  const step = fc.record({
    act: fc.constantFrom('set', 'get', 'delete'),
    key: fc.nat(12),
    size: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const gone: number[] = [];
      const cache = new SizedCache<number, number>(50, (value) => gone.push(value));
      const oracle = new Oracle(50);
      const expected: number[] = [];
      for (const { act, key, size } of steps) {
        if (act === 'set') {
          cache.set(key, key, size);
          expected.push(...oracle.set(key, size));
        } else if (act === 'get') t.is(cache.get(key), oracle.use(key) ? key : undefined);
        else {
          cache.delete(key);
          oracle.delete(key);
        }
        t.is(cache.size, oracle.size);
      }
      t.deepEqual(gone, expected);
      for (let key = 0; key <= 12; key += 1) {
        t.is(
          cache.has(key),
          oracle.items.some((item) => item.key === key),
        );
      }
    }),
  );
});

test('a value is replaced only where it still stands', (t) => {
  const cache = new SizedCache<string, string>(10);
  cache.set('a', 'begun', 4);
  cache.replace('a', 'another', 'done');
  t.is(cache.get('a'), 'begun');
  cache.replace('a', 'begun', 'done');
  t.is(cache.get('a'), 'done');
  cache.replace('a', 'done', undefined);
  t.deepEqual([cache.has('a'), cache.size], [false, 0]);
});
