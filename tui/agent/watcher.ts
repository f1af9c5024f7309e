/**
 * Runs watches: each when it appears, again when the agent says that what it depends on has changed (an
 * older agent: after its time and after its events), one at a time, and cancels those that nobody wants
 * any more.
 */
import type { ControlClient } from '../../protocol/control/client.ts';
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { WatchedReport } from '../../protocol/messages/control-watch.ts';
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import type { Message } from '../state/message.ts';
import type { Watch } from '../views/view.ts';
import { failureOf } from './failure.ts';

export interface WatcherParts {
  after(delayMs: number, action: () => void): { cancel(): void };
  nowMs(): number;
  emit(message: Message): void;
}

export interface Watcher {
  /** From now on there is a connection. */
  start(client: (signal: AbortSignal) => ControlClient): void;
  /** These are wanted, and no others. */
  follow(watches: readonly Watch[]): void;
  hear(event: EventRecord): void;
  /** These reports have changed; from the first time on, nothing that is told so is asked for in vain. */
  changed(reports: readonly WatchedReport[]): void;
  /** The agent does not say any more what has changed: it is asked from time to time. */
  untold(): void;
  /** Each has run, and none runs. */
  settled(): boolean;
  /** Runs all of them now. */
  refresh(): void;
  stop(): void;
}

interface Running {
  watch: Watch;
  readonly abort: AbortController;
  busy: boolean;
  first: boolean;
  /** Wanted again while it was busy. */
  again: boolean;
  timer: { cancel(): void } | undefined;
  /** How long it took the last time: what is slow is not repeated at every event. */
  tookMs: number;
}

/** Events in a burst cause one run. */
const gatherMs = 250;
/** A run after events may take this share of the time. */
const busyShare = 0.1;

export function createWatcher(parts: WatcherParts): Watcher {
  const running = new Map<string, Running>();
  /** The agent says by itself what has changed. */
  let told = false;
  let client: ((signal: AbortSignal) => ControlClient) | undefined;

  async function run(item: Running): Promise<void> {
    item.timer?.cancel();
    item.timer = undefined;
    if (client === undefined || item.abort.signal.aborted) return;
    item.busy = true;
    item.again = false;
    const startMs = parts.nowMs();
    try {
      await item.watch.run(client(item.abort.signal), {
        emit(message) {
          if (!item.abort.signal.aborted) parts.emit(message);
        },
        nowMs: parts.nowMs,
        first: item.first,
        sleep: (delayMs) => sleep(delayMs, item.abort.signal),
        signal: item.abort.signal,
      });
    } catch (error) {
      report(item, toVaultError(error, 'tui.watch', item.watch.key));
    } finally {
      item.busy = false;
      item.first = false;
      item.tookMs = parts.nowMs() - startMs;
      schedule(item);
    }
  }

  function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        reject(new VaultError('cancelled', { op: 'tui.watch' }));
      };
      const timer = parts.after(delayMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  function report({ watch, abort }: Running, error: VaultError): void {
    // A connection that is gone is told once, by the link.
    if (abort.signal.aborted || error.code === 'closed') return;
    const message = watch.failed?.(failureOf(error), parts.nowMs());
    if (message !== undefined) parts.emit(message);
  }

  function schedule(item: Running): void {
    if (item.abort.signal.aborted) return;
    const restMs = isTold(item) ? undefined : item.watch.everyMs;
    const delayMs = item.again ? pauseOf(item) : restMs;
    if (delayMs !== undefined) item.timer = parts.after(delayMs, () => void run(item));
  }

  function isTold({ watch }: Running): boolean {
    return told && watch.watched !== undefined;
  }

  function runAgain(item: Running): void {
    if (item.again) return;
    item.again = true;
    if (item.busy) return;
    item.timer?.cancel();
    item.timer = parts.after(pauseOf(item), () => void run(item));
  }

  function pauseOf(item: Running): number {
    return Math.max(gatherMs, item.tookMs / busyShare);
  }

  /** What was read before it began to tell may have changed meanwhile. */
  function beTold(): void {
    told = true;
    for (const item of running.values()) if (isTold(item)) runAgain(item);
  }

  function end(item: Running): void {
    item.timer?.cancel();
    item.abort.abort();
  }

  return {
    start(connected) {
      client = connected;
    },
    follow(watches) {
      const wanted = new Map(watches.map((watch) => [watch.key, watch]));
      for (const [key, item] of running) {
        if (wanted.has(key)) continue;
        end(item);
        running.delete(key);
      }
      for (const [key, watch] of wanted) {
        const known = running.get(key);
        if (known !== undefined) {
          const changed = known.watch.token !== watch.token;
          known.watch = watch;
          if (changed) runAgain(known);
          continue;
        }
        const item: Running = {
          watch,
          abort: new AbortController(),
          busy: false,
          first: true,
          again: false,
          timer: undefined,
          tookMs: 0,
        };
        running.set(key, item);
        void run(item);
      }
    },
    hear(event) {
      for (const item of running.values()) {
        if (!isTold(item) && item.watch.after?.(event) === true) runAgain(item);
      }
    },
    changed(reports) {
      if (!told) beTold();
      for (const item of running.values()) {
        if (item.watch.watched?.some((name) => reports.includes(name)) === true) runAgain(item);
      }
    },
    untold() {
      told = false;
      for (const item of running.values()) {
        if (!item.busy && item.timer === undefined) schedule(item);
      }
    },
    settled: () => [...running.values()].every(({ busy, first }) => !busy && !first),
    refresh() {
      for (const item of running.values()) {
        if (item.busy) item.again = true;
        else void run(item);
      }
    },
    stop() {
      client = undefined;
      told = false;
      for (const item of running.values()) end(item);
      running.clear();
    },
  };
}
