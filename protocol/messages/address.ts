/**
 * Where a device can be reached: `host:port`, with an IPv6 address in brackets. Addresses come from
 * tickets and from other devices, so their form is checked before anybody dials them.
 */
import { members } from '../limits.ts';

const label = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const hostName = new RegExp(`^${label}(?:\\.${label})*\\.?$`);
const ipv6 = /^\[[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?\]$/;

/** The parts of a well-formed address; undefined when it is none. */
export function parseAddress(
  text: string,
): { readonly host: string; readonly port: number } | undefined {
  if (text.length > members.addressBytesMax) return undefined;
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const portText = text.slice(colon + 1);
  if (!/^[1-9][0-9]{0,4}$/.test(portText) || Number(portText) > 65_535) return undefined;
  const bracketed = ipv6.test(host) && host.includes(':');
  if (!bracketed && !hostName.test(host)) return undefined;
  return { host: bracketed ? host.slice(1, -1) : host, port: Number(portText) };
}
