/**
 * The reports of the control socket as types: what the agent writes into `Report.json` and
 * `Event.json`, what `--json` prints unchanged and what the console renders. Sizes are integers of
 * bytes, times RFC 3339 in UTC, ids lowercase hex. Fields are only ever added; a reader skips those
 * it does not know. What is not known is `null`, never a guess.
 */

import type { SpaceReport } from './retention-reports.ts';

/** RFC 3339 in UTC, for example `2026-11-21T06:44:28.123Z`. */
export type Timestamp = string;

export const healthLevels = ['ok', 'working', 'attention', 'broken'] as const;
export type Health = (typeof healthLevels)[number];

/** Why something is not green. */
export interface Reason {
  /** Stable, for scripts, for example `peer-offline`, `disk-full`. */
  readonly code: string;
  /** One clause for people. */
  readonly message: string;
  /** The path, device or key that it is about. */
  readonly subject?: string | undefined;
  /** What a person can do about it. */
  readonly next?: string | undefined;
  /** How long it will take when nothing changes. */
  readonly secondsLeft?: number | undefined;
}

export type Role = 'blind' | 'reader' | 'writer' | 'admin';

/** Who speaks with the kernel: the agent itself, or the library libfuse 2. */
export const mountDrivers = ['kernel', 'fuse-native'] as const;
export type MountDriver = (typeof mountDrivers)[number];

export interface MountRow {
  readonly path: string;
  readonly state: 'mounted' | 'failed';
  readonly readOnly: boolean;
  readonly driver: MountDriver;
  /** Why nothing is mounted, or may be written; null when all is well. */
  readonly reason: string | null;
}

/** Answer of `status`. */
export interface StatusReport {
  readonly vaultId: string;
  readonly deviceId: string;
  /** Of this device. */
  readonly name: string;
  readonly role: Role;
  /** Of the agent, for example `0.1.0`. */
  readonly version: string;
  readonly pid: number;
  /** null: it runs without a supervisor. */
  readonly supervisorPid: number | null;
  readonly startedAt: Timestamp;
  /** `host:port`. */
  readonly listen: string;
  readonly mounts: readonly MountRow[];
  /** Hex; equal on two devices when they show the same tree. null on a device without keys. */
  readonly treeHash: string | null;
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  /** Of all files as a person sees them. */
  readonly bytes: number;
  /** On this device's disk: segments and journals. */
  readonly storedBytes: number;
  /** Resident memory of the agent, in whole MiB. Absent: an older agent, or one that has no vault open. */
  readonly memoryBytes?: number | undefined;
  readonly peersOnline: number;
  /** Other devices of the vault that were not revoked. */
  readonly peersKnown: number;
  /** Sealed bytes that this device should hold and lacks. */
  readonly behindBytes: number;
  /** Batches of ops that this device knows of and lacks. */
  readonly behindOps: number;
  /** Absent: an older agent, or one that has no vault open. */
  readonly space?: SpaceReport | undefined;
  readonly health: Health;
  readonly reasons: readonly Reason[];
}

/** One row of the answer of `peers`: a device, and how it is reached. */
export interface PeerRow {
  /** null: an address that was added by hand and has not answered yet. */
  readonly deviceId: string | null;
  readonly name: string;
  readonly role: Role | null;
  readonly online: boolean;
  /** In use, or the last that worked, or the one to try next. */
  readonly address: string | null;
  /** All that are known, the first tried first. */
  readonly addresses: readonly string[];
  readonly rttMs: number | null;
  readonly lastSeen: Timestamp | null;
  /** Agent and version, for example `peervault/0.1.0`. null: not connected. */
  readonly agent: string | null;
  /**
   * Sealed bytes of the changes that this device holds completely and the other has not reported
   * complete. null: it has reported nothing since this agent started.
   */
  readonly behindBytes: number | null;
  /** Bytes of chunks since the connection began. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Why it is not online, or what is wrong. */
  readonly reasons: readonly Reason[];
}

/** Answer of `peerAdd` and `peerRemove`. */
export interface PeerChangeReport {
  readonly address: string;
  /** Of the device that the address belongs to, where that is known. */
  readonly deviceId: string | null;
  /** Whether that device answers now. */
  readonly online: boolean;
}

/** One row of the answer of `members`. */
export interface MemberRow {
  readonly deviceId: string;
  readonly name: string;
  readonly role: Role;
  readonly state: 'active' | 'revoked' | 'waiting';
  /** This device. */
  readonly self: boolean;
  /** Whether it opened the vault. */
  readonly owner: boolean;
  /** Who admitted it: a device id; null for the first. */
  readonly addedBy: string | null;
  readonly addedAt: Timestamp | null;
  readonly revokedAt: Timestamp | null;
  readonly online: boolean;
  readonly lastSeen: Timestamp | null;
  /** Words to compare by voice. */
  readonly fingerprint: string | null;
}

/** `paused`: a person said so. */
export type TransferState = 'running' | 'waiting' | 'stalled' | 'paused' | 'done' | 'failed';

/** One row of the answer of `transfers`. */
export interface TransferRow {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly kind: 'put' | 'get' | 'replicate' | 'repair' | 'read';
  /** The path, where one is known to this device; base64 of its bytes too, when they are not UTF-8. */
  readonly path: string | null;
  readonly pathBytes?: string;
  readonly deviceId: string | null;
  /** Name of that device. */
  readonly peer: string | null;
  readonly state: TransferState;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  /** null: not known. */
  readonly secondsLeft: number | null;
  readonly startedAt: Timestamp;
  /** Why it waits or failed. */
  readonly reason: Reason | null;
}

/**
 * How a journal stands. `counts`: all of it; `forked`: only what comes before the fork; `elsewhere`: the
 * branch that counts is not here yet; `cut-off`: its device was sent away; `no-right`: its device may
 * not write; `damaged`: it counts, and lost something on this device.
 */
export type JournalState = 'counts' | 'forked' | 'elsewhere' | 'cut-off' | 'no-right' | 'damaged';

/** One row of the answer of `journals`. */
export interface JournalRow {
  /** `DEVICE/INCARNATION`: its name. */
  readonly journal: string;
  readonly deviceId: string;
  /** Name of the device. */
  readonly device: string;
  readonly incarnation: string;
  /** Number of the last batch that is here, on whichever branch. */
  readonly sequence: number;
  /** Number of the last batch that counts. */
  readonly counts: number;
  /** Batches that are here and do not count. */
  readonly hidden: number;
  readonly state: JournalState;
  /** The number that two batches have, while nobody has named one. */
  readonly forkedAt: number | null;
  /** This device writes it now. */
  readonly writing: boolean;
  /** Where it forked: every batch that stands beside another one. */
  readonly branches: readonly BranchRow[];
}

export interface BranchRow {
  readonly sequence: number;
  /** Of that batch, hex: what `journal choose` takes. */
  readonly hash: string;
  /** Whether the branch is on this device, and not only the proof of it. */
  readonly here: boolean;
  /** Number of the last batch of its line that is here. */
  readonly last: number | null;
  /** By the clock of its author; null: not known on this device. */
  readonly written: Timestamp | null;
  readonly counts: boolean;
  /** Its device has issued what it says again elsewhere: then the other branch is the one to name. */
  readonly reissued: boolean;
  /** An admin has named it. */
  readonly chosen: boolean;
}

/** Answer of `diskFree`. */
export interface DiskFreeReport {
  /** Of all files as a person sees them. */
  readonly logicalBytes: number;
  readonly files: number;
  /** The part of `storedBytes` that the tree and its history need, journals included. null: not known yet. */
  readonly liveBytes: number | null;
  /** On this device's disk: segments and journals. */
  readonly storedBytes: number;
  /** The rest, as of the last look: collections free it, once all writers have agreed. null: not known yet. */
  readonly deadBytes: number | null;
  /** Sealed bytes that this device should hold and lacks. */
  readonly missingBytes: number;
  readonly chunks: number;
  /** Of the file system below the home. */
  readonly diskTotalBytes: number | null;
  readonly diskFreeBytes: number;
  /** Kept free: below it, writes are refused. */
  readonly diskReservedBytes: number;
  /** null: no quota. */
  readonly quotaBytes: number | null;
}

export interface DoctorCheck {
  /** Stable, for example `blake3-native`, `socket-mode`, `clock-skew`. */
  readonly name: string;
  readonly result: 'ok' | 'warning' | 'failed';
  /** What was found. */
  readonly message: string;
  readonly next?: string | undefined;
}

/** Answer of `doctor`. */
export interface DoctorReport {
  readonly health: Health;
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly checks: readonly DoctorCheck[];
}

export type ConfigValue = string | number | boolean | readonly string[] | null;

/** One setting; `config show` answers all, `config explain KEY` one. */
export interface ConfigRow {
  readonly key: string;
  readonly value: ConfigValue;
  readonly source: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, the variable, `config.toml:LINE`; null for a default. */
  readonly origin: string | null;
  readonly default: ConfigValue;
  readonly type: string;
  /** What is allowed, for people: `1..64`, `json|pretty`. */
  readonly allowed: string | null;
  readonly environment: string | null;
  readonly flag: string | null;
  readonly description: string;
  /** Other sources that were set and lost, the strongest first. */
  readonly overridden: readonly { readonly source: string; readonly value: ConfigValue }[];
}

/** Answer of `config`: one row when a key was named, else all. */
export interface ConfigReport {
  /** Path of `config.toml`. */
  readonly file: string;
  readonly settings: readonly ConfigRow[];
}

/** Answer of `configSet`. */
export interface ConfigChangeReport {
  /** Path of `config.toml`. */
  readonly file: string;
  /** false: it was so already. */
  readonly changed: boolean;
  /** What the file said; null: nothing, so that the default counted. */
  readonly before: ConfigValue;
  /** The flag or variable that this agent was started with, and that beats the file; null: none. */
  readonly stronger: string | null;
}

/** Answer of `invite`. */
export interface InviteReport {
  readonly ticket: string;
  readonly expires: Timestamp;
  readonly role: Role;
  /** Addresses in the ticket. */
  readonly addresses: readonly string[];
  /** Whether an admin has to confirm the joiner. */
  readonly approve: boolean;
}

/** One event, one line of `vault events --json`. */
export interface EventRecord {
  readonly time: Timestamp;
  /** Stable, for example `peer-online`, `file-changed`, `chunk-damaged`. */
  readonly type: string;
  /** One clause for people. */
  readonly message: string;
  readonly subject?: string | undefined;
  readonly level?: 'info' | 'warning' | 'error' | undefined;
  readonly [field: string]: unknown;
}

/** Batches of one device that a snapshot stands for and that this device cannot show. */
export interface SnapshotGap {
  readonly deviceId: string;
  readonly name: string;
  readonly batches: number;
  /** `missing`: they are not here; `no-key`: they are here and cannot be read. */
  readonly state: 'missing' | 'no-key';
}

/** One row of the answer of `snapshots`. */
export interface SnapshotRow {
  readonly id: string;
  readonly name: string;
  /** Who took it. */
  readonly deviceId: string;
  readonly author: string;
  /** When, by that device's clock. */
  readonly time: Timestamp;
  /** `working`: something that it stands for is not here yet, see `gaps`. */
  readonly state: 'ready' | 'working';
  readonly gaps: readonly SnapshotGap[];
}

/** What another device, or this one, has of what `why` explains. */
export interface WhyDevice {
  readonly deviceId: string;
  readonly name: string;
  /** The one that answers. */
  readonly self: boolean;
  readonly role: Role;
  readonly online: boolean;
  readonly lastSeen: Timestamp | null;
  /** Whether it has the change that made this version. null: it has not said so to this device. */
  readonly seen: boolean | null;
  /** Whether it holds all of the content. null: as above. */
  readonly holds: boolean | null;
}

/** A version that wants the same name. */
export interface WhyConflict {
  readonly path: string;
  readonly version: string | null;
  readonly author: string | null;
  readonly time: Timestamp | null;
}

/** Answer of `why`: of a directory, the sums and the worst of what is below it. */
export interface WhyReport {
  readonly path: string;
  /** base64, when they are not UTF-8; then `path` is escaped. */
  readonly pathBytes?: string;
  /** null: there is nothing at this path. */
  readonly kind: 'file' | 'directory' | 'symlink' | null;
  readonly health: Health;
  /** One sentence: the most important of the reasons, or that all is well. */
  readonly summary: string;
  readonly version: string | null;
  readonly author: string | null;
  readonly deviceId: string | null;
  /** When this version was written, by its author's clock. */
  readonly time: Timestamp | null;
  /** Of what is gone: what happened to it. */
  readonly deleted: {
    readonly author: string;
    readonly deviceId: string;
    readonly time: Timestamp;
    readonly version: string;
    /** Where it went, if it was renamed. */
    readonly renamedTo: string | null;
  } | null;
  /** Files at and below the path. */
  readonly files: number;
  readonly bytes: number;
  /** Files whose content is whole on this device. */
  readonly filesHere: number;
  /** Sealed chunks of the content that are not on this device. */
  readonly missingChunks: number;
  readonly missingBytes: number;
  /** Files whose list of chunks is not here: what else they miss is not known. */
  readonly filesUnknown: number;
  readonly conflicts: readonly WhyConflict[];
  readonly devices: readonly WhyDevice[];
  /** The worst first. */
  readonly reasons: readonly Reason[];
}
