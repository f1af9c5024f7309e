/**
 * What several views read from the agent: how it is asked for, and when again while a view needs it. A
 * view names what it needs (`View.needs`) and reads `state.data`.
 */
import type { ControlClient } from '../../protocol/control/client.ts';
import type { ApprovalRow, KeysReport } from '../../protocol/control/member-reports.ts';
import type {
  ConfigReport,
  DiskFreeReport,
  DoctorReport,
  MemberRow,
  PeerRow,
  SnapshotRow,
  StatusReport,
  TransferRow,
} from '../../protocol/control/reports.ts';
import type { WatchedReport } from '../../protocol/messages/control-watch.ts';
import type { Conflict } from '../../protocol/messages/control-conflict.ts';

export interface Resources {
  readonly status: StatusReport;
  readonly peers: readonly PeerRow[];
  readonly members: readonly MemberRow[];
  readonly approvals: readonly ApprovalRow[];
  readonly transfers: readonly TransferRow[];
  readonly disk: DiskFreeReport;
  readonly conflicts: readonly Conflict[];
  readonly snapshots: readonly SnapshotRow[];
  readonly doctor: DoctorReport;
  readonly config: ConfigReport;
  readonly keys: KeysReport;
}

export type ResourceName = keyof Resources;

export interface ResourceDefinition<Value> {
  readonly load: (client: ControlClient) => Promise<Value>;
  /** Reports that it depends on: the agent says when they have changed. */
  readonly watched?: readonly WatchedReport[] | undefined;
  /** How often an agent is asked that does not say what has changed. */
  readonly everyMs: number;
  /** Types of events after which that agent is asked at once; undefined: none. */
  readonly after?: RegExp | undefined;
}

type Definitions = { readonly [Name in ResourceName]: ResourceDefinition<Resources[Name]> };

const root = Buffer.alloc(0);
/** No list of conflicts is read to its end by a person. */
const conflictsMax = 1000;

export const resourceDefinitions: Definitions = {
  status: {
    load: (client) => client.status(),
    watched: ['status'],
    everyMs: 2000,
    after: /./,
  },
  peers: {
    load: (client) => client.peers(),
    watched: ['peers'],
    everyMs: 1000,
    after: /^peer|^connection|^members/,
  },
  members: {
    load: (client) => client.members(),
    watched: ['members'],
    everyMs: 10_000,
    after: /^peer|^members/,
  },
  approvals: {
    load: (client) => client.approvals(),
    watched: ['approvals'],
    everyMs: 5000,
    after: /^members|^approv/,
  },
  transfers: { load: (client) => client.transfers(), watched: ['transfers'], everyMs: 1000 },
  disk: {
    load: (client) => client.diskFree(),
    watched: ['diskFree'],
    everyMs: 15_000,
  },
  conflicts: {
    load: loadConflicts,
    watched: ['list'],
    everyMs: 30_000,
    after: /^changes|^file|^conflict/,
  },
  snapshots: {
    load: (client) => client.snapshots(),
    watched: ['snapshots'],
    everyMs: 30_000,
    after: /^changes|^snapshot/,
  },
  doctor: { load: (client) => client.doctor(), everyMs: 60_000 },
  config: { load: (client) => client.config({}), everyMs: 30_000, after: /^config/ },
  keys: {
    load: (client) => client.keys(),
    watched: ['members'],
    everyMs: 60_000,
    after: /^members|^key/,
  },
};

async function loadConflicts(client: ControlClient): Promise<readonly Conflict[]> {
  const conflicts: Conflict[] = [];
  for await (const each of client.conflicts({ path: root })) {
    conflicts.push(each);
    if (conflicts.length === conflictsMax) break;
  }
  return conflicts;
}

/** A value and how old it is. */
export interface Datum<Value> {
  /** undefined: it has not come yet. */
  readonly value?: Value | undefined;
  /** When the agent was last heard about it; Unix time. */
  readonly atMs: number;
  /** Why it could not be had the last time. */
  readonly error?: Failure | undefined;
}

/** What went wrong, as far as it is shown. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
}

export type Data = { readonly [Name in ResourceName]?: Datum<Resources[Name]> };
