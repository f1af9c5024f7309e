/** What the calls of the control socket work with. */
import type { DeviceId } from '../../protocol/ids.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import type { Config } from '../config/config.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Clock, Disk } from '../ports.ts';
import type { EventLog } from '../vault/event-log.ts';
import type { Invitations } from '../vault/invitations.ts';
import type { MembersService } from '../vault/members-service.ts';
import type { Vault } from '../vault/vault.ts';

export type Call = Parameters<CallHandler>[0];

/** What does not change while the agent runs. */
export interface AgentFacts {
  readonly device: DeviceId;
  readonly version: string;
  readonly startedAtMs: number;
  readonly process: ProcessFacts;
}

export interface ControlContext {
  readonly vault: Vault;
  readonly members: MembersService;
  readonly invitations: Invitations;
  readonly peers: PeerSet;
  readonly events: EventLog;
  readonly config: Config;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly facts: AgentFacts;
  readonly requestShutdown: (request: ShutdownRequest) => void;
}
