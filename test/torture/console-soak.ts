/**
 * The console as somebody leaves it open: in a real terminal, at a real agent that another device keeps
 * busy, with somebody who looks at one view after the other. What is left of its heap when all garbage is
 * collected has to stay where it is.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { riseOf } from '../../bench/measure/series.ts';
import { connectToAgent } from '../../cli/agent/connect.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { eventually, RealDevice } from '../helpers/real-device.ts';
import { scopedFolder, withScope, type Scope } from '../helpers/scope.ts';
import { startTerminal, tuiProgram, type TestTerminal } from '../helpers/terminal.ts';

export interface ConsoleSoakOptions {
  readonly minutes: number;
  readonly say?: (line: string) => void;
  /** @default 30 */
  readonly warmUpSeconds?: number;
}

export interface ConsoleSoakReport {
  readonly summary: string;
  readonly problems: readonly string[];
}

/** Of a heap that is looked at after its garbage is gone: compiled code and caches come and go. */
const riseBytesMax = 2_000_000;
/** Of everything that the process keeps, with the code of Node: what its launcher bounds. */
const residentBytesMax = 150_000_000;
const changesPerSecond = 10;
/** The tree of the vault stays as large as it is. */
const foldersKept = 100;
const lookMs = 400;
const samplesMax = 120;
const sampleSecondsMin = 3;
const probe = join(import.meta.dirname, '../helpers/console-heap.mjs');
const size = { columns: 200, rows: 50 };

export function runConsoleSoak(options: ConsoleSoakOptions): Promise<ConsoleSoakReport> {
  const { minutes, say = () => undefined, warmUpSeconds = 30 } = options;
  return withScope(async (scope) => {
    const folder = await scopedFolder(scope);
    const [shown, busy] = await connectedPair(scope, folder);
    const work = await keepBusy(scope, busy);
    const heapFile = join(folder, 'heap');
    const environment = { NODE_OPTIONS: `--import=${probe}`, HEAP_FILE: heapFile };
    const words = [tuiProgram, '--attach', shown.socket];
    const terminal = startTerminal(scope, words, { ...size, environment });
    await terminal.until(/1 of 1 devices online/);
    const pid = programOf(terminal);
    await use(terminal, warmUpSeconds * 1000);
    const sampleMs = Math.max(sampleSecondsMin, (minutes * 60) / samplesMax) * 1000;
    const heaps: number[] = [];
    const residents: number[] = [];
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs && !work.hasEnded()) {
      await use(terminal, sampleMs);
      heaps.push(await heapBytes(pid, heapFile));
      const resident = residentBytes(pid);
      residents.push(resident);
      say(
        `  after ${((heaps.length * sampleMs) / 60_000).toFixed(1)} minutes: heap ${megabytes(heaps.at(-1) ?? 0)}, ` +
          `resident ${megabytes(resident)}, ${String(work.done())} changes`,
      );
    }
    await work.end();
    // Whoever is not there any more keeps no memory.
    if (!terminal.isAlternate())
      return { summary: 'the console ended', problems: terminal.screen() };
    return judged({ heaps, residents, changes: work.done() });
  });
}

interface Seen {
  readonly heaps: readonly number[];
  readonly residents: readonly number[];
  readonly changes: number;
}

function judged({ heaps, residents, changes }: Seen): ConsoleSoakReport {
  const rise = riseOf(heaps);
  const lowest = Math.min(...heaps);
  const highest = Math.max(...heaps);
  const summary =
    `${String(changes)} changes were shown; the heap is between ${megabytes(lowest)} and ${megabytes(highest)}, ` +
    `and rises by ${megabytes(rise)} (straight line through ${String(heaps.length)} looks); ` +
    `at most ${megabytes(Math.max(...residents))} are resident`;
  const problems = [
    ...(rise > riseBytesMax ? [`the heap rises by more than ${megabytes(riseBytesMax)}`] : []),
    ...(Math.max(...residents) > residentBytesMax
      ? [`more than ${megabytes(residentBytesMax)} are resident`]
      : []),
  ];
  return { summary, problems };
}

async function connectedPair(
  scope: Scope,
  folder: string,
): Promise<readonly [RealDevice, RealDevice]> {
  const shown = new RealDevice(scope, folder, 'laptop');
  const busy = new RealDevice(scope, folder, 'nas');
  await shown.init();
  await shown.start();
  await busy.join(await shown.invite());
  await busy.start();
  await eventually('the devices connect', async () => (await shown.status()).peersOnline === 1);
  return [shown, busy];
}

interface Work {
  done(): number;
  hasEnded(): boolean;
  /** @throws what a change has failed with */
  end(): Promise<void>;
}

/** Folders come and go on another device until it is ended, the scope ends, or a change fails. */
async function keepBusy(scope: Scope, device: RealDevice): Promise<Work> {
  const { client, close } = await connectToAgent(device.socket, new AbortController().signal);
  const over = { yes: false };
  const counted = { changes: 0 };
  const work = change(client, over, counted);
  // A rejection that nobody handles ends the process, and leaves the agents behind.
  const settled = work.catch(() => {
    over.yes = true;
  });
  scope.teardown(async () => {
    over.yes = true;
    await settled;
    close();
  });
  return {
    done: () => counted.changes,
    hasEnded: () => over.yes,
    end() {
      over.yes = true;
      return work;
    },
  };
}

async function change(
  client: ControlClient,
  over: { readonly yes: boolean },
  counted: { changes: number },
): Promise<void> {
  const pathOf = (number: number): Buffer => Buffer.from(`folder ${String(number)}`);
  for (let number = 0; !over.yes; number += 1) {
    await client.makeDirectory({ path: pathOf(number), parents: false, mode: 0o755 });
    counted.changes += 1;
    if (number >= foldersKept) {
      const path = pathOf(number - foldersKept);
      await client.remove({ path, recursive: true, force: true });
      counted.changes += 1;
    }
    await passed((1000 * (number < foldersKept ? 1 : 2)) / changesPerSecond);
  }
}

/** Somebody looks at one view after the other, moves, and looks into the help. */
async function use(terminal: TestTerminal, durationMs: number): Promise<void> {
  const keys = [
    '1',
    '2',
    'j',
    '\t',
    '3',
    'j',
    '4',
    '5',
    'j',
    '6',
    'k',
    'a',
    'a',
    '7',
    'j',
    '?',
    '\u001b',
  ];
  const endMs = performance.now() + durationMs;
  for (let at = 0; performance.now() < endMs; at += 1) {
    terminal.send(keys[at % keys.length] ?? '1');
    await passed(lookMs);
  }
}

/** The launcher has one child. */
function programOf({ pid }: TestTerminal): number {
  const below = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return Number(below.trim().split(' ')[0]);
}

async function heapBytes(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  await eventually('the console tells its heap', () => Promise.resolve(existsSync(file)));
  return Number(readFileSync(file, 'utf8'));
}

function residentBytes(pid: number): number {
  const [, kib = '0'] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
