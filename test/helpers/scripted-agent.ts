/**
 * An agent for the console, over a real socket: it answers calls with the reports that a test gives
 * it, tells the events that a test makes up, and goes away and comes back when a test says so.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { VaultError } from '../../protocol/errors.ts';
import type { EventRecord } from '../../protocol/control/reports.ts';
import { createSocketStream } from '../../protocol/control/socket-stream.ts';
import { event as eventCodec, reportToWire } from '../../protocol/messages/control-report.ts';
import { watched } from '../../protocol/messages/control-watch.ts';
import type { WatchedReport } from '../../protocol/messages/control-watch.ts';
import { eventsRequest } from '../../protocol/messages/control.ts';
import { controlMethods } from '../../protocol/methods.ts';
import type { ControlMethod } from '../../protocol/methods.ts';
import { createRpcConnection } from '../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../protocol/rpc/plain-link.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';

/** Answers one call; what it throws is what the call fails with. */
export type Answer = (request: Buffer, stream: CallStream) => Promise<void>;

export interface ScriptedAgent {
  readonly socketPath: string;
  /** How often each call came. */
  readonly calls: Map<ControlMethod, number>;
  /** Answers `method` with a report from now on. */
  report(method: ControlMethod, value: object): void;
  answer(method: ControlMethod, answer: Answer): void;
  /** Happened before anybody follows, or tells those who do. */
  happen(...events: readonly EventRecord[]): void;
  /** Tells those who watch; before the first time it is an agent that does not know the call. */
  changed(...reports: readonly WatchedReport[]): void;
  /** Ends all connections and listens no more. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
}

const names = new Map(
  (Object.keys(controlMethods) as ControlMethod[]).map((name) => [controlMethods[name], name]),
) as ReadonlyMap<number, ControlMethod>;

export async function startScriptedAgent(
  t: { teardown(action: () => Promise<void>): void },
  socketPath: string,
): Promise<ScriptedAgent> {
  const answers = new Map<ControlMethod, Answer>();
  const calls = new Map<ControlMethod, number>();
  const past: EventRecord[] = [];
  const followers = new Set<(event: EventRecord) => void>();
  const watchers = new Set<CallStream>();
  let streams = new Set<{ destroy(): void }>();
  let server: Server | undefined;

  answers.set('events', async (request, stream) => {
    const { recent, follow } = eventsRequest.fromWire(request);
    for (const each of recent === 0 ? [] : past.slice(-recent)) {
      await stream.sendMessage(eventCodec.toWire(each));
    }
    if (!follow) return;
    const tell = (each: EventRecord): void => {
      stream.sendMessage(eventCodec.toWire(each)).catch(() => followers.delete(tell));
    };
    followers.add(tell);
    // Until the client has gone; the end of its side alone says only that it asks nothing more.
    await once(stream.signal, 'abort');
    followers.delete(tell);
  });

  async function watch(_request: Buffer, stream: CallStream): Promise<void> {
    // First, so that what changes from here on is told, as the real agent does.
    watchers.add(stream);
    await stream.sendMessage(watched.toWire([]));
    await once(stream.signal, 'abort');
    watchers.delete(stream);
  }

  async function listen(): Promise<void> {
    const listening = createServer((socket) => {
      socket.on('error', () => undefined);
      const stream = createSocketStream(socket);
      streams.add(stream);
      createRpcConnection(createPlainLink(stream), {
        role: 'responder',
        clock: {
          monotonicMs: () => performance.now(),
          after(delayMs, action) {
            const timer = setTimeout(action, delayMs).unref();
            return { cancel: () => clearTimeout(timer) };
          },
        },
        async onCall({ method, request, stream: call }) {
          const name = names.get(method);
          const answer = name === undefined ? undefined : answers.get(name);
          if (name !== undefined) calls.set(name, (calls.get(name) ?? 0) + 1);
          if (answer === undefined) {
            throw new VaultError('not-supported', { op: 'scripted', subject: name ?? '?' });
          }
          await answer(request, call);
        },
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(socketPath, resolve));
  }

  async function leave(): Promise<void> {
    for (const stream of streams) stream.destroy();
    streams = new Set();
    const closing = server;
    server = undefined;
    if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
  }

  await listen();
  t.teardown(leave);
  return {
    socketPath,
    calls,
    report(method, value) {
      answers.set(method, async (_request, stream) => {
        for (const message of reportToWire(value)) await stream.sendMessage(message);
      });
    },
    answer(method, answer) {
      answers.set(method, answer);
    },
    happen(...events) {
      past.push(...events);
      for (const each of events) for (const tell of followers) tell(each);
    },
    changed(...reports) {
      answers.set('watch', watch);
      for (const stream of watchers) void stream.sendMessage(watched.toWire(reports));
    },
    leave,
    comeBack: listen,
  };
}
