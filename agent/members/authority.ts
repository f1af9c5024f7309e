/**
 * Which statements count, by who signed them. Power has two storeys, so there is no circle: the
 * recovery key decides who the owner is, the owner's chain decides who the admins are and up to where
 * their statements count, and nobody else has a say.
 */
import type { DeviceId } from '../../protocol/ids.ts';
import type { Genesis, Statement } from '../../protocol/messages/statement.ts';
import type { Ancestry } from './ancestry.ts';
import { hasFork, type IssuerChains } from './issuer-chains.ts';
import { capabilities } from './membership.ts';
import type { Steps } from './steps.ts';

export type GenesisStatement = Statement & { readonly kind: Genesis };

export interface Authority {
  /** The present owner: 32 bytes, Ed25519. */
  readonly owner: Buffer;
  /** The owners' statements that count, first to last. */
  readonly byOwner: readonly Statement[];
  /** Statements that count of devices that the owner made admins, each after what it names. */
  readonly byAdmins: readonly Statement[];
  /** Keys that were ever owner's or admin's: what they sealed may still be needed to read. */
  readonly trustedIssuers: ReadonlySet<string>;
}

/** The time of an admin in office: begun by grants, ended by a revocation or a lesser grant. */
interface Term {
  readonly grants: Statement[];
  readonly ends: Statement[];
}

export function* findAuthority(
  genesis: GenesisStatement,
  chains: IssuerChains,
  ancestry: Ancestry,
): Steps<Authority> {
  const { owners, byOwner } = ownerLine(genesis, chains, ancestry);
  const notDevices = new Set([...owners, genesis.kind.recoverySign.toString('hex')]);
  const byAdmins = new Set<Statement>();
  const trustedIssuers = new Set(owners);
  for (const [signKey, terms] of adminTerms(byOwner)) {
    if (notDevices.has(signKey)) continue;
    trustedIssuers.add(signKey);
    const isInOffice = officeOf(signKey, terms, { chains, ancestry });
    for (const statement of chains.of(signKey)) {
      yield;
      if (isInOffice(statement)) byAdmins.add(statement);
    }
  }
  return {
    owner: Buffer.from(owners.at(-1) ?? genesis.issuer, 'hex'),
    byOwner,
    byAdmins: ancestry.ordered.filter((statement) => byAdmins.has(statement)),
    trustedIssuers,
  };
}

/** The owners, first to last, and what counts of each. */
function ownerLine(
  genesis: GenesisStatement,
  chains: IssuerChains,
  ancestry: Ancestry,
): { owners: readonly string[]; byOwner: readonly Statement[] } {
  const owners = [genesis.issuer];
  const byOwner: Statement[] = [];
  let present = genesis.issuer;
  for (const recovery of chains.commonPrefix(genesis.kind.recoverySign.toString('hex'))) {
    if (recovery.kind.type !== 'recover') continue;
    const { owner, replaces, lastStatement } = recovery.kind;
    const next = owner.toString('hex');
    if (replaces.toString('hex') !== present || owners.includes(next)) continue;
    const chain = chains.upTo(present, lastStatement);
    const counted = chain.filter((statement) => ancestry.hasSeen(recovery, statement));
    byOwner.push(...(counted.length === 0 && present === genesis.issuer ? [genesis] : counted));
    owners.push(next);
    present = next;
  }
  return { owners, byOwner: [...byOwner, ...chains.commonPrefix(present)] };
}

/** By signing key: the terms of every device that the owner ever made an admin. */
function adminTerms(byOwner: readonly Statement[]): ReadonlyMap<string, readonly Term[]> {
  const terms = new Map<string, Term[]>();
  const signKeys = new Map<DeviceId, string>();
  for (const statement of byOwner) {
    const { kind } = statement;
    if (kind.type === 'grant') {
      const signKey = kind.certificate.signKey.toString('hex');
      signKeys.set(kind.certificate.device, signKey);
      if ((kind.certificate.capabilities & capabilities.admin) === 0) {
        terms.get(signKey)?.at(-1)?.ends.push(statement);
      } else begin(terms, signKey, statement);
    } else if (kind.type === 'revoke') {
      const signKey = signKeys.get(kind.device);
      if (signKey !== undefined) terms.get(signKey)?.at(-1)?.ends.push(statement);
    }
  }
  return terms;
}

function begin(terms: Map<string, Term[]>, signKey: string, grant: Statement): void {
  const own = terms.get(signKey);
  const last = own?.at(-1);
  if (own === undefined) terms.set(signKey, [{ grants: [grant], ends: [] }]);
  else if (last?.ends.length === 0) last.grants.push(grant);
  else own.push({ grants: [grant], ends: [] });
}

/**
 * An admin's statement counts when it had seen a grant that made its issuer an admin, and lies before
 * the end of that term and of every later one: a device that was sent away cannot date a statement back.
 */
function officeOf(
  signKey: string,
  terms: readonly Term[],
  { chains, ancestry }: { readonly chains: IssuerChains; readonly ancestry: Ancestry },
): (statement: Statement) => boolean {
  const cuts = terms.map((term) => termCut(signKey, term, { chains, ancestry }));
  const chosen = new Set(cuts.findLast((cut) => cut?.chosen !== undefined)?.chosen);
  return (statement) => {
    if (!chains.beforeFork(statement) && !chosen.has(statement)) return false;
    const begun = terms.findLastIndex(({ grants }) =>
      grants.some((grant) => ancestry.hasSeen(statement, grant)),
    );
    return begun >= 0 && cuts.slice(begun).every((cut) => cut?.keeps(statement) ?? true);
  };
}

interface TermCut {
  keeps(statement: Statement): boolean;
  /** The branch that a revocation named, or the only one that a lesser grant had seen. */
  readonly chosen: readonly Statement[] | undefined;
}

/**
 * The last revocation decides, since it may raise the line; without one, what the lesser grant had seen. Either
 * chooses a branch: what the device signs afterwards under a number that it has used takes nothing back.
 */
function termCut(
  signKey: string,
  { ends }: Term,
  { chains, ancestry }: { readonly chains: IssuerChains; readonly ancestry: Ancestry },
): TermCut | undefined {
  const revocation = ends.findLast(({ kind }) => kind.type === 'revoke');
  if (revocation?.kind.type === 'revoke') {
    const chain = chains
      .upTo(signKey, revocation.kind.lastStatement)
      .filter((statement) => ancestry.hasSeen(revocation, statement));
    const kept = new Set(chain);
    return { keeps: (statement) => kept.has(statement), chosen: chain };
  }
  const [lesser] = ends;
  if (lesser === undefined) return undefined;
  const seen = chains.of(signKey).filter((statement) => ancestry.hasSeen(lesser, statement));
  return {
    keeps: (statement) => ancestry.hasSeen(lesser, statement),
    chosen: hasFork(seen) ? undefined : seen,
  };
}
