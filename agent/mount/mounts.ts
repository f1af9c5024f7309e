/**
 * The mount of this vault: one at a time, made when somebody asks for it or handed down by the supervisor,
 * made again after a crash. What an agent before this one had answered and not published is taken up
 * first, whether there is a mount or not.
 */
import { isVaultError, toVaultError, VaultError } from '../../protocol/errors.ts';
import type { TraceReport } from '../../protocol/control/mount-reports.ts';
import type { MountRow } from '../../protocol/control/reports.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { FileSystem } from '../../fuse/operations/file-system.ts';
import { recover } from '../../fuse/operations/recover.ts';
import { inodeNumber } from '../../fuse/operations/inode.ts';
import type { NodeId, VaultPort } from '../../fuse/operations/port.ts';
import {
  mountAsRoot,
  prepareDirectory,
  realDirectory,
  removeStale,
  unmount,
  whoMounts,
  writeBack,
  type MountOptions,
} from '../../fuse/mount/mount.ts';
import { mountAt } from '../../fuse/mount/mount-table.ts';
import { mountAsUser } from '../../fuse/mount/relay.ts';
import { NativeSession } from '../../fuse/native/native-session.ts';
import type { Served } from '../../fuse/session/served.ts';
import { Session } from '../../fuse/session/session.ts';
import { openDevice } from '../../fuse/transport/device.ts';
import { openStream } from '../../fuse/transport/stream.ts';
import type { Transport, TransportEvents } from '../../fuse/transport/transport.ts';
import type { StartMount } from '../agent.types.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import type { Tree, TreeChange } from '../namespace/tree.types.ts';
import type { Clock, Disk, Log } from '../ports.ts';
import { joinPath } from '../vault/path.ts';
import type { MountFacts } from '../vault/why-reasons.ts';
import type { Failures } from './failures.ts';
import type { OwnOps } from './own-ops.ts';
import { forgetMount, readMount, rememberMount, type SavedMount } from './saved-mount.ts';

export interface MountsParts {
  readonly port: () => Promise<VaultPort>;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly ownOps: OwnOps;
  readonly failures: Pick<Failures, 'latest'>;
  readonly tree: Pick<Tree, 'pathOf'>;
  /** Of this agent: mounting over it would lock it out. */
  readonly home: string | undefined;
}

interface Mounted {
  readonly options: MountOptions;
  readonly session: Served;
}

type Open = (events: TransportEvents) => Transport | Promise<Transport>;

const overlay = 'overlay';
const busyMs = 2_000;

export class Mounts {
  readonly #parts: MountsParts;
  #mounted: Mounted | undefined;
  #failed: MountRow | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Takes up what was left, when nothing is mounted. */
  #recovering: FileSystem | undefined;

  constructor(parts: MountsParts) {
    this.#parts = parts;
  }

  rows(): readonly MountRow[] {
    if (this.#mounted === undefined) return this.#failed === undefined ? [] : [this.#failed];
    const { options, session } = this.#mounted;
    const { directory: path, driver } = options;
    const reason = session.fs.port.readOnly();
    const readOnly = reason !== undefined;
    return [{ path, state: 'mounted', readOnly, driver, reason: reason?.message ?? null }];
  }

  /** What programs wait for in the mount at this moment, and how long its operations took so far. */
  trace(): TraceReport {
    const { tree } = this.#parts;
    const pathOf = (node: NodeId | undefined): string | null => {
      const path = node === undefined ? undefined : tree.pathOf(node);
      return path === undefined ? null : `/${escapeBytes(joinPath(path))}`;
    };
    const nothing = { running: [], operations: [], recent: [] };
    return this.#mounted?.session.trace.report(pathOf) ?? nothing;
  }

  /** What programs met in the mount at a path. @param node undefined: there is nothing at it */
  about(path: string, node: NodeId | undefined): MountFacts {
    const number = node === undefined ? undefined : inodeNumber(node);
    const waits = this.trace().running.filter(({ inode }) => inode === number);
    const longestMs = Math.max(0, ...waits.map(({ sinceMs }) => sinceMs));
    const failure = this.#parts.failures.latest(path);
    return { waiting: waits.length, longestMs, failure };
  }

  /** To be called once, before clients are served. */
  start(wanted: StartMount | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const { disk } = this.#parts;
      const saved = await readMount(disk);
      const given = await stillThere(wanted);
      await this.#clean(saved, given?.directory);
      if (given !== undefined) {
        const { descriptor, resumed } = given;
        if (descriptor === undefined) await this.#make(given);
        else {
          const open: Open = (events) => openDevice(descriptor, events);
          await this.#attach(given, { resumed, open });
        }
        await rememberMount(disk, { options: given, again: false });
      } else if (saved?.again === true) {
        await this.#again(saved.options);
      } else if ((await disk.list(overlay)).length > 0) {
        await this.#recover();
      }
    });
  }

  /**
   * Mounts the vault at a directory.
   * @throws VaultError `exists`, `usage`, `not-found`, `not-directory`, `not-supported`, `denied`, `io`
   */
  mount(wanted: MountOptions): Promise<MountRow> {
    return this.#inTurn(async () => {
      const options = { ...wanted, directory: await realDirectory(wanted.directory) };
      this.#refuseSecond(options.directory);
      this.#refuseHome(options.directory);
      await this.#make(options);
      await rememberMount(this.#parts.disk, { options, again: true });
      return this.rows()[0] ?? failedRow(options, undefined);
    });
  }

  /** @throws VaultError `not-found`, `conflict` when it is in use */
  unmount(wanted: string, { force }: { readonly force: boolean }): Promise<MountRow> {
    return this.#inTurn(async () => {
      const directory = await realDirectory(wanted);
      const mounted = this.#mounted;
      if (mounted?.options.directory !== directory) {
        throw new VaultError('not-found', {
          op: 'mount.unmount',
          subject: directory,
          detail: 'the vault is not mounted there',
          next: 'vault status shows where it is',
        });
      }
      const [row] = this.rows();
      await unmount(directory, { lazy: force });
      mounted.session.unmounted();
      if (force) mounted.session.closeTransport();
      await mounted.session.ended;
      await this.#let(mounted);
      await forgetMount(this.#parts.disk);
      return row ?? failedRow(mounted.options, undefined);
    });
  }

  /** The tree has changed. */
  changed(change: TreeChange, batches: readonly OpenedBatch[]): void {
    const fs = this.#mounted?.session.fs ?? this.#recovering;
    // Without batches the tree was made anew.
    const isOwn = batches.length > 0 && this.#parts.ownOps.areAll(batches);
    fs?.changed({ ...change, isOwn });
  }

  /** Contents that open files read from, or changes on their way build on. */
  contentsInUse(): Iterable<Content> {
    return (this.#mounted?.session.fs ?? this.#recovering)?.contentsInUse() ?? [];
  }

  /** What was written so far is in the vault when it resolves. */
  async settle(): Promise<void> {
    await (this.#mounted?.session.fs ?? this.#recovering)?.settle();
  }

  /** Unmounts; whoever still uses the mount is cut off. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      const mounted = this.#mounted;
      await this.#recovering?.close();
      if (mounted === undefined) return;
      await this.#unmountSoon(mounted.options.directory);
      mounted.session.closeTransport();
      await mounted.session.ended;
      await this.#let(mounted);
      await forgetMount(this.#parts.disk);
    });
  }

  /** A crash of everything leaves a mount that nobody answers for. @param kept is in good hands */
  async #clean(saved: SavedMount | undefined, kept: string | undefined): Promise<void> {
    if (saved === undefined || saved.options.directory === kept) return;
    const { log, disk } = this.#parts;
    const { directory } = saved.options;
    try {
      if (await removeStale(directory)) log.info({ directory }, 'a dead mount was taken away');
      if (!saved.again) await forgetMount(disk);
    } catch (error) {
      log.warn({ err: error, directory }, 'a dead mount was not taken away');
    }
  }

  async #make(options: MountOptions): Promise<void> {
    await prepareDirectory(options.directory);
    if (options.driver === 'fuse-native') {
      await this.#attachNative(options);
      return;
    }
    const isRoot = whoMounts().uid === 0;
    await this.#attach(options, {
      resumed: false,
      open: async (events) => {
        if (!isRoot) return openStream(await mountAsUser(options), events);
        return openDevice(await mountAsRoot(options), events);
      },
    });
  }

  async #attach(
    options: MountOptions,
    { resumed, open }: { readonly resumed: boolean; readonly open: Open },
  ): Promise<void> {
    await this.#takeOver();
    const owner = whoMounts();
    const session = new Session(await this.#parts.port(), {
      owner,
      keepsOwners: owner.uid === 0,
      resumed,
    });
    await this.#serve({ options, session }, () => session.serve(open));
    this.#parts.log.info({ directory: options.directory, resumed }, 'the vault is mounted');
  }

  async #attachNative(options: MountOptions): Promise<void> {
    await this.#takeOver();
    const session = new NativeSession(await this.#parts.port(), options);
    await this.#serve({ options, session }, () => session.mount());
    const { directory, driver } = options;
    this.#parts.log.info({ directory, driver }, 'the vault is mounted');
  }

  async #takeOver(): Promise<void> {
    await this.#recovering?.close();
    this.#recovering = undefined;
  }

  /** @param begin from when on requests are answered; it throws when there will be none */
  async #serve(mounted: Mounted, begin: () => Promise<void>): Promise<void> {
    const { log } = this.#parts;
    const { options, session } = mounted;
    await recover(session.fs);
    this.#mounted = mounted;
    try {
      await begin();
    } catch (error) {
      this.#mounted = undefined;
      await session.close();
      throw error;
    }
    this.#failed = undefined;
    void session.ended.then(({ error }) => {
      log.info({ directory: options.directory, err: error }, 'the mount has ended');
      void this.#inTurn(async () => {
        if (this.#mounted !== mounted) return;
        await this.#let(mounted);
        await forgetMount(this.#parts.disk);
      });
    });
  }

  /** After a crash: what was mounted by hand is there again, if that can be. */
  async #again(options: MountOptions): Promise<void> {
    try {
      await this.#make(options);
    } catch (error) {
      this.#parts.log.error({ err: error }, 'the vault is not mounted again after a crash');
      this.#failed = failedRow(options, error);
      await forgetMount(this.#parts.disk);
      await this.#recover();
    }
  }

  async #recover(): Promise<void> {
    const nobody = { nameChanged: () => undefined, inodeChanged: () => undefined };
    const owner = whoMounts();
    const fs = new FileSystem(await this.#parts.port(), {
      owner,
      keepsOwners: false,
      events: nobody,
    });
    this.#recovering = fs;
    await recover(fs);
  }

  async #let(mounted: Mounted): Promise<void> {
    if (this.#mounted === mounted) this.#mounted = undefined;
    await mounted.session.close();
  }

  async #unmountSoon(directory: string): Promise<void> {
    const until = this.#parts.clock.monotonicMs() + busyMs;
    for (;;) {
      const isLate = this.#parts.clock.monotonicMs() > until;
      // What programs wrote, and the kernel has not handed on yet, comes now or never.
      if (isLate) await writeBack(directory);
      try {
        await unmount(directory, { lazy: isLate });
        return;
      } catch (error) {
        if (!isVaultError(error, 'conflict') || isLate) {
          this.#parts.log.warn({ err: error }, 'the mount was not taken away');
          return;
        }
        await new Promise<void>((resolve) => {
          this.#parts.clock.after(100, resolve);
        });
      }
    }
  }

  #refuseSecond(directory: string): void {
    if (this.#mounted === undefined) return;
    throw new VaultError('exists', {
      op: 'mount.mount',
      subject: directory,
      detail: `the vault is mounted at ${this.#mounted.options.directory}`,
      next: `unmount it first: vault umount ${shellWord(this.#mounted.options.directory)}`,
    });
  }

  #refuseHome(directory: string): void {
    const { home } = this.#parts;
    if (home === undefined || !`${home}/`.startsWith(`${directory}/`)) return;
    throw new VaultError('usage', {
      op: 'mount.mount',
      subject: directory,
      detail: "the agent's own home is in it",
      next: 'choose a directory outside of the home',
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

/** What the supervisor keeps may have been taken away by somebody. */
async function stillThere(wanted: StartMount | undefined): Promise<StartMount | undefined> {
  if (wanted?.descriptor === undefined || !wanted.resumed) return wanted;
  return (await mountAt(wanted.directory)) === undefined ? undefined : wanted;
}

function failedRow({ directory: path, driver }: MountOptions, error: unknown): MountRow {
  const reason = error === undefined ? null : toVaultError(error, 'mount').message;
  return { path, state: 'failed', readOnly: false, driver, reason };
}
