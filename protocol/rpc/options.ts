/** What a connection is made with. */
import { rpc, time } from '../limits.ts';
import type { CreditPool } from './credit.ts';
import type { FloodGuard } from './flood-guard.ts';
import type { CallHandler, RpcClock } from './rpc.ts';

export interface RpcOptions {
  /** Whoever dialled is the initiator: its streams have odd numbers. */
  readonly role: 'initiator' | 'responder';
  readonly clock: RpcClock;
  readonly onCall: CallHandler;
  /** Shared by all connections of a process. @default one of its own */
  readonly creditPool?: CreditPool | undefined;
  readonly limits?: Partial<RpcLimits> | undefined;
  /** Slows the other side down, and in the end does without it. @default nothing does */
  readonly guard?: FloodGuard | undefined;
  /** The guard has slowed it down for a while. */
  readonly onSlowed?: (() => void) | undefined;
}

export interface RpcLimits {
  /** Calls of the other side that are open, or whose handler has not returned. */
  readonly streamsMax: number;
  /** Of what came on calls of the other side and was not taken; the call that goes beyond fails. */
  readonly incomingQueueBytesMax: number;
  readonly pingIdleMs: number;
  readonly peerDeadMs: number;
  readonly goodbyeMs: number;
}

export const defaultLimits: RpcLimits = {
  streamsMax: rpc.streamsPerConnectionMax,
  incomingQueueBytesMax: Number.MAX_SAFE_INTEGER,
  pingIdleMs: time.pingIdleMs,
  peerDeadMs: time.peerDeadMs,
  goodbyeMs: time.goodbyeMs,
};
