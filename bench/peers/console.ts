/**
 * Our console as a person has it: a program in a real terminal, with an emulator behind it that says
 * what is seen. And an agent for it that is busier than any real one: 500 events a second, and every
 * second new figures.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventRecord } from '../../protocol/control/reports.ts';
import {
  healthyStatus,
  roomyDisk,
  someMembers,
  twoPeers,
} from '../../test/fixtures/console-reports.ts';
import { withScope, type Scope } from '../../test/helpers/scope.ts';
import { startScriptedAgent } from '../../test/helpers/scripted-agent.ts';
import { startTerminal, tuiProgram, type TestTerminal } from '../../test/helpers/terminal.ts';
import { cpuSecondsOf } from '../measure/memory.ts';
import { waitUntil } from '../measure/session.ts';

export const large = { columns: 200, rows: 50 };
export const small = { columns: 80, rows: 24 };

export interface ConsoleOptions {
  readonly socketPath: string;
  readonly size: { readonly columns: number; readonly rows: number };
  /** The view that it begins with. */
  readonly view?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Runs `work` with a console that has drawn its first screen; ends it afterwards. */
export function withConsole<T>(
  { socketPath, size, view = 'overview', environment = {} }: ConsoleOptions,
  work: (console: RunningConsole) => Promise<T>,
): Promise<T> {
  return withScope(async (scope) => {
    const words = [tuiProgram, '--attach', socketPath, '--view', view];
    const terminal = startTerminal(scope, words, { ...size, environment });
    await terminal.until(/devices online/);
    return work(new RunningConsole(terminal));
  });
}

export class RunningConsole {
  readonly terminal: TestTerminal;

  constructor(terminal: TestTerminal) {
    this.terminal = terminal;
  }

  /** The launcher, and what it has started. */
  async pids(): Promise<readonly number[]> {
    const { pid } = this.terminal;
    const below = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    return [pid, ...below.split(' ').filter(Boolean).map(Number)];
  }

  /** Of all of its processes. */
  async cpuSeconds(): Promise<number> {
    const all = await Promise.all((await this.pids()).map(cpuSecondsOf));
    return all.reduce((sum, each) => sum + each, 0);
  }

  async cpuSecondsIn(durationMs: number): Promise<number> {
    const before = await this.cpuSeconds();
    await passed(durationMs);
    return (await this.cpuSeconds()) - before;
  }

  /** Until it has done what it does after its first screen. */
  async untilIdle(): Promise<void> {
    const isIdle = async (): Promise<boolean> => (await this.cpuSecondsIn(3000)) === 0;
    await waitUntil('the console is idle', isIdle, { timeoutMs: 120_000 });
  }
}

export interface BusyAgent {
  readonly socketPath: string;
  /** Events that it has told so far. */
  told(): number;
}

const eventsPerSecond = 500;
const stepMs = 20;

/** Until the scope ends. */
export async function startBusyAgent(scope: Scope, directory: string): Promise<BusyAgent> {
  const agent = await startScriptedAgent(scope, join(directory, 'busy.sock'));
  let told = 0;
  let second = 0;
  const tellNews = (): void => {
    second += 1;
    report(second);
    agent.changed('status', 'peers');
  };
  const report = (at: number): void => {
    agent.report('status', { ...healthyStatus, files: 1234 + at, bytes: 5_000_000_000 + at * 1e6 });
    const [first, ...others] = twoPeers;
    const bytesIn = at * 3_000_000 + (at % 7) * 1_000_000;
    agent.report('peers', [{ ...first, bytesIn, bytesOut: at * 500_000 }, ...others]);
  };
  const tellEvents = (): void => {
    const events = Array.from({ length: (eventsPerSecond * stepMs) / 1000 }, () => eventOf(told++));
    agent.happen(...events);
  };
  report(0);
  agent.report('diskFree', roomyDisk);
  agent.report('members', someMembers);
  agent.report('approvals', []);
  agent.report('transfers', []);
  agent.changed();
  const timers = [setInterval(tellEvents, stepMs), setInterval(tellNews, 1000)];
  scope.teardown(() => {
    for (const timer of timers) clearInterval(timer);
  });
  return { socketPath: agent.socketPath, told: () => told };
}

function eventOf(number: number): EventRecord {
  const levels = ['info', 'info', 'info', 'warning', 'error'] as const;
  return {
    time: new Date(1_790_000_000_000 + number * 2).toISOString(),
    type: 'changes-merged',
    message: `change ${String(number)} of folder-${String(number % 97)}/file-${String(number % 1009)}.txt came from nas`,
    level: levels[number % levels.length],
  };
}

export function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
