/** One device of the demonstration: a home, and the programs that act on it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { StatusReport } from '../protocol/control/reports.ts';
import { programPath } from './programs.ts';
import type { Workspace } from './workspace.ts';

const run = promisify(execFile);
const outputBytesMax = 16 * 1024 * 1024;

export type DeviceStatus = Pick<
  StatusReport,
  'treeHash' | 'storedBytes' | 'behindBytes' | 'behindOps'
>;

export class Device {
  readonly name: string;
  readonly home: string;
  id = '';
  listening = '';
  #agent: ChildProcess | undefined;

  constructor(name: string, workspace: Workspace) {
    this.name = name;
    this.home = join(workspace.root, 'homes', name);
  }

  async init(): Promise<void> {
    const words = `${this.home}.words`;
    await this.#vaultd('init', '--name', this.name, '--recovery-file', words);
  }

  async join(ticket: string): Promise<void> {
    await this.#vaultd('join', ticket, '--name', this.name);
  }

  /** Starts the agent and waits for its ready line. */
  async start(): Promise<void> {
    const agent = spawn(
      process.execPath,
      [programPath('vaultd'), 'start', '--home', this.home, '--listen', '127.0.0.1:0'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#agent = agent;
    let log = '';
    agent.stderr.on('data', (bytes: Buffer) => {
      log = (log + bytes.toString()).slice(-2000);
    });
    const ready = await readyLine(agent);
    if (ready === undefined) throw new Error(`${this.name} did not start:\n${log}`);
    this.id = ready['device'] ?? '';
    this.listening = ready['listen'] ?? '';
  }

  async invite(): Promise<string> {
    const { ticket } = JSON.parse(await this.#vault('invite', '--role', 'admin', '--json')) as {
      ticket: string;
    };
    return ticket;
  }

  async put(source: string, destination: string): Promise<void> {
    await this.#vault('put', '-r', source, destination);
  }

  async get(source: string, target: string): Promise<void> {
    await this.#vault('get', '-r', source, target);
  }

  async status(): Promise<DeviceStatus> {
    return JSON.parse(await this.#vault('status', '--json')) as DeviceStatus;
  }

  /** Hands the device over to an agent that stays when this program ends. */
  async goOnAlone(): Promise<void> {
    await this.stop();
    await this.#vaultd('start', '--listen', this.listening, '--detach');
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return;
    const exited = once(agent, 'exit');
    agent.kill('SIGTERM');
    await exited;
  }

  #vaultd(...words: string[]): Promise<string> {
    return this.#run('vaultd', words);
  }

  #vault(...words: string[]): Promise<string> {
    return this.#run('vault', words);
  }

  async #run(program: 'vault' | 'vaultd', words: readonly string[]): Promise<string> {
    const { stdout } = await run(
      process.execPath,
      [programPath(program), ...words, '--home', this.home],
      {
        maxBuffer: outputBytesMax,
      },
    );
    return stdout;
  }
}

/** The fields of the ready line; undefined when the agent ended before it. */
async function readyLine(agent: ChildProcess): Promise<Record<string, string> | undefined> {
  if (agent.stdout === null) return undefined;
  for await (const line of createInterface({ input: agent.stdout })) {
    if (!line.startsWith('vaultd ready ')) continue;
    return Object.fromEntries(
      line
        .split(' ')
        .slice(2)
        .map((word) => word.split('=', 2) as [string, string]),
    );
  }
  return undefined;
}
