/**
 * The chains of statements by issuer, and what counts of one that forked: two statements with one
 * number prove a cloned key, so only what comes before them counts, unless somebody above has chosen a
 * branch: by naming a last statement, or by ending the office of a device of which it knew only one.
 */
import type { StatementId } from '../../protocol/ids.ts';
import type { Statement } from '../../protocol/messages/statement.ts';

export interface IssuerChains {
  /** Everything that the issuer signed. */
  of(issuer: string): readonly Statement[];
  /** Up to the first number that was used twice. */
  commonPrefix(issuer: string): readonly Statement[];
  /** Whether the statement lies before the first number that its issuer used twice. */
  beforeFork(statement: Statement): boolean;
  /** The statement and all before it in its chain, by number; empty when it is not the issuer's. */
  upTo(issuer: string, last: StatementId | undefined): readonly Statement[];
  /** Issuers that forked, sorted. */
  readonly frozen: readonly string[];
}

export function issuerChains(statements: readonly Statement[]): IssuerChains {
  const byId = new Map(statements.map((statement) => [statement.id, statement]));
  const byIssuer = Map.groupBy(statements, ({ issuer }) => issuer);
  const forks = new Map<string, number>();
  for (const [issuer, chain] of byIssuer) {
    const fork = firstUsedTwice(chain);
    if (fork !== undefined) forks.set(issuer, fork);
  }
  const beforeFork = ({ issuer, sequence }: Statement): boolean =>
    sequence < (forks.get(issuer) ?? Infinity);
  return {
    of: (issuer) => byIssuer.get(issuer) ?? [],
    commonPrefix: (issuer) => bySequence((byIssuer.get(issuer) ?? []).filter(beforeFork)),
    beforeFork,
    upTo(issuer, last) {
      const chain: Statement[] = [];
      let statement = last === undefined ? undefined : byId.get(last);
      while (statement?.issuer === issuer) {
        chain.push(statement);
        statement = statement.previous === undefined ? undefined : byId.get(statement.previous);
      }
      return chain.reverse();
    },
    frozen: [...forks.keys()].sort(),
  };
}

/** Whether two of them have one number. */
export function hasFork(chain: readonly Statement[]): boolean {
  return firstUsedTwice(chain) !== undefined;
}

function firstUsedTwice(chain: readonly Statement[]): number | undefined {
  const used = new Set<number>();
  let first: number | undefined;
  for (const { sequence } of chain) {
    if (used.has(sequence) && (first === undefined || sequence < first)) first = sequence;
    used.add(sequence);
  }
  return first;
}

function bySequence(chain: readonly Statement[]): Statement[] {
  return chain.toSorted((a, b) => a.sequence - b.sequence);
}
