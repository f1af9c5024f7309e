/**
 * The set of statements that this device knows of one vault. It takes in only what is well formed,
 * signed, of this vault, at its right place in its issuer's chain, and of an issuer that somebody
 * in the log has named; whether a statement counts is decided by `evaluate.ts`, every time anew.
 *
 * A statement that comes before something it names is held back, within a bound, until that arrives.
 * Two statements of one issuer with one number are both kept: they are the evidence.
 */
import { VaultError } from '../../protocol/errors.ts';
import { members } from '../../protocol/limits.ts';
import { idFromBytes, idToBytes, type StatementId, type VaultId } from '../../protocol/ids.ts';
import type {
  SignedStatement,
  Statement,
  StatementKind,
} from '../../protocol/messages/statement.ts';
import { namedBy } from './ancestry.ts';
import type { SignKey } from './sign-key.ts';
import { signStatement, verifyStatement } from './signed-statement.ts';

export class MembershipLog {
  readonly vault: VaultId;
  /** In the order of arrival, which is one where each comes after what it names. */
  #linked = new Map<StatementId, SignedStatement>();
  #held = new Map<StatementId, SignedStatement>();
  #heads = new Set<StatementId>();
  /** Keys that a genesis, grant or recovery in the log names. */
  #issuers = new Set<string>();
  /** The end of each issuer's chain; of a forked one, of its longest branch. */
  #tails = new Map<string, Statement>();

  constructor(vault: VaultId) {
    this.vault = vault;
  }

  /** A log with the same statements, to try something on before it is made durable. */
  copy(): MembershipLog {
    const copy = new MembershipLog(this.vault);
    copy.#linked = new Map(this.#linked);
    copy.#held = new Map(this.#held);
    copy.#heads = new Set(this.#heads);
    copy.#issuers = new Set(this.#issuers);
    copy.#tails = new Map(this.#tails);
    return copy;
  }

  /**
   * Takes in signed statements, in any order. When one of them is wrong, none is taken in.
   * @returns those that are part of the log from now on, each after what it names; statements that
   *   were held back may be among them
   * @throws VaultError `malformed`, `too-large`, `wrong-vault`, `protocol-version`; `overload` when
   *   the log is full
   */
  add(signed: readonly Uint8Array[]): readonly SignedStatement[] {
    return this.addVerified(signed.map(verifyStatement));
  }

  /** The same with what `verifyStatement` gave, which takes nearly all of the time. */
  addVerified(verified: readonly SignedStatement[]): readonly SignedStatement[] {
    const linked: SignedStatement[] = [];
    for (const one of this.#checked(verified).values()) {
      if (this.#isReady(one.statement)) linked.push(this.#link(one));
      else this.#hold(one);
    }
    return [...linked, ...this.#linkHeld()];
  }

  /**
   * Signs a statement at the end of the issuer's chain, naming the heads, and takes it in.
   * The caller makes it durable before it leaves this device: a number used twice freezes the issuer.
   * @throws VaultError `too-large`; `overload` when the log is full
   */
  issue(issuer: SignKey, kind: StatementKind): SignedStatement {
    const tail = this.#tails.get(issuer.publicKey.toString('hex'));
    const heads = this.heads().filter((id) => id !== tail?.id);
    const signed = signStatement(
      issuer,
      {
        vault: this.vault,
        sequence: (tail?.sequence ?? 0) + 1,
        previous: tail?.id,
        heads: heads.slice(0, members.statementHeadsMax),
      },
      kind,
    );
    this.add([signed.bytes]);
    return signed;
  }

  /** Statements that no other one names, in order of id. */
  heads(): readonly StatementId[] {
    return [...this.#heads].sort();
  }

  has(id: StatementId): boolean {
    return this.#linked.has(id);
  }

  /** Whether the first statement is here, without which nothing of it counts. */
  get isFounded(): boolean {
    return this.#linked.has(this.vault as string as StatementId);
  }

  get(id: StatementId): Statement | undefined {
    return this.#linked.get(id)?.statement;
  }

  get size(): number {
    return this.#linked.size;
  }

  /** How many wait for something that they name. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** Every statement, each after what it names. */
  statements(): readonly Statement[] {
    return Array.from(this.#linked.values(), ({ statement }) => statement);
  }

  /** Every signed statement as bytes, each after what it names. */
  all(): readonly Buffer[] {
    return Array.from(this.#linked.values(), ({ bytes }) => bytes);
  }

  /**
   * What somebody with these heads lacks, each after what it names. Heads that are not known here say
   * nothing about what is behind them.
   */
  missingFor(heads: readonly StatementId[]): readonly Buffer[] {
    const theirs = new Set<StatementId>();
    const open = heads.filter((id) => this.#linked.has(id));
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (theirs.has(id)) continue;
      theirs.add(id);
      const signed = this.#linked.get(id);
      if (signed !== undefined) open.push(...namedBy(signed.statement));
    }
    return [...this.#linked.values()]
      .filter(({ statement }) => !theirs.has(statement.id))
      .map(({ bytes }) => bytes);
  }

  /** The new ones, each fit for this log. */
  #checked(verified: readonly SignedStatement[]): Map<StatementId, SignedStatement> {
    const fresh = new Map<StatementId, SignedStatement>();
    for (const one of verified) {
      const { id } = one.statement;
      if (this.#linked.has(id)) continue;
      this.#checkVault(one.statement);
      if (this.#misplaced(one.statement)) refuseOf('malformed', id, 'it is not at its place');
      fresh.set(id, one);
    }
    if (this.#linked.size + fresh.size > members.statementsMax) {
      throw new VaultError('overload', {
        op: 'members.add',
        subject: 'membership log',
        detail: `more than ${String(members.statementsMax)} statements`,
      });
    }
    return fresh;
  }

  #checkVault({ id, vault, kind }: Statement): void {
    const named = kind.type === 'genesis' ? id : vault;
    if (named !== (this.vault as string)) refuseOf('wrong-vault', id, 'it names another vault');
  }

  /** Whether what it names is known and does not fit. */
  #misplaced({ issuer, sequence, previous }: Statement): boolean {
    const before = previous === undefined ? undefined : this.#linked.get(previous)?.statement;
    return before !== undefined && (before.issuer !== issuer || before.sequence !== sequence - 1);
  }

  /** When too many are held back, the oldest goes: whoever sent it sends it again. */
  #hold(signed: SignedStatement): void {
    this.#held.set(signed.statement.id, signed);
    let bytes = 0;
    for (const each of this.#held.values()) bytes += each.bytes.length;
    for (const [id, each] of this.#held) {
      const fits = this.#held.size <= members.statementsHeldMax;
      if (fits && bytes <= members.statementsHeldBytesMax) break;
      this.#held.delete(id);
      bytes -= each.bytes.length;
    }
  }

  #linkHeld(): readonly SignedStatement[] {
    const linked: SignedStatement[] = [];
    for (let before = -1; before !== linked.length;) {
      before = linked.length;
      for (const [id, signed] of this.#held) {
        if (this.#misplaced(signed.statement)) this.#held.delete(id);
        else if (this.#isReady(signed.statement)) linked.push(this.#link(signed));
      }
    }
    return linked;
  }

  #isReady(statement: Statement): boolean {
    if (statement.kind.type === 'genesis') return true;
    return (
      !this.#misplaced(statement) &&
      this.#issuers.has(statement.issuer) &&
      this.isFounded &&
      namedBy(statement).every((id) => this.#linked.has(id))
    );
  }

  #link(signed: SignedStatement): SignedStatement {
    const { statement } = signed;
    this.#linked.set(statement.id, signed);
    this.#held.delete(statement.id);
    for (const id of namedBy(statement)) this.#heads.delete(id);
    this.#heads.add(statement.id);
    for (const key of keysNamedBy(statement)) this.#issuers.add(key.toString('hex'));
    const tail = this.#tails.get(statement.issuer);
    if (tail === undefined || tail.sequence < statement.sequence) {
      this.#tails.set(statement.issuer, statement);
    }
    return signed;
  }
}

/**
 * The log of signed statements that were kept, in any order. The genesis says which vault it is.
 * @param anchored the vault where the genesis is lost
 * @returns undefined when neither says it
 * @throws VaultError `malformed`, `wrong-vault`, `protocol-version`
 */
export function readMembershipLog(
  signed: readonly Uint8Array[],
  anchored?: VaultId,
): MembershipLog | undefined {
  const verified = signed.map(verifyStatement);
  const genesis = verified.find(({ statement }) => statement.kind.type === 'genesis');
  const vault =
    genesis === undefined ? anchored : idFromBytes('vault', idToBytes(genesis.statement.id));
  if (vault === undefined) return undefined;
  const log = new MembershipLog(vault);
  log.addVerified(verified);
  return log;
}

/** Keys that may sign statements because this one names them. */
function keysNamedBy({ kind }: Statement): readonly Buffer[] {
  switch (kind.type) {
    case 'genesis':
      return [kind.owner, kind.recoverySign];
    case 'grant':
      return [kind.certificate.signKey];
    case 'recover':
      return [kind.owner];
    default:
      return [];
  }
}

function refuseOf(code: 'malformed' | 'wrong-vault', id: StatementId, detail: string): never {
  throw new VaultError(code, {
    op: 'members.add',
    subject: `statement ${id.slice(0, 16)}`,
    detail,
  });
}
