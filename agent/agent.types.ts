/**
 * What the programs around the agent may ask of it: make a home, join a vault, run. `assemble`
 * implements these shapes over ports; `vaultd` and the agent process call them and know nothing of
 * what is below.
 */
import type { MountDriver } from '../protocol/control/reports.ts';
import type { DeviceId, VaultId } from '../protocol/ids.ts';
import type { CallHandler } from '../protocol/rpc/rpc.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { Config } from './config/config.ts';
import type { DeviceIdentity } from './members/identity.ts';
import type { KeySafe } from './members/key-safe.ts';
import type { Secret } from './members/secret.ts';
import type { Ports } from './ports.ts';

export interface InitOptions {
  /** Name of this device, for people. */
  readonly name: string;
  /** To protect the keys with; undefined: the mode of the files alone does. */
  readonly passphrase?: Secret | undefined;
}

export interface InitResult {
  readonly vault: VaultId;
  readonly device: DeviceId;
  /** Shown once, kept nowhere. */
  readonly recoveryWords: readonly string[];
}

/**
 * Writes identity and first statements into an empty home, durably. `ports.disk` is rooted at the
 * home; the caller has made its directories and its format file.
 * @throws VaultError `exists` when the home holds an identity already
 */
export type InitVault = (ports: Ports, options: InitOptions) => Promise<InitResult>;

export interface JoinOptions {
  /** Text form of a ticket, as somebody typed or pasted it. */
  readonly ticket: string;
  readonly name: string;
  /** To protect the keys with; undefined: the mode of the files alone does. */
  readonly passphrase?: Secret | undefined;
  /** Called when an admin has to confirm; the words are to be compared with theirs. */
  onWaiting(fingerprint: readonly string[]): void;
  /** Aborts the attempt; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
}

export interface JoinResult {
  readonly vault: VaultId;
  readonly device: DeviceId;
}

/**
 * Reaches the issuer of the ticket, is admitted, and writes what `StartAgent` needs into an empty
 * home. Leaves nothing behind when it throws.
 * @throws VaultError `ticket-invalid`, `ticket-used`, `ticket-expired`, `peer-unreachable`,
 *   `peer-untrusted`, `timeout`, `cancelled`
 */
export interface RestoreOptions {
  /** A backup of `vault keys backup`, and its name for messages. */
  readonly backup: Buffer;
  readonly file: string;
  readonly passphrase: Secret;
}

/**
 * Writes the device of a backup into an empty home. What it had stored comes from the other devices.
 * @throws VaultError `denied` when the passphrase is wrong, `damaged`, `home-newer`
 */
export type RestoreKeys = (ports: Ports, options: RestoreOptions) => Promise<JoinResult>;

export type JoinVault = (ports: Ports, options: JoinOptions) => Promise<JoinResult>;

/** Facts about the process that only the entry point knows; `vault status` shows them. */
export interface ProcessFacts {
  readonly pid: number;
  /** undefined when the agent runs without its supervisor. */
  readonly supervisorPid: number | undefined;
  /** For example `v24.21.0`. */
  readonly nodeVersion: string;
  /** For example `linux-x64`. */
  readonly platform: string;
  /** Resident memory now. */
  readonly memoryBytes: () => number;
}

export interface StartOptions {
  readonly config: Config;
  readonly version: string;
  readonly process: ProcessFacts;
  /** Unlocked with a passphrase; undefined: they are read from the home, unless a passphrase protects them. */
  readonly identity?: DeviceIdentity | undefined;
  /** That unlocked them, so that wrong passphrases are counted on; undefined: a new one. */
  readonly safe?: KeySafe | undefined;
  /** Opened before, and closed by whoever opened it; undefined: the agent opens its own. */
  readonly audit?: AuditLog | undefined;
  /** Where the disk port is rooted: nothing may be mounted over it. */
  readonly home?: string | undefined;
  /** To be mounted from the start on. */
  readonly mount?: StartMount | undefined;
}

export interface StartMount {
  /** Absolute. */
  readonly directory: string;
  readonly allowOther: boolean;
  readonly driver: MountDriver;
  /** Of a mount that the supervisor has made and keeps; undefined: the agent makes it. */
  readonly descriptor?: number | undefined;
  /** An agent before this one has spoken on the descriptor. */
  readonly resumed: boolean;
}

export type StartAgent = (ports: Ports, options: StartOptions) => Promise<Agent>;

export interface Agent {
  readonly device: DeviceId;
  readonly vault: VaultId;
  /** `host:port` that peers reach it on. */
  readonly listening: string;
  /** The answers for one client of the control socket. */
  handler(client: ControlClient): CallHandler;
  /** Resolves when a client asked for the end. */
  readonly shutdownRequested: Promise<ShutdownRequest>;
  /** Says goodbye to peers, syncs, releases everything. Safe to call twice. */
  close(): Promise<void>;
}

/** Somebody on the control socket: the same user, since only that user can open it. */
export interface ControlClient {
  /** Counts up from 1 in the life of an agent; the name of the client in the log. */
  readonly number: number;
}

export interface ShutdownRequest {
  /** End the supervisor too; otherwise it starts a fresh agent. */
  readonly supervisor: boolean;
  /** The fresh agent starts without keys. @default false */
  readonly lock?: boolean;
}
