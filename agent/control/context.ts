/** What the calls of the control socket work with. */
import type { TraceReport } from '../../protocol/control/mount-reports.ts';
import type { MountDriver, MountRow } from '../../protocol/control/reports.ts';
import type { DeviceId, NodeId } from '../../protocol/ids.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import type { ProcessFacts, ShutdownRequest } from '../agent.types.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { RunningCalls } from './running-calls.ts';
import type { Config } from '../config/config.ts';
import type { KeyAges } from '../members/key-ages.ts';
import type { PeerSet } from '../peer/peer.ts';
import type { Clock, Disk, LocalFiles } from '../ports.ts';
import type { ReadShare } from '../store/read-budget.ts';
import type { AnchorKeeper } from '../vault/anchor-keeper.ts';
import type { Approvals } from '../vault/approvals.ts';
import type { ConflictIndex } from '../vault/conflict-index.ts';
import type { EventLog } from '../vault/event-log.ts';
import type { JournalBook } from '../vault/journal-book.ts';
import type { Invitations } from '../vault/invitations.ts';
import type { Issuing } from '../vault/issuing.ts';
import type { KeyCare } from '../vault/key-care.ts';
import type { KeyDesk } from '../vault/key-desk.ts';
import type { MemberChanges } from '../vault/member-changes.ts';
import type { MembersService } from '../vault/members-service.ts';
import type { Moments } from '../vault/moments.ts';
import type { NoteBoard } from '../vault/notes.ts';
import type { Recovery } from '../vault/recovery.ts';
import type { Retention } from '../vault/retention/retention.ts';
import type { Vault } from '../vault/vault.ts';
import type { MountFacts } from '../vault/why-reasons.ts';

export type Call = Parameters<CallHandler>[0];

/** What does not change while the agent runs. */
export interface AgentFacts {
  readonly device: DeviceId;
  readonly version: string;
  readonly startedAtMs: number;
  readonly process: ProcessFacts;
}

/** What clients ask about members and keys. */
export interface MemberDesk {
  readonly issuing: Issuing;
  readonly invitations: Invitations;
  readonly approvals: Approvals;
  readonly changes: MemberChanges;
  readonly keyCare: KeyCare;
  readonly keyAges: KeyAges;
  readonly recovery: Recovery;
}

/** The mount, as far as clients see and change it. */
export interface MountControl {
  rows(): readonly MountRow[];
  trace(): TraceReport;
  mount(options: {
    readonly directory: string;
    readonly allowOther: boolean;
    readonly driver: MountDriver;
  }): Promise<MountRow>;
  unmount(directory: string, options: { readonly force: boolean }): Promise<MountRow>;
  /** What programs met at a path. @param node undefined: there is nothing */
  about(path: string, node: NodeId | undefined): MountFacts;
}

export interface ControlContext {
  readonly mounts: MountControl;
  readonly vault: Vault;
  readonly members: MembersService;
  readonly anchor: AnchorKeeper;
  readonly desk: MemberDesk;
  readonly conflicts: ConflictIndex;
  readonly moments: Moments;
  readonly journals: JournalBook;
  readonly keys: KeyDesk;
  readonly notes: NoteBoard;
  readonly audit: AuditLog;
  readonly retention: Retention;
  readonly peers: PeerSet;
  readonly events: EventLog;
  readonly config: Config;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly facts: AgentFacts;
  /** Puts and gets of all clients. */
  readonly running: RunningCalls;
  readonly localFiles: LocalFiles | undefined;
  /** What this client may have read ahead of it. */
  readonly reads: ReadShare;
  readonly requestShutdown: (request: ShutdownRequest) => void;
}
