/**
 * One put, seen from the client: typed sends of what goes up, one receive of what comes down. Which
 * item goes up when is decided above (cli/put). Sends are made one after the other.
 */
import { VaultError } from '../errors.ts';
import { putDown, putRequest, putUp } from '../messages/control-put.ts';
import type { PutBodies, PutDown, PutItem, PutRequest, PutUp } from '../messages/control-put.ts';
import { controlMethods } from '../methods.ts';
import type { CallOptions, RpcConnection } from '../rpc/rpc.ts';

export interface PutSession {
  /** At most `control.putOfferItemsMax` items; items are numbered on from the offer before. */
  offer(items: readonly PutItem[]): Promise<void>;
  beginBody(item: number): Promise<void>;
  /** In place of a body: the agent reads the file at an absolute path, and answers with `local`. */
  nameBody(item: number, localPath: Buffer): Promise<void>;
  data(bytes: Uint8Array): Promise<void>;
  /** `aborted`: the source changed or failed; the item is left out. */
  endBody(item: number, aborted: boolean): Promise<void>;
  /** Whole bodies of several items; their bytes, right behind each other, follow as `data`. */
  bodies(bodies: PutBodies): Promise<void>;
  /** Nothing more goes up. */
  end(): void;
  /**
   * The next of what comes down; undefined after the result.
   * @throws VaultError what the agent fails with, `cancelled`, `closed`, `malformed`
   */
  receive(): Promise<PutDown | undefined>;
  /** Gives up; an item whose body has not ended is forgotten. */
  fail(error: VaultError): void;
}

export function openPut(rpc: RpcConnection, request: PutRequest, options: CallOptions): PutSession {
  const stream = rpc.call(controlMethods.put, putRequest.toWire(request), options);
  const send = (message: PutUp): Promise<void> => stream.sendMessage(putUp.toWire(message));
  return {
    offer: (items) => send({ type: 'offer', items }),
    beginBody: (item) => send({ type: 'body', item }),
    nameBody: (item, localPath) => send({ type: 'body', item, localPath }),
    data: (bytes) => stream.sendData(bytes),
    endBody: (item, aborted) => send({ type: 'body-end', item, aborted }),
    bodies: (bodies) => send({ type: 'bodies', ...bodies }),
    end() {
      stream.end();
    },
    async receive() {
      const item = await stream.receive();
      if (item === undefined) return undefined;
      if (item.type === 'message') return putDown.fromWire(item.bytes);
      const error = new VaultError('malformed', { op: 'control.put', detail: 'bytes came down' });
      stream.fail(error);
      throw error;
    },
    fail(error) {
      stream.fail(error);
    },
  };
}
