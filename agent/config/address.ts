/**
 * Addresses in settings: what may be listened on and what may be dialled. Syntax only: whether a name
 * resolves is known when somebody connects.
 */
import { joinAddress, parseAddress } from '../../protocol/messages/address.ts';

type Reading = { readonly value: string } | { readonly problem: string };

/** An address to listen on: without a host it is every interface, and port 0 is any free one. */
export function parseListenAddress(text: string): Reading {
  const [, anyHost] = /^\*?(:.*)$/.exec(text) ?? [];
  const address = parseAddress(anyHost === undefined ? text : `[::]${anyHost}`);
  if (address === undefined) return { problem: `is ${JSON.stringify(text.slice(0, 80))}` };
  return { value: anyHost ?? joinAddress(address.host, address.port) };
}

/** An address to connect to. */
export function parsePeerAddress(text: string): Reading {
  const address = parseAddress(text);
  if (address === undefined || address.port === 0) {
    return { problem: `is ${JSON.stringify(text.slice(0, 80))}` };
  }
  return { value: joinAddress(address.host, address.port) };
}
