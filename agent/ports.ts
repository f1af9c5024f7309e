/**
 * Everything that is not deterministic enters the agent here, handed in by `assemble`. The product
 * gets the implementations of `agent/host`, the simulator gets its own; the agent cannot tell. Nothing
 * below `assemble` reads a clock, draws a random byte or touches a file or a socket by itself (the
 * linter sees to it).
 */

export interface Clock {
  /** Wall-clock time, milliseconds of Unix time. May jump. */
  nowMs(): number;
  /** Never goes back; starts anywhere. */
  monotonicMs(): number;
  /** Calls `action` once, not before `delayMs`. Does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export interface Random {
  /** Fresh bytes, unpredictable in the product, seeded in the simulator. */
  bytes(count: number): Buffer;
  /** For jitter only: 0 <= x < 1. */
  fraction(): number;
}

/**
 * Files below one root, named by relative paths with `/`. Errors are `VaultError`s: `disk-full`,
 * `not-found`, `exists`, `io`.
 */
export interface Disk {
  /** Opens an existing file, or with `create` a new one (`exists` if it is there). Files are 0600. */
  open(
    path: string,
    mode: 'read' | 'write' | 'create',
    options?: DiskOpenOptions,
  ): Promise<DiskFile>;
  /** Names in a directory, sorted; `[]` when the directory is missing. */
  list(directory: string): Promise<string[]>;
  /** Size in bytes, or undefined when there is no such file. */
  sizeOf(path: string): Promise<number | undefined>;
  /** Makes a directory and its parents, 0700. */
  makeDirectory(path: string): Promise<void>;
  /** Replaces `target`. Durable only after `syncDirectory`. */
  rename(source: string, target: string): Promise<void>;
  /** Removes a file; a missing one is fine. */
  remove(path: string): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(directory: string): Promise<void>;
  /** Space left for us on the file system. */
  freeBytes(): Promise<number>;
  /** Size of the file system. */
  totalBytes(): Promise<number>;
}

export interface DiskOpenOptions {
  /**
   * The file grows at its end and is read in large pieces: where it can, the disk reads them without
   * keeping a copy of its own. Zeros up to the next multiple of `store.diskBlockBytes` may stand behind what
   * was written: earlier versions left them until they closed the file, and after a crash. One handle
   * writes at a time, and one call of it. @default false
   */
  readonly bulk?: boolean;
}

/** Bytes in memory that somebody lends: they stay as they are until `release`, which may be called twice. */
export interface LentBytes {
  readonly bytes: Buffer;
  release(): void;
}

export interface DiskFile {
  /** Reads up to `length` bytes; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  /**
   * The same at once, for a few KiB that are likely in memory; undefined when `read` is to be asked, which
   * also says what is wrong. Absent where there is no such memory.
   */
  readNow?(offset: number, length: number): Buffer | undefined;
  /**
   * Like `read`, for large pieces that are used and forgotten: into memory that goes round. It is shared
   * with the workers, so that a job can be told to look there.
   */
  readLent(offset: number, length: number): Promise<LentBytes>;
  /**
   * Writes all bytes at `offset`, or throws having written some of them. Short writes are the
   * implementation's business: when this resolves, every byte was accepted.
   */
  write(offset: number, parts: readonly Uint8Array[]): Promise<void>;
  /**
   * The same for a few KiB, done when it returns: into the memory of the operating system, which takes
   * less time than waiting for a thread. Absent where there is no such memory in between.
   */
  writeNow?(offset: number, parts: readonly Uint8Array[]): void;
  /** Data and size are on the medium when this resolves. After it has thrown, the file is dead. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Files of clients that run on the same kernel. What the agent is told about one is a claim: it opens
 * a file only when that is the very file that the client means, and nowhere that could make it wait.
 */
export interface LocalFiles {
  /** 16 bytes that name this run of the kernel. */
  readonly bootId: Buffer;
  /**
   * Opens a file to be read.
   * @param path absolute
   * @param fingerprint what the client knows it by (`protocol/control/fingerprint.ts`)
   * @returns undefined: the client has to send it, for whatever reason
   */
  openSource(path: Buffer, fingerprint: Uint8Array): Promise<LocalSource | undefined>;
  /**
   * Opens an empty file of this user to be written.
   * @returns undefined: the client has to write it, for whatever reason
   */
  openTarget(path: Buffer, fingerprint: Uint8Array): Promise<LocalTarget | undefined>;
}

export interface LocalTarget {
  /** Writes all bytes at `offset`. @throws VaultError `disk-full`, `quota-full`, `io` */
  write(offset: number, parts: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

export interface LocalSource {
  /** Fills some of `into` from its start. @returns how many bytes; 0 at the end. @throws `io` */
  read(offset: number, into: Uint8Array): Promise<number>;
  /** Whether it still has the fingerprint that it was opened with. */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** A disposable ordered map of bytes. Its loss costs time, never data. */
export interface Index {
  /** The value, read at once; undefined when absent. */
  get(key: Uint8Array): Buffer | undefined;
  /** Many at once; cheaper than one by one when they are not cached. */
  getMany(keys: readonly Uint8Array[]): Promise<(Buffer | undefined)[]>;
  /**
   * Applies all changes or none; their bytes are the caller's again once it resolves. Not durable before the
   * operating system says so: it may lose the newest.
   * @param options.durable these, and all before them, are on the medium when it resolves @default false
   */
  write(changes: readonly IndexChange[], options?: IndexWriteOptions): Promise<void>;
  /** Pairs with `from <= key < to` in order of keys. */
  range(from: Uint8Array, to: Uint8Array): AsyncIterable<readonly [Buffer, Buffer]>;
  close(): Promise<void>;
}

export interface IndexWriteOptions {
  readonly durable?: boolean;
}

/** `value` undefined removes the key. */
export interface IndexChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface IndexHost {
  /** Opens the index, or throws `damaged` when it cannot be opened. */
  open(): Promise<Index>;
  /** Deletes it, so that `open` gives an empty one. */
  destroy(): Promise<void>;
}

/** A reliable, ordered stream of bytes to somebody. */
export interface ByteStream {
  /** `host:port` of the other side, or a path; for people and for rate limits. */
  readonly remote: string;
  /**
   * Resolves when the layer beneath has taken all the bytes, so that their memory may be used again.
   * Rejects once closed.
   */
  send(parts: readonly Uint8Array[]): Promise<void>;
  /** The next bytes, in whatever pieces they came; undefined at the end. One caller at a time. */
  receive(): Promise<Buffer | undefined>;
  /**
   * Nobody looks at a received piece any more: its memory goes round. Absent where none does.
   * @returns false for a piece of other memory, which whoever has it may free
   */
  giveBack?(piece: Buffer): boolean;
  /** Sends what was accepted, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
  /** Resolves when it is closed, by whomever. Never rejects. */
  readonly closed: Promise<void>;
}

export interface Network {
  /**
   * Accepts connections on `host:port` (`:0`: any free port).
   * @throws VaultError `port-in-use`
   */
  listen(address: string, onStream: (stream: ByteStream) => void): Promise<Listener>;
  /** Connects to `host:port`. @throws VaultError `peer-unreachable`, `timeout` */
  dial(
    address: string,
    options: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<ByteStream>;
  /** Datagrams to everybody on the local network; undefined where that is switched off. */
  openBeacon(onDatagram: (datagram: Buffer, from: string) => void): Promise<Beacon | undefined>;
  /** Addresses of this machine that others may reach, without port. */
  localAddresses(): string[];
}

export interface Listener {
  /** `host:port` that it really listens on. */
  readonly address: string;
  close(): Promise<void>;
}

export interface Beacon {
  send(datagram: Uint8Array): void;
  close(): void;
}

/**
 * Where heavy work on bytes runs: in worker threads in the product, in place in the simulator. The
 * jobs and their inputs are those of `agent/chunks/jobs.ts`.
 */
export interface WorkPool {
  /** Runs one job. Memory in the input is the job's until it resolves. */
  run<Name extends WorkName>(name: Name, input: WorkInput<Name>): Promise<WorkOutput<Name>>;
  /** How many jobs make progress at once. */
  readonly width: number;
  close(): Promise<void>;
}

import type { WorkInput, WorkName, WorkOutput } from './chunks/jobs.ts';

/** Structured log, named per folder. Values that are secrets are wrapped in `Secret` and print as such. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(name: string): Log;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly index: IndexHost;
  readonly network: Network;
  readonly work: WorkPool;
  /** undefined: clients send what is in their files. */
  readonly localFiles?: LocalFiles | undefined;
  readonly log: Log;
}
