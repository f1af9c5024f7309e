/**
 * Keeps a connection to the agent: connects, connects again with growing pauses when it is gone,
 * follows the events and what the agent says has changed, and reads what the shown view needs, and nothing else.
 */
import type { ControlClient } from '../../protocol/control/client.ts';
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { ControlSession } from '../../protocol/control/session.ts';
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import { isLocked } from '../state/locked.ts';
import type { Link } from '../state/state.ts';
import type { Store } from '../state/store.ts';
import { failureOf } from './failure.ts';
import { createWatcher } from './watcher.ts';
import { watchesOf } from './watches.ts';

/** Opens a connection; `onClosed` is called once when it is gone. */
export type Open = (onClosed: () => void) => Promise<ControlSession>;

export interface LinkParts {
  readonly store: Store;
  readonly open: Open;
  nowMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}

export interface AgentLink {
  /**
   * @throws VaultError `no-agent` while there is no connection
   */
  client(signal?: AbortSignal): ControlClient;
  /** Reads what is shown anew: something was changed here. */
  refresh(): void;
  /** All that is wanted has been read. */
  settled(): boolean;
  /** Tries at once, when it waits to try again. */
  retry(): void;
  close(): void;
}

const firstPauseMs = 250;
const longestPauseMs = 5000;
/** Events of the past that are shown at once. */
const recentEvents = 500;

export function startLink(parts: LinkParts): AgentLink {
  const { store, nowMs, after } = parts;
  let session: ControlSession | undefined;
  let heardMs = 0;
  let pauseMs = firstPauseMs;
  let pause: { cancel(): void } | undefined;
  let closed = false;
  let over = new AbortController();
  let wasLocked = false;

  const watcher = createWatcher({
    after,
    nowMs,
    emit(message) {
      heardMs = nowMs();
      store.later(message);
    },
  });
  const unsubscribe = store.subscribe(follow);

  function follow(): void {
    if (session === undefined) return;
    const state = store.state();
    const locked = isLocked(state);
    if (wasLocked && !locked) followAnew(session);
    wasLocked = locked;
    // What stands still needs nothing new.
    if (!state.frozen) watcher.follow(watchesOf(state));
  }

  async function connect(): Promise<void> {
    pause = undefined;
    try {
      const current = { lost: false };
      const opened = await parts.open(() => {
        current.lost = true;
        if (session === opened)
          lose(new VaultError('closed', { op: 'tui.link', subject: 'agent' }));
      });
      if (closed || current.lost) {
        opened.close();
        if (!closed) lose(new VaultError('closed', { op: 'tui.link', subject: 'agent' }));
        return;
      }
      begin(opened);
    } catch (error) {
      lose(toVaultError(error, 'tui.link'));
    }
  }

  function begin(opened: ControlSession): void {
    session = opened;
    heardMs = nowMs();
    pauseMs = firstPauseMs;
    watcher.start((signal) => opened.client({ signal }));
    followAgent(opened);
    tell({ state: 'online', sinceMs: heardMs, heardMs });
  }

  function followAgent(opened: ControlSession): void {
    over = new AbortController();
    void followEvents(opened.client({ signal: over.signal }));
    void followChanges(opened.client({ signal: over.signal }), over.signal);
  }

  /** An agent without keys has refused all of it. */
  function followAnew(opened: ControlSession): void {
    over.abort();
    followAgent(opened);
    watcher.refresh();
  }

  async function followEvents(client: ControlClient): Promise<void> {
    // After a new connection only what is new: the past is shown already.
    const recent = store.state().events.length === 0 ? recentEvents : 0;
    try {
      for await (const event of client.events({ follow: true, recent })) hear(event);
    } catch {
      // The end of the connection is told by whoever opened it.
    }
  }

  async function followChanges(client: ControlClient, signal: AbortSignal): Promise<void> {
    try {
      for await (const reports of client.watch()) {
        watcher.changed(reports);
      }
    } catch {
      // An older agent, or one that could not look at something.
    }
    if (!signal.aborted) watcher.untold();
  }

  function hear(event: EventRecord): void {
    heardMs = nowMs();
    store.later({ type: 'events', events: [event] });
    watcher.hear(event);
  }

  function lose(error: VaultError): void {
    if (closed) return;
    if (session !== undefined) heardMs = Math.max(heardMs, nowMs() - session.silentMs());
    session?.close();
    session = undefined;
    watcher.stop();
    over.abort();
    const { message, next } = failureOf(error);
    const before = store.state().link;
    const sinceMs = before.state === 'lost' ? before.sinceMs : nowMs();
    tell({ state: 'lost', sinceMs, heardMs, reason: message, next });
    pause = after(pauseMs, () => void connect());
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  function tell(link: Link): void {
    const before = store.state().link;
    const same = (Object.keys(link) as (keyof Link)[]).every((key) => link[key] === before[key]);
    if (!same) store.dispatch({ type: 'link', link });
  }

  void connect();
  return {
    client(signal) {
      if (session !== undefined) return session.client(signal === undefined ? {} : { signal });
      throw new VaultError('no-agent', {
        op: 'tui.link',
        subject: 'agent',
        next: 'wait until it is back, or start it with: vaultd start',
      });
    },
    refresh() {
      watcher.refresh();
    },
    settled: () => session !== undefined && watcher.settled(),
    retry() {
      if (pause === undefined) return;
      pause.cancel();
      pauseMs = firstPauseMs;
      void connect();
    },
    close() {
      closed = true;
      unsubscribe();
      pause?.cancel();
      watcher.stop();
      over.abort();
      session?.close();
    },
  };
}
