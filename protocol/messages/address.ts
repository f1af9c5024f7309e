/**
 * Addresses as text: `host:port`, with brackets around an IPv6 host. One reader for everything that
 * comes from a command line, a file, a ticket, a peer or a datagram; what is no address is found here,
 * before anybody dials it.
 */
import { VaultError } from '../errors.ts';
import { members } from '../limits.ts';

const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const hostName = new RegExp(`^${label}(?:\\.${label})*\\.?$`);
const ipv6 = /^\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?\]$/;

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  /** 0..65535; 0: any free one, to listen on. */
  readonly port: number;
}

/** The parts of a well-formed address; undefined when it is none. */
export function parseAddress(text: string): HostPort | undefined {
  if (text.length > members.addressBytesMax) return undefined;
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const portText = text.slice(colon + 1);
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(portText) || Number(portText) > 65_535) return undefined;
  const bracketed = ipv6.test(host) && host.includes(':');
  if (!bracketed && !hostName.test(host)) return undefined;
  return { host: bracketed ? host.slice(1, -1) : host, port: Number(portText) };
}

/**
 * The parts of an address.
 * @throws VaultError `usage` when it is none
 */
export function splitAddress(address: string): HostPort {
  const parts = parseAddress(address);
  if (parts !== undefined) return parts;
  throw new VaultError('usage', {
    op: 'address.split',
    subject: address.slice(0, 80),
    detail: 'not an address',
    next: 'write HOST:PORT, and an IPv6 host in brackets: [::1]:7420',
  });
}

/** Puts brackets where they belong. */
export function joinAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** Whether somebody could dial it: well formed, with a real port. */
export function isDialable(text: string): boolean {
  return (parseAddress(text)?.port ?? 0) > 0;
}
