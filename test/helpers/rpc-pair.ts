/**
 * Two RPC connections that talk to each other through memory, on one clock that a test moves.
 */
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import type { RpcOptions } from '../../protocol/rpc/options.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import type { CallHandler, RpcConnection } from '../../protocol/rpc/rpc.ts';
import { createByteStreamPair, type PairOptions } from './byte-stream-pair.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface RpcPair {
  readonly clock: VirtualClock;
  readonly client: RpcConnection;
  readonly server: RpcConnection;
}

export const noCalls: CallHandler = () => Promise.reject(new Error('nobody calls here'));

export function createRpcPair(
  onCall: CallHandler,
  options: PairOptions & {
    readonly client?: Partial<RpcOptions>;
    readonly server?: Partial<RpcOptions>;
  } = {},
): RpcPair {
  const clock = createVirtualClock();
  const [left, right] = createByteStreamPair(options);
  return {
    clock,
    client: createRpcConnection(createPlainLink(left), {
      role: 'initiator',
      clock,
      onCall: noCalls,
      ...options.client,
    }),
    server: createRpcConnection(createPlainLink(right), {
      role: 'responder',
      clock,
      onCall,
      ...options.server,
    }),
  };
}
