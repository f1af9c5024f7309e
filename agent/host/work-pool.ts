/**
 * The pool of worker threads behind the WorkPool port. A thread starts when there is work that no
 * idle thread can take, so that the agent's start does not wait for it, and an idle thread does not
 * keep the process alive. A thread has one job at a time: when it dies, that job is rejected, and
 * the next one gets a new thread.
 */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkName, WorkOutput } from '../chunks/jobs.ts';
import type { WorkPool } from '../ports.ts';
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import type { WorkReply, WorkRequest } from './work-messages.ts';

/** Opens are what somebody waits for: they go first, but no more than so many in a row. */
const opensInARowMax = 8;
/** So many seals have to have waited before another thread is started for them. */
const sealsWaitedMin = 16;

export interface WorkPoolOptions {
  /** Threads at most. @default `defaultWorkPoolWidth()` */
  readonly width?: number | undefined;
  /** For tests: another program for the threads. */
  readonly workerFile?: URL | undefined;
}

interface Job {
  readonly request: WorkRequest;
  resolve(output: unknown): void;
  reject(error: VaultError): void;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
}

/**
 * One processor is left to the event loop where there are three or more. With two, two threads are
 * faster than one: the loop mostly waits for them.
 */
export function defaultWorkPoolWidth(processors = availableParallelism()): number {
  return Math.min(4, Math.max(processors - 1, Math.min(2, processors)));
}

export function createWorkPool(options: WorkPoolOptions = {}): WorkPool {
  return new ThreadPool(
    options.width ?? defaultWorkPoolWidth(),
    options.workerFile ?? new URL(`./work-worker${extname(import.meta.url)}`, import.meta.url),
  );
}

class ThreadPool implements WorkPool {
  readonly width: number;
  readonly #workerFile: URL;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Record<WorkName, Job[]> = {
    split: [],
    open: [],
    splitSeal: [],
    stretch: [],
  };
  #opensInARow = 0;
  /** Seals that found no free thread since there was nothing to do. */
  #sealsWaited = 0;
  #idle: { promise: Promise<void>; resolve: () => void } | undefined;
  #closed = false;

  constructor(width: number, workerFile: URL) {
    this.width = width;
    this.#workerFile = workerFile;
  }

  run<Name extends WorkName>(
    name: Name,
    input: Extract<WorkRequest, { name: Name }>['input'],
  ): Promise<WorkOutput<Name>> {
    if (this.#closed) return Promise.reject(new VaultError('closed', { op: `work.${name}` }));
    const { promise, resolve, reject } = Promise.withResolvers<WorkOutput<Name>>();
    this.#waiting[name].push({
      request: { name, input } as WorkRequest,
      resolve: (output) => {
        // The worker ran the job of this name; `JobRunner` gives the output its type.
        resolve(output as WorkOutput<Name>);
      },
      reject,
    });
    this.#dispatch();
    if (name === 'splitSeal' && this.#waiting.splitSeal.length > 0) this.#sealsWaited += 1;
    return promise;
  }

  /** Lets everything that was accepted come to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#busy()) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
    await Promise.all([...this.#threads].map((thread) => thread.worker.terminate()));
  }

  #dispatch(): void {
    for (;;) {
      const thread = this.#freeThread();
      if (thread === undefined) return;
      const job = this.#nextJob();
      if (job === undefined) return;
      this.#give(thread, job);
    }
  }

  #freeThread(): Thread | undefined {
    for (const thread of this.#threads) if (thread.job === undefined) return thread;
    if (this.#threads.size >= this.width || !this.#isWorthAThread()) return undefined;
    return this.#start();
  }

  /**
   * Its start costs as much as sealing a thousand small files: one that is not the first is for what
   * somebody waits for, and for a stream of seals that does not end soon.
   */
  #isWorthAThread(): boolean {
    const { split, open, splitSeal, stretch } = this.#waiting;
    if (split.length + open.length + stretch.length > 0) return true;
    if (this.#threads.size === 0) return splitSeal.length > 0;
    return splitSeal.length > 1 && this.#sealsWaited >= sealsWaitedMin * this.#threads.size;
  }

  #nextJob(): Job | undefined {
    const { split, open, splitSeal, stretch } = this.#waiting;
    // Short, and the next stretch of the file waits for it.
    if (split.length > 0) return split.shift();
    // Rare, one at a time, and a person waits for it.
    if (stretch.length > 0) return stretch.shift();
    if (splitSeal.length === 0 || (open.length > 0 && this.#opensInARow < opensInARowMax)) {
      this.#opensInARow += 1;
      return open.shift();
    }
    this.#opensInARow = 0;
    return splitSeal.shift();
  }

  #give(thread: Thread, job: Job): void {
    try {
      thread.worker.postMessage(job.request);
    } catch (error) {
      // An input that cannot be cloned.
      job.reject(toVaultError(error, `work.${job.request.name}`));
      return;
    }
    thread.job = job;
    thread.worker.ref();
  }

  #start(): Thread {
    const thread: Thread = { worker: new Worker(this.#workerFile), job: undefined };
    this.#threads.add(thread);
    thread.worker.unref();
    thread.worker.on('message', (reply: WorkReply) => {
      this.#finish(thread, reply);
    });
    let failure: unknown;
    thread.worker.on('error', (error) => {
      failure = error;
    });
    thread.worker.on('messageerror', (error) => {
      // Its answer cannot be read, so its job would never end.
      failure = error;
      void thread.worker.terminate();
    });
    thread.worker.on('exit', () => {
      this.#bury(thread, failure);
    });
    return thread;
  }

  #finish(thread: Thread, reply: WorkReply): void {
    const { job } = thread;
    thread.job = undefined;
    thread.worker.unref();
    if (reply.ok) job?.resolve(reply.output);
    else job?.reject(new VaultError(reply.error.code, reply.error));
    this.#next();
  }

  #bury(thread: Thread, failure: unknown): void {
    this.#threads.delete(thread);
    thread.job?.reject(
      new VaultError('internal', {
        op: `work.${thread.job.request.name}`,
        detail: 'a worker thread ended in the middle of a job',
        next: 'try again',
        cause: failure,
      }),
    );
    this.#next();
  }

  #next(): void {
    this.#dispatch();
    if (this.#busy()) return;
    this.#sealsWaited = 0;
    this.#idle?.resolve();
  }

  #busy(): boolean {
    for (const thread of this.#threads) if (thread.job !== undefined) return true;
    return this.#waitingCount() > 0;
  }

  #waitingCount(): number {
    return Object.values(this.#waiting).reduce((sum, jobs) => sum + jobs.length, 0);
  }
}
