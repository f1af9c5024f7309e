/**
 * What each statement had seen: an order in which every statement comes after what it names, the same
 * on every device, and for each of them the set of all statements before it as a bit set.
 */
import assert from 'node:assert/strict';
import type { StatementId } from '../../protocol/ids.ts';
import type { Statement } from '../../protocol/messages/statement.ts';
import type { Steps } from './steps.ts';

export interface Ancestry {
  /** Each after what it names; among those that could come next, the lowest id first. */
  readonly ordered: readonly Statement[];
  position(id: StatementId): number | undefined;
  /** Whether `later` had seen `earlier`. A statement has not seen itself. */
  hasSeen(later: Statement, earlier: Statement): boolean;
}

/** @param statements complete: everything that one of them names is there too */
export function* ancestryOf(statements: readonly Statement[]): Steps<Ancestry> {
  const ordered = yield* order(statements);
  const positions = new Map(ordered.map((statement, index) => [statement.id, index]));
  const words = Math.ceil(ordered.length / 32);
  const seen = new Uint32Array(words * ordered.length);
  for (const [index, statement] of ordered.entries()) {
    yield;
    for (const id of namedBy(statement)) {
      const before = positions.get(id);
      assert(before !== undefined && before < index);
      const own = index * words;
      const other = before * words;
      for (let word = 0; word < words; word += 1) {
        seen[own + word] = (seen[own + word] ?? 0) | (seen[other + word] ?? 0);
      }
      seen[own + (before >>> 5)] = (seen[own + (before >>> 5)] ?? 0) | (1 << (before & 31));
    }
  }
  return {
    ordered,
    position: (id) => positions.get(id),
    hasSeen(later, earlier) {
      const row = positions.get(later.id);
      const bit = positions.get(earlier.id);
      assert(row !== undefined && bit !== undefined);
      return (((seen[row * words + (bit >>> 5)] ?? 0) >>> (bit & 31)) & 1) === 1;
    },
  };
}

/** The statements that one names: its issuer's last one and the heads. */
export function namedBy(statement: Statement): readonly StatementId[] {
  return statement.previous === undefined
    ? statement.heads
    : [statement.previous, ...statement.heads];
}

/** Kahn's algorithm, wave by wave, so that nothing depends on the order of the input. */
function* order(statements: readonly Statement[]): Steps<Statement[]> {
  const byId = new Map(statements.map((statement) => [statement.id, statement]));
  const waiting = new Map<StatementId, number>();
  const followers = new Map<StatementId, Statement[]>();
  for (const statement of byId.values()) {
    yield;
    const named = new Set(namedBy(statement));
    waiting.set(statement.id, named.size);
    for (const id of named) {
      const list = followers.get(id);
      if (list === undefined) followers.set(id, [statement]);
      else list.push(statement);
    }
  }
  const ordered: Statement[] = [];
  let wave = [...byId.values()].filter((statement) => waiting.get(statement.id) === 0);
  while (wave.length > 0) {
    wave.sort((a, b) => (a.id < b.id ? -1 : 1));
    ordered.push(...wave);
    const next: Statement[] = [];
    for (const { id } of wave) {
      yield;
      for (const follower of followers.get(id) ?? []) {
        const left = (waiting.get(follower.id) ?? 0) - 1;
        waiting.set(follower.id, left);
        if (left === 0) next.push(follower);
      }
    }
    wave = next;
  }
  assert(ordered.length === byId.size, 'every statement comes after what it names');
  return ordered;
}
