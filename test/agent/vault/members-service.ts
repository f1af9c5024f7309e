import test from 'ava';
import type { Clock } from '../../../agent/ports.ts';
import { createMemoryStore } from '../../../agent/store/memory-store.ts';
import { MembersService } from '../../../agent/vault/members-service.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { smallVault, type SmallVault } from '../../helpers/small-vault.ts';

/** Each look at the clock costs 0.4 ms; timers of no delay fire on the next turn, and are counted. */
function costlyClock(onRest: () => void = () => undefined): Clock & { rests: number } {
  const { nowMs } = createManualClock();
  let passedMs = 0;
  const clock = {
    nowMs,
    rests: 0,
    monotonicMs: () => (passedMs += 0.4),
    after(delayMs: number, action: () => void) {
      clock.rests += 1;
      onRest();
      setTimeout(action, delayMs);
      return { cancel: () => undefined };
    },
  };
  return clock;
}

/** The first device of the vault, as it was before `vault` grew, and what it does not know yet. */
async function behind(
  grow: (vault: SmallVault) => void,
  clock: Clock,
): Promise<{ members: MembersService; stored(): number; news: Buffer[] }> {
  const vault = smallVault('members-service');
  const { statements } = createMemoryStore();
  await statements.append(vault.log.all());
  const known = vault.log.size;
  const log = vault.log.copy();
  grow(vault);
  return {
    members: new MembersService(log, statements, vault.first, clock),
    stored: () => statements.all().length - known,
    news: vault.log.all().slice(known),
  };
}

function admitMany(vault: SmallVault): void {
  for (let count = 0; count < 12; count += 1) vault.admit('reader');
}

test('statements of a peer are verified a few at a time, and taken in together', async (t) => {
  const seen = new Set<number>();
  const clock = costlyClock(() => seen.add(members.current().members.size));
  const { members, stored, news } = await behind(admitMany, clock);
  t.is(await members.learn(news), 12);
  t.true(
    clock.rests > 4 + 12,
    `a rest after each three, and then while it is evaluated: ${String(clock.rests)}`,
  );
  t.deepEqual([...seen], [1], 'nothing of it counts before all are verified and evaluated');
  t.is(members.current().members.size, 13);
  t.is(stored(), 12);
});

test('one wrong statement among many: none is taken in, and none after it is looked at', async (t) => {
  const clock = costlyClock();
  const { members, stored, news } = await behind(admitMany, clock);
  const wrong = Buffer.from(news[6]!);
  wrong.writeUInt8(wrong.readUInt8(wrong.length - 1) ^ 1, wrong.length - 1);
  await t.throwsAsync(members.learn(news.with(6, wrong)), {
    code: 'peer-misbehaved',
    message: /statement/,
  });
  t.is(clock.rests, 2);
  t.is(members.current().members.size, 1);
  t.is(stored(), 0);
});

test('two peers that send the same in turns do not make it count twice', async (t) => {
  const { members, stored, news } = await behind(admitMany, costlyClock());
  const fresh = await Promise.all([
    members.learn(news.slice(0, 8)),
    members.learn(news),
    members.learn(news.toReversed()),
  ]);
  t.deepEqual(fresh, [8, 4, 0]);
  t.is(stored(), 12);
  t.is(members.current().members.size, 13);
});

test('while a growth is evaluated, all of what held before holds', async (t) => {
  const seen = new Set<string>();
  const clock = costlyClock(() => {
    seen.add(`${String(members.log().size)} ${String(members.current().members.size)}`);
  });
  const { members, news } = await behind(admitMany, clock);
  const before = `${String(members.log().size)} ${String(members.current().members.size)}`;
  const told: number[] = [];
  members.onChange(({ length }) => told.push(length));
  await members.learn(news);
  t.deepEqual([...seen], [before]);
  t.deepEqual(told, [12]);
});

test('what is durable stays in the log, though its evaluation failed: no number is used twice', async (t) => {
  let failures = 0;
  const clock = costlyClock(() => {
    if (stored() === 0 || failures > 0) return;
    failures += 1;
    throw new Error('a test says so');
  });
  const { members, stored, news } = await behind(admitMany, clock);
  const size = members.log().size;
  await t.throwsAsync(members.learn(news), { message: 'a test says so' });
  t.is(members.log().size, size + 12);
  t.is(await members.learn(news), 0);
  t.is(stored(), 12, 'nothing is written twice');
});
