/**
 * One mount's conversation with the kernel: requests in, answers out. It owns the node numbers, what can
 * be interrupted, and what the kernel is told unasked. Answers that need no waiting are given in the same
 * turn, without a promise.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { errnoOf, Refusal, refusal } from '../errno.ts';
import { errnos } from '../protocol/constants.ts';
import { agree, initReply } from '../protocol/init.ts';
import { invalidateEntry, invalidateInode, resend } from '../protocol/notify.ts';
import { errorReply } from '../protocol/reply.ts';
import {
  parseHeader,
  parseRequest,
  uniqueKey,
  type Header,
  type Request,
} from '../protocol/request.ts';
import { FileSystem } from '../operations/file-system.ts';
import { Files } from '../operations/files.ts';
import type { Inode, Owner } from '../operations/inode.ts';
import type { VaultPort } from '../operations/port.ts';
import { subjectOf } from '../operations/virtual.ts';
import type { Transport } from '../transport/transport.ts';
import { answer } from './answer.ts';
import type { Answer } from './asked.ts';
import { Asking } from './asking.ts';
import { FailedReads } from './failed-reads.ts';
import { inodeNumberOf, NodeTable } from './node-table.ts';
import { Trace } from './trace.ts';
import type { Served, SessionEnd } from './served.ts';
import { Revived } from './revive.ts';
import { Waiting } from './waiting.ts';

export interface SessionOptions {
  readonly owner: Owner;
  readonly keepsOwners: boolean;
  /** The descriptor was used by an agent before this one: there will be no first exchange. */
  readonly resumed: boolean;
  /** The kernel may keep written bytes for a while. @default true */
  readonly writeback?: boolean;
}

/** Of this many handles of one agent none has a number of another one's. */
const handlesMax = 2 ** 20;

export class Session implements Served {
  readonly fs: FileSystem;
  readonly files: Files;
  readonly nodes: NodeTable;
  readonly ended: Promise<SessionEnd>;
  /** Whether the kernel writes back what it keeps. */
  writeback: boolean;
  readonly counts = { requests: 0, failed: 0 };
  readonly trace: Trace;
  readonly failedReads: FailedReads;
  readonly #options: SessionOptions;
  readonly #waiting: Waiting;
  #transport: Transport | undefined;
  #end!: (end: SessionEnd) => void;
  readonly #revived: Revived;

  constructor(port: VaultPort, options: SessionOptions) {
    this.#options = options;
    this.writeback = options.writeback ?? true;
    this.fs = new FileSystem(port, {
      owner: options.owner,
      keepsOwners: options.keepsOwners,
      events: {
        nameChanged: (directory, name) => {
          this.nameChanged(directory, name);
        },
        inodeChanged: (inode) => {
          this.#inodeChanged(inode);
        },
      },
    });
    this.files = new Files(this.fs, unusedHandle(port));
    this.files.keepsTimes = this.writeback;
    this.nodes = new NodeTable(this.fs.root());
    this.#revived = new Revived(this.fs);
    this.failedReads = new FailedReads(port.clock);
    this.#waiting = new Waiting(port.clock, (operation, isFailed) => {
      this.trace.ended(operation, isFailed);
    });
    this.trace = new Trace(port.clock, () => this.#waiting.operations());
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Begins to answer.
   * @param open gives the transport; requests may come before it returns
   */
  async serve(
    open: (events: {
      onRequest(bytes: Buffer, keep: () => () => void): void;
      onEnd(error: Error | undefined): void;
    }) => Transport | Promise<Transport>,
  ): Promise<void> {
    const early: Buffer[] = [];
    this.#transport = await open({
      onRequest: (bytes, keep) => {
        if (this.#transport === undefined) early.push(Buffer.from(bytes));
        else this.#take(bytes, keep);
      },
      onEnd: (error) => {
        this.#ended(error);
      },
    });
    for (const bytes of early) this.#take(bytes, () => () => undefined);
    if (this.#options.resumed) this.#transport.notify(resend());
  }

  unmounted(): void {
    // Reading the device says so.
  }

  closeTransport(): void {
    this.#transport?.close();
  }

  async close(): Promise<void> {
    this.files.releaseAll();
    await this.fs.close();
    this.#transport?.close();
  }

  reply(parts: readonly Uint8Array[]): void {
    this.#transport?.reply(parts);
  }

  /** What the kernel believes about a name is not true any more. */
  nameChanged(directory: Inode, name: Buffer): void {
    const node = this.nodes.nodeOf(directory);
    if (node !== undefined) this.#transport?.notify(invalidateEntry(node, name));
  }

  #take(bytes: Buffer, keep: () => () => void): void {
    const header = parseHeader(bytes);
    if (header === undefined) return;
    const request = parseRequest(header, bytes);
    this.counts.requests += 1;
    if (request === undefined) {
      this.reply([errorReply(header, errnos.EINVAL)]);
      return;
    }
    switch (request.op) {
      case 'forget':
        this.#forget(header.node, request.count);
        return;
      case 'batchForget':
        for (const { node, count } of request.items) this.#forget(node, count);
        return;
      case 'interrupt':
        this.#waiting.interrupt(uniqueKey(request));
        return;
      case 'init':
        this.#init(header, request);
        return;
      default:
        this.#serve(header, request, keep);
    }
  }

  #serve(header: Header, request: Exclude<Request, { op: 'init' }>, keep: () => () => void): void {
    const inode = this.nodes.inode(header.node);
    if (inode === undefined) {
      this.#serveRevived(header, request, keep);
      return;
    }
    const asking = new Asking();
    try {
      const answered = answer(this, { header, request, inode, keep, asking });
      if (answered instanceof Promise) {
        this.#await(header, request.op, { answered, asking });
        return;
      }
      this.reply(answered);
    } catch (error) {
      this.#fail(header, error);
    }
    asking.answered();
  }

  #await(
    header: Header,
    op: string,
    { answered, asking }: { answered: Promise<Answer>; asking: Asking },
  ): void {
    const { pid, node } = header;
    const startedMs = this.fs.port.clock.monotonicMs();
    const id = this.nodes.inode(node)?.id;
    const operation = { op, inode: inodeNumberOf(node), node: id, pid, startedMs };
    this.#waiting.add(uniqueKey(header), operation, {
      work: answered,
      asking,
      answered: (parts) => {
        this.reply(parts);
      },
      failed: (error) => {
        this.#fail(header, error);
      },
    });
  }

  #fail(header: Header, error: unknown): void {
    this.counts.failed += 1;
    const isTold = error instanceof Refusal || isVaultError(error, 'cancelled');
    if (!isTold) this.#trouble(header, error);
    this.reply([errorReply(header, errnoOf(error))]);
  }

  #trouble({ node }: Header, error: unknown): void {
    const inode = this.nodes.inode(node);
    this.fs.port.trouble(error, inode === undefined ? `node ${String(node)}` : subjectOf(inode));
  }

  /** The kernel knows a node from an agent before this one. */
  #serveRevived(
    header: Header,
    request: Exclude<Request, { op: 'init' }>,
    keep: () => () => void,
  ): void {
    if (!this.#options.resumed) {
      this.reply([errorReply(header, errnos.ESTALE)]);
      return;
    }
    const release = keep();
    this.#revived
      .find(inodeNumberOf(header.node))
      .then((id) => {
        // Asked for now: the one that is kept, so that a node never has two.
        const inode = id === undefined ? undefined : this.fs.inodes.ofNode(id);
        if (inode === undefined) throw refusal('ESTALE');
        this.nodes.revive(header.node, inode);
        this.#serve(header, request, () => () => undefined);
      })
      .catch((error: unknown) => {
        this.#fail(header, error);
      })
      .finally(release);
  }

  #init(header: Header, request: Extract<Request, { op: 'init' }>): void {
    const agreement = agree(request, { writeback: this.writeback });
    if (agreement === undefined) {
      this.reply([errorReply(header, errnos.EPROTO)]);
      return;
    }
    this.writeback = agreement.writeback;
    this.files.keepsTimes = agreement.writeback;
    this.reply([initReply(header, agreement)]);
  }

  #forget(node: number, count: number): void {
    const inode = this.nodes.forget(node, count);
    if (inode !== undefined) this.fs.forget(inode);
  }

  #inodeChanged(inode: Inode): void {
    const node = this.nodes.nodeOf(inode);
    const data = inode.kind === 'directory';
    if (node !== undefined) this.#transport?.notify(invalidateInode(node, { data }));
  }

  #ended(error: Error | undefined): void {
    this.#waiting.abortAll();
    this.files.releaseAll();
    for (const inode of [...this.nodes.inodes()]) this.fs.forget(inode);
    this.#end({ error });
  }
}

/**
 * Files stay open while one agent follows another, and name themselves with the old one's numbers: they MUST NOT
 * be taken for what was opened since, whose bytes they would get.
 */
function unusedHandle(port: VaultPort): number {
  return parseInt(port.newNode().slice(0, 8), 16) * handlesMax;
}
