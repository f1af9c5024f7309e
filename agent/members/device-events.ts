/**
 * What became of one device: of all grants and revocations of it that count, the one that stands. A
 * later one stands over those that it had seen; between concurrent ones revocation beats grant, owner
 * beats admin, then the lower id wins. Only the owner touches an admin or lifts the owner's revocation.
 */
import type { Grant, Revoke, Statement } from '../../protocol/messages/statement.ts';
import type { Ancestry } from './ancestry.ts';
import { capabilities } from './membership.ts';
import type { Steps } from './steps.ts';

export type DeviceEvent = Statement & { readonly kind: Grant | Revoke };
export type GrantEvent = Statement & { readonly kind: Grant };

export interface DeviceOutcome {
  readonly stands: DeviceEvent;
  /** The newest grant that was valid: the certificate. */
  readonly grant: GrantEvent | undefined;
}

/**
 * @param byOwner in the order of the owner's chain
 * @param byAdmins each after what it names
 */
export function* resolveDevice(
  byOwner: readonly DeviceEvent[],
  byAdmins: readonly DeviceEvent[],
  ancestry: Ancestry,
): Steps<DeviceOutcome | undefined> {
  const valid: DeviceEvent[] = [];
  for (const event of byAdmins) {
    if (yield* mayDo(event, { byOwner, byAdmins: valid, ancestry })) valid.push(event);
  }
  const surviving: DeviceEvent[] = [];
  for (const event of valid) {
    yield;
    if (survives(event, byOwner, ancestry)) surviving.push(event);
  }
  const last = byOwner.at(-1);
  // What is concurrent with the owner's word and weaker than it is gone by now.
  const all = last === undefined ? surviving : [last, ...surviving];
  const newest = yield* newestOf(all, ancestry);
  const [stands] = newest.sort((a, b) => Number(isGrant(a)) - Number(isGrant(b)) || byId(a, b));
  if (stands === undefined) return undefined;
  return { stands, grant: isGrant(stands) ? stands : lastGrant(byOwner, valid, ancestry) };
}

/** Those that no other one of them had seen. */
function* newestOf(events: readonly DeviceEvent[], ancestry: Ancestry): Steps<DeviceEvent[]> {
  const newest: DeviceEvent[] = [];
  for (const event of events) {
    yield;
    if (!events.some((other) => ancestry.hasSeen(other, event))) newest.push(event);
  }
  return newest;
}

function isGrant(event: DeviceEvent): event is GrantEvent {
  return event.kind.type === 'grant';
}

function isAdminGrant(event: DeviceEvent): boolean {
  const { kind } = event;
  return kind.type === 'grant' && (kind.certificate.capabilities & capabilities.admin) !== 0;
}

/** Whether an admin was allowed this, given what it had seen. */
function* mayDo(
  event: DeviceEvent,
  known: {
    readonly byOwner: readonly DeviceEvent[];
    readonly byAdmins: readonly DeviceEvent[];
    readonly ancestry: Ancestry;
  },
): Steps<boolean> {
  yield;
  const { ancestry } = known;
  if (isAdminGrant(event)) return false;
  const ownersWord = known.byOwner.findLast((other) => ancestry.hasSeen(event, other));
  if (ownersWord !== undefined && (isAdminGrant(ownersWord) || !isGrant(ownersWord))) return false;
  if (isGrant(event)) return true;
  // The line that a revocation drew is moved by its issuer or the owner, not by another admin.
  const seen = known.byAdmins.filter((other) => ancestry.hasSeen(event, other));
  const newest = yield* newestOf(seen, ancestry);
  return newest.every((other) => isGrant(other) || other.issuer === event.issuer);
}

/** Whether an admin's event holds against what the owner said without its knowledge. */
function survives(
  event: DeviceEvent,
  byOwner: readonly DeviceEvent[],
  ancestry: Ancestry,
): boolean {
  const unseen = byOwner.filter((other) => !ancestry.hasSeen(event, other));
  const last = unseen.at(-1);
  if (last === undefined) return true;
  if (unseen.some((other) => isAdminGrant(other) || !isGrant(other))) return false;
  return !isGrant(event) && !ancestry.hasSeen(last, event);
}

function lastGrant(
  byOwner: readonly DeviceEvent[],
  byAdmins: readonly DeviceEvent[],
  ancestry: Ancestry,
): GrantEvent | undefined {
  const at = (event: DeviceEvent): number => ancestry.position(event.id) ?? -1;
  return [...byOwner, ...byAdmins]
    .filter(isGrant)
    .sort((a, b) => at(a) - at(b))
    .at(-1);
}

function byId(a: Statement, b: Statement): number {
  return a.id < b.id ? -1 : 1;
}
