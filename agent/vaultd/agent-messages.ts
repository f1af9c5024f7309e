/**
 * What the supervisor and the agent below it say to each other over the channel between them, and
 * what the supervisor gives the agent on its command line. Both ends are ours and of one version;
 * the readers still check, because a wrong argument should be an error and not a strange agent.
 */
import assert from 'node:assert/strict';
import { errorCodes } from '../../protocol/errors.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { ShutdownRequest, StartMount } from '../agent.types.ts';
import type { ConfigKey } from '../config/settings.ts';

/** The one argument of the agent process, as JSON. */
export interface AgentArguments {
  readonly home: string;
  readonly socket: string;
  /** Of `vaultd start`, by setting. */
  readonly flags: Readonly<Partial<Record<ConfigKey, string>>>;
  readonly logFormat: 'json' | 'text';
  /** Of `vaultd start --mount`. */
  readonly mount?: StartMount | undefined;
  /** Of `vaultd start`. Absolute. */
  readonly passphraseFile?: string | undefined;
  /** Somebody has locked the keys: the file is not to be read. */
  readonly locked?: boolean | undefined;
  /** Set after too many failed starts: say why, touch nothing. */
  readonly rescue?: { readonly name: string; readonly reasons: readonly string[] };
}

export interface Ready {
  readonly device: string;
  readonly vault: string;
  readonly listen: string;
  readonly socket: string;
}

/** The agent answers, but its keys are locked. */
export interface Locked {
  readonly device: string;
  readonly socket: string;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next?: string | undefined;
}

/** From the agent. */
export type AgentMessage =
  | ({ readonly type: 'ready' } & Ready)
  | ({ readonly type: 'locked' } & Locked)
  | { readonly type: 'rescueReady' }
  | ({ readonly type: 'failed' } & Failure)
  | ({ readonly type: 'shutdown' } & ShutdownRequest);

/** To the agent. */
export interface StopMessage {
  readonly type: 'stop';
}

export function parseAgentArguments(text: string | undefined): AgentArguments {
  assert(text !== undefined, 'the agent is started by vaultd start');
  const value = JSON.parse(text) as AgentArguments;
  assert(value.logFormat === 'json' || value.logFormat === 'text');
  assert(typeof value.home === 'string' && typeof value.socket === 'string');
  assert(typeof value.flags === 'object');
  return value;
}

/** A message of the agent; undefined when it is none, e.g. because a library used the channel. */
export function parseAgentMessage(value: unknown): AgentMessage | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  const message = value as AgentMessage;
  switch (message.type) {
    case 'ready':
    case 'locked':
    case 'rescueReady':
    case 'shutdown':
      return message;
    case 'failed':
      return Object.hasOwn(errorCodes, message.code) ? message : { ...message, code: 'internal' };
    default:
      return undefined;
  }
}

export function isStopMessage(value: unknown): value is StopMessage {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'stop';
}

/** The line on standard output that says an agent is ready. */
export function readyLine({ device, vault, listen, socket }: Ready): string {
  return `vaultd ready device=${device} vault=${vault} listen=${listen} socket=${socket}\n`;
}

/** The line on standard output that says an agent runs, and waits for the passphrase of its keys. */
export function lockedLine({ device, socket }: Locked): string {
  return `vaultd locked device=${device} socket=${socket}\n`;
}
