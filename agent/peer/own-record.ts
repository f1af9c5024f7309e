/**
 * This device's own word on where it can be reached. The counter is saved before a record with it is
 * signed, so that two different records never have the same one.
 */
import { members } from '../../protocol/limits.ts';
import { signAddressRecord } from '../../protocol/messages/address-record.ts';
import { isDialable, joinAddress, splitAddress } from '../../protocol/messages/address.ts';
import { isWildcardHost } from './address.ts';
import type { PeerAuthority } from './peer.ts';

/** What the file remembers of it. */
export interface OwnRecordState {
  readonly counter: number;
  readonly addresses: readonly string[];
}

/**
 * Where others may find us: the address we listen on, or every address of the machine when that
 * means all of them.
 * @param listening `host:port`
 * @param local hosts of this machine
 */
export function ownAddresses(
  listening: string,
  local: readonly string[],
  advertised: readonly string[] = [],
): string[] {
  const { host, port } = splitAddress(listening);
  const hosts = isWildcardHost(host) ? local : [host];
  const all = [...advertised, ...hosts.map((each) => joinAddress(each, port))];
  return [...new Set(all.filter(isDialable))].slice(0, members.addressesPerDeviceMax);
}

/** The state after the addresses are these; the same object when nothing changed. */
export function nextState(state: OwnRecordState, addresses: readonly string[]): OwnRecordState {
  const same =
    state.counter > 0 &&
    state.addresses.length === addresses.length &&
    state.addresses.every((address, index) => address === addresses[index]);
  return same ? state : { counter: state.counter + 1, addresses };
}

export function signOwnRecord(authority: PeerAuthority, state: OwnRecordState): Buffer {
  const { device, vault } = authority;
  const { counter, addresses } = state;
  return signAddressRecord(vault, { device, counter, addresses }, (bytes) => authority.sign(bytes));
}
