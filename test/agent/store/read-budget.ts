import test from 'ava';
import fc from 'fast-check';
import { ReadBudget, type ReadAccount } from '../../../agent/store/read-budget.ts';
import { VaultError } from '../../../protocol/errors.ts';

/** Whether it is settled by now, without waiting for it. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  for (let round = 0; round < 10; round += 1) await Promise.resolve();
  return done;
}

test('A call that is alone reads ahead up to a part of the whole', async (t) => {
  const budget = new ReadBudget(1_000);
  const account = budget.share().open();
  await account.begin(50);
  let held = 50;
  while (account.more(50)) held += 50;
  t.is(held, 200, 'a fourth of what stays free');
  account.close();
  t.is(budget.freeBytes, 1_000);
});

test('Calls that stall leave room for the next one, which goes on at once', async (t) => {
  const budget = new ReadBudget(1_000);
  const stalled = budget.share();
  for (let call = 0; call < 8; call += 1) {
    const account = stalled.open();
    await account.begin(20);
    while (account.more(20));
  }
  t.true(budget.scarce);
  t.true(budget.freeBytes > 0);
  t.true(await isDone(budget.share().open().begin(20)));
});

test('When nothing is free, whoever holds nothing gets a piece, and only one', async (t) => {
  const budget = new ReadBudget(100);
  const greedy = budget.share();
  for (let call = 0; call < 5; call += 1) await greedy.open().begin(20);
  t.is(budget.freeBytes, 0);
  t.false(await isDone(greedy.open().begin(20)), 'they wait for themselves');
  const other = budget.share();
  const first = other.open();
  t.true(await isDone(first.begin(20)));
  const second = other.open().begin(20);
  t.false(await isDone(second));
  first.close();
  t.true(await isDone(second), 'its own turn comes, whatever the others do');
});

test('Memory that goes round is not paid for twice, and is given up by whoever waits', async (t) => {
  const budget = new ReadBudget(100);
  const account = budget.share().open();
  await account.begin(20);
  account.keep(20);
  t.is(budget.freeBytes, 80);
  await account.begin(20);
  t.is(budget.freeBytes, 80);
  account.keep(20);
  const other = budget.share().open();
  await other.begin(75);
  const waiting = account.begin(30);
  t.true(await isDone(waiting), 'it is the only call of its share');
  t.is(budget.freeBytes, -5);
  account.close();
  other.close();
  t.is(budget.freeBytes, 100);
});

test('Whoever waits and goes away is forgotten', async (t) => {
  const budget = new ReadBudget(20);
  const share = budget.share();
  const first = share.open();
  await first.begin(20);
  const abort = new AbortController();
  const second = share.open();
  const waiting = second.begin(20, abort.signal);
  abort.abort(new VaultError('closed', { op: 'test' }));
  t.like(await t.throwsAsync(waiting), { code: 'closed' });
  const gone = second.begin(20, abort.signal);
  t.like(await t.throwsAsync(gone), { code: 'closed' });
  first.close();
  second.close();
  t.is(budget.freeBytes, 20, 'it was not given what it did not want any more');
});

test('property: what is held stays within the whole and a piece a share, and nobody waits for ever', async (t) => {
  const total = 1_000;
  const piece = 60;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.integer({ min: 1, max: piece })), {
        maxLength: 200,
      }),
      async (shares, steps) => {
        const budget = new ReadBudget(total);
        const calls = Array.from({ length: shares }, () => budget.share()).flatMap((share) =>
          Array.from({ length: 8 }, () => ({
            account: share.open(),
            pieces: [] as number[],
            waiting: undefined as Promise<void> | undefined,
          })),
        );
        for (const [pick, what, bytes] of steps) {
          const call = calls[pick % calls.length]!;
          if (call.waiting !== undefined) continue;
          step(call, what, bytes);
          await Promise.resolve();
          t.true(budget.freeBytes >= -piece * shares);
        }
        // Everybody who can goes on to the end: then all who wait have had their turn.
        for (let round = 0; round < 200; round += 1) {
          for (const call of calls) {
            if (call.waiting !== undefined) continue;
            for (const bytes of call.pieces.splice(0)) call.account.giveBack(bytes);
            call.account.close();
          }
          await Promise.resolve();
          await Promise.resolve();
          await Promise.resolve();
        }
        t.true(calls.every(({ waiting }) => waiting === undefined));
        t.is(budget.freeBytes, total);
      },
    ),
    { numRuns: 200 },
  );
});

function step(
  call: { account: ReadAccount; pieces: number[]; waiting: Promise<void> | undefined },
  what: number,
  bytes: number,
): void {
  const used = call.pieces.at(-1);
  if (what === 0 && used !== undefined) {
    call.account.keep(used);
    call.pieces.pop();
  } else if (what === 1 && used !== undefined) {
    call.account.giveBack(used);
    call.pieces.pop();
  } else if (call.pieces.length > 0) {
    if (call.account.more(bytes)) call.pieces.push(bytes);
  } else {
    call.waiting = call.account.begin(bytes).then(() => {
      call.pieces.push(bytes);
      call.waiting = undefined;
    });
  }
}

test('A share with a bound of its own waits for itself, and holds up nobody else', async (t) => {
  const budget = new ReadBudget(1_000);
  const bounded = budget.share(50);
  const first = bounded.open();
  await first.begin(30);
  t.false(first.more(30), 'beyond its bound');
  t.true(first.more(20));
  const waiting = bounded.open().begin(10);
  t.false(await isDone(waiting));
  t.true(await isDone(budget.share().open().begin(100)));
  first.giveBack(20);
  t.true(await isDone(waiting));
  const small = budget.share(5);
  t.true(await isDone(small.open().begin(30)), 'one piece is always had');
});
