/** One get, seen from the client: what comes down, and what it may be asked for meanwhile. */
import { VaultError } from '../errors.ts';
import { getDown, getUp } from '../messages/control-get.ts';
import type { GetDown, GetRequest, GetUp } from '../messages/control-get.ts';
import type { CallStream } from '../rpc/rpc.ts';

/** What comes down in a get: its messages, and the bytes between them. */
export type GetItem =
  | Exclude<GetDown, { readonly type: 'target' }>
  | { readonly type: 'data'; readonly bytes: Buffer }
  | {
      readonly type: 'target';
      /** Has to be called before the next item is asked for. */
      readonly answer: (target: GetUp) => Promise<void>;
    };

/** Whoever stops early tells the agent so. */
export async function* readGet(
  stream: CallStream,
  { bootId }: Pick<GetRequest, 'bootId'>,
): AsyncGenerator<GetItem> {
  // Who names no file has nothing more to say.
  if (bootId === undefined) stream.end();
  const answer = (target: GetUp): Promise<void> => stream.sendMessage(getUp.toWire(target));
  let finished = false;
  try {
    for (;;) {
      const item = await stream.receive();
      if (item === undefined) break;
      const down = item.type === 'data' ? item : getDown.fromWire(item.bytes);
      yield down.type === 'target' ? { type: 'target', answer } : down;
    }
    finished = true;
  } finally {
    if (!finished) stream.fail(new VaultError('cancelled', { op: 'control.get' }));
  }
}
