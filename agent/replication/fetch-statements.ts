/**
 * All statements that one peer has, for a device that has lost its own: a subscription that says nothing
 * is here, and ends where the statements do, since they come before everything else.
 */
import { VaultError } from '../../protocol/errors.ts';
import { decodeUpdate } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import type { Peer } from '../peer/peer.ts';
import { encodePages } from './vector-pages.ts';

/**
 * Hands over what comes, message by message, until the peer has told all.
 * @throws VaultError `peer-misbehaved`, `malformed` when the peer breaks the protocol; what the call and
 *   `take` throw
 */
export async function fetchStatements(
  peer: Pick<Peer, 'rpc'>,
  take: (signed: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  const enough = new AbortController();
  const { request } = encodePages({ heads: [], vector: [] });
  const stream = peer.rpc.call(peerMethods.subscribe, request, { signal: enough.signal });
  try {
    stream.end();
    for (;;) {
      const item = await stream.receive();
      if (item === undefined) throw ended();
      if (item.type !== 'message') throw misbehaved();
      const update = decodeUpdate(item.bytes);
      if (update.type !== 'statements') return;
      await take(update.signed);
    }
  } finally {
    enough.abort();
  }
}

function ended(): VaultError {
  return new VaultError('closed', { op: 'replication.fetchStatements', detail: 'it ended early' });
}

function misbehaved(): VaultError {
  const detail = 'sent bytes that belong to nothing';
  return new VaultError('peer-misbehaved', { op: 'replication.fetchStatements', detail });
}
