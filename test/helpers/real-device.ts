/**
 * A device of an end-to-end test: a home in a temporary folder and the real programs acting on it, as
 * separate processes. Everything is gone when the test is.
 */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { connectToAgent } from '../../cli/agent/connect.ts';
import type { StatusReport } from '../../protocol/control/reports.ts';

const packageRoot = join(import.meta.dirname, '..', '..');
const waitMs = 30_000;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DeviceOptions {
  /** Added to the environment of every process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs in place of `bin/vaultd` when the agent is started. */
  readonly startProgram?: string;
  /** @default a free port at each start */
  readonly listen?: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  /** Beside, or instead of, the usual variables. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Run it as this user and group; only root can. */
  readonly uid?: number | undefined;
}

/** What cleans up at the end: a test, or a collection that outlives the tests of one file. */
export type Cleanup = Pick<ExecutionContext, 'teardown'>;

/** A temporary folder that goes with the test. */
export async function temporaryFolder(t: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'peervault-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export class RealDevice {
  readonly name: string;
  readonly home: string;
  /** Set by `start`. */
  id = '';
  listening = '';
  #agent: ChildProcess | undefined;
  #log = '';
  #options: DeviceOptions;

  /** @param folder temporary; the home is made in it */
  constructor(t: Cleanup, folder: string, name: string, options: DeviceOptions = {}) {
    this.name = name;
    this.home = join(folder, name);
    this.#options = options;
    t.teardown(() => this.kill());
  }

  /** For the processes that are started from now on. */
  change(options: DeviceOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  async init(): Promise<void> {
    const words = `${this.home}.words`;
    mustSucceed(await this.vaultd('init', '--name', this.name, '--recovery-file', words));
  }

  async join(ticket: string): Promise<void> {
    mustSucceed(await this.vaultd('join', ticket, '--name', this.name));
  }

  /** Starts the agent and waits for its ready line. */
  async start(...options: string[]): Promise<void> {
    await this.#startUntil(/^vaultd ready device=(\w+) vault=\w+ listen=(\S+) socket=/, options);
  }

  /** Starts an agent whose keys are locked. */
  async startLocked(...options: string[]): Promise<void> {
    await this.#startUntil(/^vaultd locked device=(\w+) socket=()/, options);
  }

  async #startUntil(expected: RegExp, options: readonly string[]): Promise<void> {
    const { startProgram = join(packageRoot, 'bin', 'vaultd'), listen = '127.0.0.1:0' } =
      this.#options;
    const words = ['start', '--home', this.home, '--listen', listen, ...options];
    const agent = spawn(process.execPath, [startProgram, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#environment(),
    });
    this.#agent = agent;
    this.#log = '';
    agent.stderr.on('data', (bytes: Buffer) => {
      this.#log = (this.#log + bytes.toString()).slice(-16_000_000);
    });
    // One that fails three times goes on in rescue mode, without a ready line.
    const deadline = setTimeout(() => void this.kill(), waitMs);
    try {
      for await (const line of createInterface({ input: agent.stdout })) {
        const fields = expected.exec(line);
        if (fields === null) continue;
        this.id = fields[1] ?? '';
        this.listening = fields[2] ?? '';
        return;
      }
    } finally {
      clearTimeout(deadline);
    }
    // Its last words may come after the end of its output.
    if (!isGone(agent)) await once(agent, 'close');
    const end = String(agent.exitCode ?? agent.signalCode);
    throw new Error(`${this.name} did not start (${end}):\n${this.#log}`);
  }

  /** What the agent has logged since its start. */
  get log(): string {
    return this.#log;
  }

  get socket(): string {
    return join(this.home, 'agent.sock');
  }

  get supervisorPid(): number {
    return this.#agent?.pid ?? 0;
  }

  async invite(role = 'admin'): Promise<string> {
    const { ticket } = (await this.json('invite', '--role', role)) as { ticket: string };
    return ticket;
  }

  /** Runs `vault` on this home. */
  vault(...words: string[]): Promise<Outcome> {
    return this.run('vault', words);
  }

  /** Runs `vaultd` on this home. */
  vaultd(...words: string[]): Promise<Outcome> {
    return this.run('vaultd', words);
  }

  /** Runs `vault … --json`, which has to succeed. */
  async json(...words: string[]): Promise<unknown> {
    return JSON.parse(mustSucceed(await this.vault(...words, '--json')).stdout) as unknown;
  }

  /** As `vault status --json` says it. Tests ask again and again: not with a process for each time. */
  async status(): Promise<StatusReport> {
    const { client, close } = await connectToAgent(this.socket, AbortSignal.timeout(waitMs));
    try {
      return JSON.parse(JSON.stringify(await client.status())) as StatusReport;
    } finally {
      close();
    }
  }

  async run(
    program: 'vault' | 'vaultd',
    words: readonly string[],
    options: RunOptions = {},
  ): Promise<Outcome> {
    const { child, outcome } = this.launch(program, words, options);
    child.stdin.end(options.input ?? '');
    return outcome;
  }

  /** Starts a program on this home; its standard input stays open. */
  launch(
    program: 'vault' | 'vaultd',
    words: readonly string[],
    options: RunOptions = {},
  ): Launched {
    const child = spawn(
      process.execPath,
      [join(packageRoot, 'bin', program), ...words, '--home', this.home],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...this.#environment(), ...options.env },
        cwd: options.cwd,
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      },
    );
    // The program may end before it has read its input; that is its business.
    child.stdin.on('error', () => undefined);
    return { child, outcome: outcomeOf(child) };
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...environment(), ...this.#options.environment };
  }

  /** Ends the agent cleanly. */
  async stop(): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined || isGone(agent)) return;
    const exited = once(agent, 'exit');
    agent.kill('SIGTERM');
    await exited;
  }

  /** Kills the agent below its supervisor, which starts another one. */
  async killAgent(): Promise<void> {
    for (const pid of await childrenOf(this.supervisorPid)) tryKill(pid);
  }

  /** Kills the supervisor; resolves when the agent below it has ended too. */
  async killSupervisor(): Promise<void> {
    const supervisor = this.#agent;
    if (supervisor === undefined || isGone(supervisor)) return;
    const agents = await childrenOf(this.supervisorPid);
    const exited = once(supervisor, 'exit');
    supervisor.kill('SIGKILL');
    await exited;
    await eventually('the agent ends without its supervisor', () =>
      Promise.resolve(!agents.some(isRunning)),
    );
  }

  /** Stops supervisor and agent where they are; nothing of them runs on when this resolves. */
  async freeze(): Promise<void> {
    const pids = [this.supervisorPid, ...(await childrenOf(this.supervisorPid))];
    for (const pid of pids) tryKill(pid, 'SIGSTOP');
    await eventually('the processes stand still', () => Promise.resolve(pids.every(standsStill)));
  }

  /** What was frozen goes on. */
  async thaw(): Promise<void> {
    const pids = [this.supervisorPid, ...(await childrenOf(this.supervisorPid))];
    for (const pid of pids) tryKill(pid, 'SIGCONT');
  }

  /** Kills supervisor and agent at once, as a crash of everything would. */
  async kill(): Promise<void> {
    const supervisor = this.#agent;
    if (supervisor === undefined || isGone(supervisor)) return;
    const exited = once(supervisor, 'exit');
    // Stopped, it starts no other agent between the two looks.
    supervisor.kill('SIGSTOP');
    for (const pid of await childrenOf(supervisor.pid ?? 0)) tryKill(pid);
    supervisor.kill('SIGKILL');
    await exited;
  }
}

/** A program that runs. */
export interface Launched {
  readonly child: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
}

async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    collect(child.stdout),
    collect(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout, stderr };
}

/** @throws Error with everything that the program said */
export function mustSucceed(outcome: Outcome): Outcome {
  if (outcome.code === 0) return outcome;
  throw new Error(
    `exit ${String(outcome.code ?? outcome.signal)}\n${outcome.stdout}\n${outcome.stderr}`,
  );
}

/** Asks until `isTrue`; fails with `what` when it takes longer than `patienceMs`. */
export async function eventually(
  what: string,
  isTrue: () => Promise<boolean>,
  patienceMs = waitMs,
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const beganMs = performance.now();
    if (await isTrue()) return;
    const endedMs = performance.now();
    if (endedMs > deadlineMs) throw new Error(`it did not happen in time: ${what}`);
    // A look that starts programs leaves the machine for as long to what it waits for.
    await new Promise((done) => setTimeout(done, Math.max(50, endedMs - beganMs)));
  }
}

/** Resolves when all devices show the same tree and hold everything in it. */
export async function settle(devices: readonly RealDevice[]): Promise<readonly StatusReport[]> {
  let last: readonly StatusReport[] = [];
  await eventually('the devices come to the same tree', async () => {
    last = await Promise.all(devices.map((device) => device.status()));
    const trees = new Set(last.map(({ treeHash }) => treeHash));
    return trees.size === 1 && last.every((each) => each.behindBytes === 0 && each.behindOps === 0);
  });
  return last;
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    VAULT_PEERS_BEACON: 'false',
    VAULT_STORE_BALLAST_BYTES: '0',
  };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function isGone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').catch(
    () => '',
  );
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** Whether the process is there and is not only waiting for its parent to notice that it ended. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(')')));
  } catch {
    return false;
  }
}

/** Whether every thread is stopped, or inside the kernel with the stop before its return. */
function standsStill(pid: number): boolean {
  try {
    const tasks = `/proc/${String(pid)}/task`;
    return readdirSync(tasks).every((task) => {
      const stat = readFileSync(`${tasks}/${task}/stat`, 'utf8');
      return /^\) [TtDZX]/.test(stat.slice(stat.lastIndexOf(')')));
    });
  } catch {
    // A thread ended while we looked: look again.
    return !isRunning(pid);
  }
}

function tryKill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was gone already.
  }
}
