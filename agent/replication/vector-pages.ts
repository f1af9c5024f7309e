/**
 * How a vector of any length travels: the first page in the request that opens a subscription, the
 * others behind it on the same stream. Whoever answers reads them all before it says anything, and
 * takes in only so many, within a time.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { StatementId } from '../../protocol/ids.ts';
import { replication as limits, time } from '../../protocol/limits.ts';
import {
  decodeSubscribeRequest,
  encodeSubscribeRequest,
  type Position,
} from '../../protocol/messages/peer.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { Clock } from '../ports.ts';

/** What a subscriber said that it has. */
export interface Asked {
  readonly heads: readonly StatementId[];
  readonly vector: readonly Position[];
  /** Whether bare batches may be sent. */
  readonly takesBare?: boolean;
}

/** The messages that say it: the request, then what follows on the stream. */
export function encodePages({ heads, vector }: Asked): {
  readonly request: Buffer;
  readonly pages: readonly Buffer[];
} {
  const size = limits.positionsPerMessageMax;
  const count = Math.max(1, Math.ceil(vector.length / size));
  const [request, ...pages] = Array.from({ length: count }, (_, at) =>
    encodeSubscribeRequest({
      statementHeads: at === 0 ? heads : [],
      vector: vector.slice(at * size, (at + 1) * size),
      more: at < count - 1,
      takesBare: at === 0,
    }),
  );
  return { request: request ?? Buffer.alloc(0), pages };
}

/**
 * Reads a request and its further pages.
 * @throws VaultError `malformed`, `peer-misbehaved` for more than anybody may say, `timeout`
 */
export async function receivePages(
  { request, stream }: { readonly request: Buffer; readonly stream: CallStream },
  clock: Clock,
): Promise<Asked> {
  const first = decodeSubscribeRequest(request);
  const { statementHeads: heads, takesBare = false } = first;
  if (!first.more) return { heads, vector: first.vector, takesBare };
  const vector = [...first.vector];
  const deadline = clock.after(time.callMs, () => {
    stream.fail(new VaultError('timeout', { op, detail: 'the rest of the vector did not come' }));
  });
  try {
    for (let more = true; more;) {
      const item = await stream.receive();
      if (item?.type !== 'message') throw misbehaved('a vector without its end');
      const page = decodeSubscribeRequest(item.bytes);
      if (page.vector.length === 0) throw misbehaved('an empty page of its vector');
      vector.push(...page.vector);
      if (vector.length > limits.positionsMax) throw misbehaved('a vector too long');
      more = page.more;
    }
  } finally {
    deadline.cancel();
  }
  return { heads, vector, takesBare };
}

const op = 'replication.subscribe';

function misbehaved(detail: string): VaultError {
  return new VaultError('peer-misbehaved', { op, detail: `sent ${detail}` });
}
