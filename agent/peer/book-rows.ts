/** The address book as rows for people: what is known, who is here, and what the last attempt said. Pure. */
import type { DeviceId } from '../../protocol/ids.ts';
import type { AddressBook } from './address-book.ts';
import type { Trouble } from './conduct.ts';
import type { Target, TargetState } from './dialer.ts';
import type { Peer, PeerBookRow } from './peer.ts';

export interface BookSources {
  readonly book: AddressBook;
  readonly self: DeviceId;
  readonly peerOf: (device: DeviceId) => Peer | undefined;
  readonly attemptOf: (target: Target) => TargetState | undefined;
  readonly troubleOf: (device: DeviceId) => Trouble | undefined;
  readonly toWallMs: (monotonicMs: number) => number;
}

export function describeBook(sources: BookSources): PeerBookRow[] {
  const { book, self } = sources;
  const devices = book.devices().filter((device) => device !== self);
  return [
    ...devices.map((device) => deviceRow(sources, device)),
    ...book.unknown().map((address) => unknownRow(sources, address)),
  ];
}

function deviceRow(sources: BookSources, device: DeviceId): PeerBookRow {
  const { book, peerOf } = sources;
  const peer = peerOf(device);
  return {
    device,
    addresses: book.candidates(device),
    online: peer !== undefined,
    address: peer?.address,
    rttMs: peer?.rpc.rttMs,
    lastSeenMs: book.entry(device)?.lastSeenMs,
    agent: peer?.agent,
    ...attemptFields(sources, { type: 'device', device }),
    trouble: inWallTime(sources, sources.troubleOf(device)),
  };
}

function inWallTime({ toWallMs }: BookSources, trouble: Trouble | undefined): Trouble | undefined {
  if (trouble === undefined) return undefined;
  const { slowedAtMs, thrownOut } = trouble;
  return {
    slowedAtMs: slowedAtMs === undefined ? undefined : toWallMs(slowedAtMs),
    thrownOut: thrownOut && { ...thrownOut, atMs: toWallMs(thrownOut.atMs) },
  };
}

function unknownRow(sources: BookSources, address: string): PeerBookRow {
  return {
    device: undefined,
    addresses: [address],
    online: false,
    address: undefined,
    rttMs: undefined,
    lastSeenMs: undefined,
    agent: undefined,
    ...attemptFields(sources, { type: 'address', address }),
  };
}

function attemptFields(
  { attemptOf, toWallMs }: BookSources,
  target: Target,
): Pick<PeerBookRow, 'lastError' | 'nextAttemptMs'> {
  const attempt = attemptOf(target);
  const nextAttemptMs = attempt?.nextAttemptMs;
  return {
    lastError: attempt?.lastError,
    nextAttemptMs: nextAttemptMs === undefined ? undefined : toWallMs(nextAttemptMs),
  };
}
