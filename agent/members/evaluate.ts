/**
 * The membership of a vault as a pure function of the set of its statements: the order in which they
 * arrived does not matter (SPEC.md, "Members", "What counts").
 */
import { VaultError } from '../../protocol/errors.ts';
import { idFromBytes, idToBytes, journalId, type DeviceId } from '../../protocol/ids.ts';
import type { Statement } from '../../protocol/messages/statement.ts';
import { ancestryOf, namedBy, type Ancestry } from './ancestry.ts';
import { findAuthority, type Authority, type GenesisStatement } from './authority.ts';
import { foldsOf, standingCheckpoint, standingFold } from './checkpoints.ts';
import { chosenBranches } from './choices.ts';
import { chooseEpoch } from './current-epoch.ts';
import { resolveDevice, type DeviceEvent, type DeviceOutcome } from './device-events.ts';
import { issuerChains } from './issuer-chains.ts';
import {
  capabilities,
  type CountedRelease,
  type DeviceCutoff,
  type Member,
  type Membership,
  type Role,
} from './membership.ts';
import { atOnce, type Steps } from './steps.ts';

export interface Evaluation {
  readonly membership: Membership;
  readonly genesis: GenesisStatement;
  readonly authority: Authority;
  readonly ancestry: Ancestry;
  /** What the owner and the admins said and what counts of it, each after what it names. */
  readonly counted: readonly Statement[];
}

/**
 * Who belongs to the vault.
 * @param statements as `MembershipLog.statements()` gives them: complete and verified, in any order
 * @throws VaultError `damaged` when the genesis is missing
 */
export function evaluateMembership(statements: readonly Statement[]): Membership {
  return evaluate(statements).membership;
}

/** The same with how it came about, for those who read keys. */
export function evaluate(statements: readonly Statement[]): Evaluation {
  return atOnce(evaluateInSteps(statements));
}

/** The same, for those who must not hold up others: a long log takes a tenth of a second. */
export function* evaluateInSteps(statements: readonly Statement[]): Steps<Evaluation> {
  const genesis = findGenesis(statements);
  const ancestry = yield* ancestryOf(statements);
  const chains = issuerChains(ancestry.ordered);
  yield;
  const authority = yield* findAuthority(genesis, chains, ancestry);
  yield;
  const countedSet = new Set([...authority.byOwner, ...authority.byAdmins]);
  const counted = ancestry.ordered.filter((statement) => countedSet.has(statement));
  const outcomes = yield* deviceOutcomes({ authority, ancestry, counted });
  const members = yield* membersOf(outcomes, { authority, counted });
  const folds = foldsOf(counted);
  const membership: Membership = {
    vault: idFromBytes('vault', idToBytes(genesis.id)),
    owner: authority.owner,
    members,
    heads: headsOf(ancestry.ordered),
    currentEpoch: chooseEpoch({ ordered: ancestry.ordered, counted }, members),
    ticketsUsed: new Set(
      counted.flatMap(({ kind }) => (kind.type === 'grant' ? (kind.ticket ?? []) : [])),
    ),
    frozenIssuers: chains.frozen,
    cutoffs: cutoffsOf(outcomes),
    choices: chosenBranches(authority, ancestry),
    releases: counted.flatMap(releaseOf),
    checkpoint: standingCheckpoint(counted),
    fold: standingFold(folds),
    folds,
  };
  return { membership, genesis, authority, ancestry, counted };
}

/** The role that a set of capability bits amounts to. */
export function roleOf(bits: number): Role {
  if ((bits & capabilities.admin) !== 0) return 'admin';
  if ((bits & capabilities.write) !== 0) return 'writer';
  return (bits & capabilities.receive) !== 0 ? 'reader' : 'blind';
}

function mayWrite(bits: number): boolean {
  return (bits & capabilities.write) !== 0;
}

function findGenesis(statements: readonly Statement[]): GenesisStatement {
  const genesis = statements.find(isGenesis);
  if (genesis !== undefined) return genesis;
  throw new VaultError('damaged', {
    op: 'members.evaluate',
    subject: 'membership log',
    detail: 'it has no genesis',
  });
}

function isGenesis(statement: Statement): statement is GenesisStatement {
  return statement.kind.type === 'genesis';
}

function headsOf(statements: readonly Statement[]): Membership['heads'] {
  const named = new Set(statements.flatMap(namedBy));
  return statements.flatMap(({ id }) => (named.has(id) ? [] : id)).sort();
}

/** Every device that was ever named, in the order in which the log first names them. */
function* deviceOutcomes({
  authority,
  ancestry,
  counted,
}: Pick<Evaluation, 'authority' | 'ancestry' | 'counted'>): Steps<
  ReadonlyMap<DeviceId, DeviceOutcome>
> {
  const named = counted.filter(isDeviceEvent).map(deviceOf);
  const byOwner = Map.groupBy(authority.byOwner.filter(isDeviceEvent), deviceOf);
  const byAdmins = Map.groupBy(authority.byAdmins.filter(isDeviceEvent), deviceOf);
  const outcomes = new Map<DeviceId, DeviceOutcome>();
  for (const device of new Set(named)) {
    yield;
    const owned = byOwner.get(device) ?? [];
    const outcome = yield* resolveDevice(owned, byAdmins.get(device) ?? [], ancestry);
    if (outcome !== undefined) outcomes.set(device, outcome);
  }
  return outcomes;
}

function isDeviceEvent(statement: Statement): statement is DeviceEvent {
  return statement.kind.type === 'grant' || statement.kind.type === 'revoke';
}

function deviceOf({ kind }: DeviceEvent): DeviceId {
  return kind.type === 'grant' ? kind.certificate.device : kind.device;
}

function* membersOf(
  outcomes: ReadonlyMap<DeviceId, DeviceOutcome>,
  evaluation: Pick<Evaluation, 'authority' | 'counted'>,
): Steps<ReadonlyMap<DeviceId, Member>> {
  const noiseKeyOwners = ownersOfNoiseKeys(evaluation);
  const members = new Map<DeviceId, Member>();
  for (const [device, { stands, grant }] of outcomes) {
    yield;
    if (grant === undefined) continue;
    const { certificate } = grant.kind;
    members.set(device, {
      device,
      signKey: certificate.signKey,
      noiseKey: certificate.noiseKey,
      capabilities: certificate.capabilities,
      role: roleOf(certificate.capabilities),
      sealedLabel: certificate.sealedLabel,
      quotaBytes: certificate.quotaBytes,
      grant: grant.id,
      active:
        stands.kind.type === 'grant' &&
        noiseKeyOwners.get(certificate.noiseKey.toString('hex')) === device,
    });
  }
  return members;
}

/**
 * A connection is known by its Noise key, so no two devices have the same: it belongs to the device
 * that the owner granted it to, else to the one that was granted it first.
 */
function ownersOfNoiseKeys({
  authority,
  counted,
}: Pick<Evaluation, 'authority' | 'counted'>): ReadonlyMap<string, DeviceId> {
  const byOwner = new Set(authority.byOwner);
  const owners = new Map<string, DeviceId>();
  for (const wanted of [true, false]) {
    for (const statement of counted) {
      if (statement.kind.type !== 'grant' || byOwner.has(statement) !== wanted) continue;
      const { noiseKey, device } = statement.kind.certificate;
      const name = noiseKey.toString('hex');
      if (!owners.has(name)) owners.set(name, device);
    }
  }
  return owners;
}

function cutoffsOf(
  outcomes: ReadonlyMap<DeviceId, DeviceOutcome>,
): ReadonlyMap<DeviceId, DeviceCutoff> {
  const cutoffs = new Map<DeviceId, DeviceCutoff>();
  for (const [device, { stands }] of outcomes) {
    const { kind, id } = stands;
    if (kind.type === 'revoke') {
      const { reason, lastBatches } = kind;
      cutoffs.set(device, { statement: id, reason, lastBatches });
    } else if (kind.lastBatches.length > 0 && !mayWrite(kind.certificate.capabilities)) {
      cutoffs.set(device, { statement: id, reason: undefined, lastBatches: kind.lastBatches });
    }
  }
  return cutoffs;
}

function releaseOf({ id, kind }: Statement): CountedRelease | [] {
  if (kind.type !== 'release') return [];
  const vector = kind.vector.map(({ device, incarnation, sequence, hash }) => ({
    journal: journalId(device, incarnation),
    sequence,
    hash,
  }));
  return { id, chunks: kind.chunks, vector };
}
