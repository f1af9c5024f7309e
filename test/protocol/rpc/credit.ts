import test from 'ava';
import fc from 'fast-check';
import { rpc } from '../../../protocol/limits.ts';
import { ConnectionWindow, CreditPool, StreamWindow } from '../../../protocol/rpc/credit.ts';

const initial = rpc.streamCreditBytesInitial;

test('a pool gives what it has and no more', (t) => {
  const pool = new CreditPool(100);
  t.is(pool.take(60), 60);
  t.is(pool.take(60), 40);
  t.is(pool.take(1), 0);
  pool.giveBack(30);
  t.is(pool.take(60), 30);
});

test('what a connection cannot do without is given even from an empty pool', (t) => {
  const pool = new CreditPool(0);
  const window = new ConnectionWindow(pool);
  t.true(window.arrive(initial));
  t.false(window.arrive(1));
  window.close();
  t.is(pool.freeBytes, 0);
});

test('a stream may be sent exactly its window', (t) => {
  const window = new StreamWindow(0);
  t.true(window.arrive(initial));
  t.false(window.arrive(1));
});

test('credit is renewed at half a window, in full', (t) => {
  const window = new StreamWindow(0);
  window.arrive(initial / 2);
  t.false(window.consume(initial / 2 - 1));
  t.true(window.consume(1));
  t.is(
    window.renew(1000, 1, () => true),
    initial / 2,
  );
});

test('a window doubles when half of it goes in less than a round trip, up to 4 MiB', (t) => {
  const window = new StreamWindow(0);
  const sizes: number[] = [];
  for (let nowMs = 9; sizes.length < 6; nowMs += 9) {
    const half = window.windowBytes / 2;
    window.arrive(half);
    t.true(window.consume(half));
    window.renew(nowMs, 10, () => true);
    sizes.push(window.windowBytes);
  }
  t.deepEqual(
    sizes,
    [2, 4, 8, 16, 16, 16].map((factor) => factor * initial),
  );
  t.is(window.windowBytes, rpc.streamCreditBytesMax);
});

test('a window is widened to what is expected, within its bound and what is granted', (t) => {
  const window = new StreamWindow(0);
  t.is(
    window.widen(initial, () => true),
    0,
  );
  t.is(
    window.widen(3 * initial, () => false),
    0,
  );
  t.is(
    window.widen(3 * initial, (bytes) => bytes === 2 * initial),
    2 * initial,
  );
  t.is(window.windowBytes, 3 * initial);
  t.true(window.arrive(3 * initial));
  t.false(window.arrive(1));
  window.widen(1e9, () => true);
  t.is(window.windowBytes, rpc.streamCreditBytesMax);
});

test('a window stays when it is used slowly, or when nobody grants more', (t) => {
  for (const [nowMs, grow] of [
    [10, true],
    [1, false],
  ] as const) {
    const window = new StreamWindow(0);
    window.arrive(initial / 2);
    window.consume(initial / 2);
    t.is(
      window.renew(nowMs, 10, () => grow),
      initial / 2,
    );
    t.is(window.windowBytes, initial);
  }
});

test('a connection promises the sum of its streams, up to 16 MiB', (t) => {
  const window = new ConnectionWindow(new CreditPool());
  t.is(window.want(initial), 0);
  t.is(window.want(initial), initial);
  t.is(window.want(-initial), 0);
  t.is(window.want(initial), 0);
  t.is(window.want(100 * initial), rpc.connectionCreditBytesMax - 2 * initial);
  t.false(window.covers(1));
});

test('when the pool is scarce, a connection does not renew what its streams do not need', (t) => {
  const pool = new CreditPool(4 * initial);
  const window = new ConnectionWindow(pool);
  window.want(4 * initial);
  t.is(pool.freeBytes, 0);
  window.want(-3 * initial);
  window.arrive(3 * initial);
  t.is(window.consume(3 * initial), 0);
  t.is(pool.freeBytes, 3 * initial);
});

test('property: a pool never promises more than it has, beyond the least of each connection', (t) => {
  const step = fc.record({
    connection: fc.nat(3),
    action: fc.constantFrom('open' as const, 'close' as const, 'use' as const),
    bytes: fc.integer({ min: 1, max: 2 * initial }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pool = new CreditPool(8 * initial);
      const windows = [0, 1, 2, 3].map(() => new ConnectionWindow(pool));
      const promised = [initial, initial, initial, initial];
      const open = [0, 0, 0, 0];
      for (const { connection, action, bytes } of steps) {
        const window = windows[connection]!;
        if (action === 'open') {
          open[connection]! += 1;
          promised[connection]! += window.want(initial);
        } else if (action === 'close' && open[connection]! > 0) {
          open[connection]! -= 1;
          promised[connection]! += window.want(-initial);
        } else if (action === 'use') {
          // The other side sends what it may, and it is taken at once.
          const used = Math.min(bytes, promised[connection]!);
          t.true(window.arrive(used));
          promised[connection]! += window.consume(used) - used;
        }
        t.true(promised.reduce((sum, each) => sum + each, 0) <= 8 * initial);
        // Enough for the largest message, whoever else is greedy.
        t.true(promised[connection]! >= rpc.messageBytesMax + rpc.frameCostBytes);
      }
      for (const window of windows) window.close();
      t.is(pool.freeBytes, 8 * initial);
    }),
    { numRuns: 300 },
  );
});
