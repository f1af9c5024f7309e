/**
 * What a member may ask of this device: a subscription to its journals, whether it has chunks, and
 * their bytes. Everything else is refused.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId, StatementId } from '../../protocol/ids.ts';
import { peerMethods } from '../../protocol/methods.ts';
import type { CallHandler, CallStream } from '../../protocol/rpc/rpc.ts';
import type { HoldingsTable } from './holdings.ts';
import { Publisher, type PublisherParts } from './publish.ts';
import { serveFetch, serveHave } from './serve.ts';
import type { Session } from './session.ts';
import { receivePages } from './vector-pages.ts';

export interface AnswerParts extends PublisherParts {
  readonly table: HoldingsTable;
  /** Newest statements here. */
  heads(): readonly StatementId[];
}

/** @throws VaultError what goes back to the caller as the failure of its call */
export async function answerCall(
  parts: AnswerParts,
  session: Session,
  { method, request, stream }: Parameters<CallHandler>[0],
): Promise<void> {
  const { store } = parts;
  switch (method) {
    case peerMethods.subscribe:
      await serveSubscription(parts, session, { request, stream });
      return;
    case peerMethods.have:
      await serveHave(store, request, stream);
      return;
    case peerMethods.fetch:
      await serveFetch(store, session.outgoing, { request, stream });
      return;
    default:
      throw new VaultError('not-supported', {
        op: 'replication.call',
        subject: `method ${String(method)}`,
      });
  }
}

async function serveSubscription(
  parts: AnswerParts,
  session: Session,
  { request, stream }: { readonly request: Buffer; readonly stream: CallStream },
): Promise<void> {
  const { device } = session.peer;
  // One a peer: whoever asks again has forgotten the one before.
  session.subscription?.fail(replaced(device));
  session.subscription = stream;
  const {
    heads: askedHeads,
    vector,
    takesBare,
  } = await receivePages({ request, stream }, parts.clock);
  if (stream.signal.aborted) return;
  parts.table.startsFrom(
    device,
    new Map(vector.toReversed().map(({ journal, sequence }) => [journal, sequence])),
  );
  const heads = parts.heads();
  const asked = new Set(askedHeads);
  const publisher = new Publisher(parts, {
    stream,
    positions: Map.groupBy(vector, ({ journal }) => journal),
    upToDateStatements: heads.length === asked.size && heads.every((head) => asked.has(head)),
    takesBare: takesBare === true,
    appliedBy: (journal) => parts.table.appliedBy(device, journal),
  });
  session.publisher = publisher;
  await publisher.run();
}

function replaced(device: DeviceId): VaultError {
  return new VaultError('closed', {
    op: 'replication.subscribe',
    subject: device,
    detail: 'a newer subscription took its place',
  });
}
