/** What addresses mean to the peer layer: which name no machine, and what rate limits count by. */
import { parseAddress } from '../../protocol/messages/address.ts';

/** Whether a host means "every interface" and so names no machine. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '*' || host === '';
}

/**
 * What rate limits count by: the address of an IPv4 host, the /64 network of an IPv6 host, because
 * one customer owns a whole network of those.
 */
export function rateKey(remote: string): string {
  const host = parseAddress(remote)?.host;
  // A path of a socket, or something a simulator made up: it stands for itself.
  if (host === undefined) return remote;
  if (!host.includes(':')) return host;
  const groups = host.split('%')[0]?.split('::') ?? [];
  const head = (groups[0] ?? '').split(':').filter((group) => group !== '');
  while (head.length < 4) head.push('0');
  return `${head.slice(0, 4).join(':')}::/64`;
}
