/**
 * The asking side of one subscription: says what is here, and takes in what the peer sends for as long
 * as the connection lives. What arrives goes to the doors; this file only reads the stream.
 */
import { VaultError } from '../../protocol/errors.ts';
import { chunk, journal as journalLimits } from '../../protocol/limits.ts';
import { decodeUpdate, type Position, type Update } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { JournalId, StatementId } from '../../protocol/ids.ts';
import type { Peer } from '../peer/peer.ts';
import type { Turn } from './catch-up-turn.ts';
import type { ReceivedBatch } from './received-batch.ts';
import { encodePages } from './vector-pages.ts';

export interface SubscriptionSink {
  onStatements(signed: readonly Buffer[]): Promise<void>;
  /** Everything that the other side had when it was asked has come. */
  onCurrent(): void;
  onBatch(batch: ReceivedBatch): Promise<void>;
  onHoldings(holdings: Extract<Update, { type: 'holdings' }>): void;
  onAddresses(records: readonly Buffer[]): void;
  onForks(proofs: readonly Buffer[]): Promise<void>;
  onDiverged(journal: JournalId): void;
}

export interface SubscriptionStart {
  readonly heads: readonly StatementId[];
  readonly vector: readonly Position[];
  readonly signal: AbortSignal;
  readonly turn: Turn;
}

/**
 * Runs one subscription to its end.
 * @throws VaultError `peer-misbehaved`, `malformed` when the peer breaks the protocol; what the call
 *   and the doors throw
 */
export async function runSubscription(
  peer: Peer,
  start: SubscriptionStart,
  sink: SubscriptionSink,
): Promise<void> {
  const { heads, vector, signal, turn } = start;
  const { request, pages } = encodePages({ heads, vector });
  const stream = peer.rpc.call(peerMethods.subscribe, request, { signal });
  for (const page of pages) await stream.sendMessage(page);
  stream.end();
  for (;;) {
    const item = await stream.receive();
    if (item === undefined) return;
    if (item.type !== 'message') throw misbehaved('bytes that belong to nothing');
    turn.progress();
    const update = decodeUpdate(item.bytes);
    if (update.type === 'current') {
      turn.leave();
      sink.onCurrent();
    }
    await takeUpdate({ peer, stream, turn }, update, sink);
  }
}

async function takeUpdate(
  from: { readonly peer: Peer; readonly stream: CallStream; readonly turn: Turn },
  update: Update,
  sink: SubscriptionSink,
): Promise<void> {
  switch (update.type) {
    case 'statements':
      await sink.onStatements(update.signed);
      return;
    case 'batch':
      await sink.onBatch(await receiveBatch(from, update));
      return;
    case 'holdings':
      sink.onHoldings(update);
      return;
    case 'addresses':
      sink.onAddresses(update.records);
      return;
    case 'forks':
      await sink.onForks(update.proofs);
      return;
    case 'diverged':
      sink.onDiverged(update.journal);
      return;
    case 'current':
      return;
  }
}

async function receiveBatch(
  from: { readonly peer: Peer; readonly stream: CallStream; readonly turn: Turn },
  head: Extract<Update, { type: 'batch' }>,
): Promise<ReceivedBatch> {
  checkHead(head);
  const smallBytes = head.smallLengths.reduce((sum, length) => sum + length, 0);
  const length = smallBytes + head.batchLength;
  const whole = await from.stream.receiveData({
    length,
    allocate: () => Buffer.allocUnsafe(length),
    onBytes: () => {
      from.turn.progress();
    },
  });
  const small: Buffer[] = [];
  let at = 0;
  for (const length of head.smallLengths) {
    small.push(whole.subarray(at, at + length));
    at += length;
  }
  return { from: from.peer.device, small, bytes: whole.subarray(at) };
}

function checkHead(head: Extract<Update, { type: 'batch' }>): void {
  const { smallLengths, batchLength } = head;
  if (batchLength === 0 || batchLength > journalLimits.batchBytesMax) {
    throw misbehaved('a batch too large');
  }
  if (smallLengths.length > journalLimits.opsPerBatchMax) {
    throw misbehaved('too many small records');
  }
  if (smallLengths.some((length) => length === 0 || length > chunk.smallRecordBytesMax)) {
    throw misbehaved('a small record too large');
  }
  const smallBytes = smallLengths.reduce((sum, length) => sum + length, 0);
  if (smallBytes > journalLimits.smallBytesPerBatchMax) throw misbehaved('too many small records');
}

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', {
    op: 'replication.subscribe',
    detail: `sent ${detail}`,
  });
}
