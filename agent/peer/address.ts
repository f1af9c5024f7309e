/**
 * Addresses as text: `host:port`, with brackets around an IPv6 host. One reader for everything that
 * comes from a command line, a file, a peer or a datagram.
 */
import { VaultError } from '../../protocol/errors.ts';
import { members } from '../../protocol/limits.ts';

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  /** 0..65535. */
  readonly port: number;
}

/**
 * Takes `host:port` apart.
 * @throws VaultError `usage` when it is not an address
 */
export function splitAddress(address: string): HostPort {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]{2,64})\]|([^\s:[\]]{1,253})):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address.length > members.addressBytesMax || host === undefined || port > 65_535) {
    throw new VaultError('usage', {
      op: 'address.split',
      subject: address.slice(0, 80),
      detail: 'not an address',
      next: 'write HOST:PORT, and an IPv6 host in brackets: [::1]:7420',
    });
  }
  return { host, port };
}

/** Puts brackets where they belong. */
export function joinAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** Whether somebody could dial it: well formed, with a real port. */
export function isDialable(address: string): boolean {
  try {
    return splitAddress(address).port > 0;
  } catch {
    // The one thing that splitAddress throws says that this is no address.
    return false;
  }
}

/** Whether a host means "every interface" and so names no machine. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '*' || host === '';
}

/**
 * What rate limits count by: the address of an IPv4 host, the /64 network of an IPv6 host, because
 * one customer owns a whole network of those.
 */
export function rateKey(remote: string): string {
  let host: string;
  try {
    host = splitAddress(remote).host;
  } catch {
    // A path of a socket, or something a simulator made up: it stands for itself.
    return remote;
  }
  if (!host.includes(':')) return host;
  const groups = host.split('%')[0]?.split('::') ?? [];
  const head = (groups[0] ?? '').split(':').filter((group) => group !== '');
  while (head.length < 4) head.push('0');
  return `${head.slice(0, 4).join(':')}::/64`;
}
