/** Our own programs as a user runs them: an agent per home, commands as processes of their own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectToAgent, type AgentConnection } from '../../cli/agent/connect.ts';
import type { StatusReport } from '../../protocol/control/reports.ts';
import {
  runProgram,
  startProgram,
  type Background,
  type ProgramOptions,
} from '../measure/programs.ts';
import { waitUntil } from '../measure/session.ts';

const packageRoot = join(import.meta.dirname, '..', '..');
/** Devices of one benchmark find each other by address, and no device of somebody else finds them. */
const environment = { VAULT_PEERS_BEACON: 'false' };

/** Why ours cannot take part. */
export function peervaultAbsence(): Promise<string | undefined> {
  const built = existsSync(join(packageRoot, 'dist', 'agent', 'vaultd', 'main.js'));
  return Promise.resolve(built ? undefined : 'it is not built: npm run build');
}

export class Device {
  readonly home: string;
  /** Set by `start`. */
  listening = '';
  /** Where it listens; a port that the system chose is kept over restarts. */
  address = '127.0.0.1:0';
  #agent: Background | undefined;
  #connection: AgentConnection | undefined;

  constructor(directory: string, name: string) {
    this.home = join(directory, name);
  }

  async init(): Promise<void> {
    await this.vaultd('init', '--recovery-file', `${this.home}.words`);
  }

  async join(ticket: string): Promise<void> {
    await this.vaultd('join', ticket);
  }

  /** Resolves with the ready line of the agent. */
  async start(...options: string[]): Promise<void> {
    const words = ['start', '--home', this.home, '--listen', this.address, ...options];
    const agent = startProgram([programPath('vaultd'), ...words], { environment });
    this.#agent = agent;
    const ready = await agent.line(/^vaultd ready .*\blisten=(\S+)/m);
    this.listening = ready[1] ?? '';
  }

  async invite(): Promise<string> {
    const { ticket } = JSON.parse(await this.vault('invite', '--role', 'admin', '--json')) as {
      ticket: string;
    };
    return ticket;
  }

  vault(...words: string[]): Promise<string> {
    return this.run('vault', words);
  }

  vaultd(...words: string[]): Promise<string> {
    return this.run('vaultd', words);
  }

  run(
    program: 'vault' | 'vaultd',
    words: readonly string[],
    options: ProgramOptions = {},
  ): Promise<string> {
    const all = [programPath(program), ...words, '--home', this.home] as const;
    return runProgram(all, { ...options, environment });
  }

  /** Over a connection that stays open, so that asking often costs little. */
  async status(): Promise<StatusReport> {
    return this.ask((client) => client.status());
  }

  /** Asks over a connection that stays open. */
  async ask<T>(question: (client: AgentConnection['client']) => Promise<T>): Promise<T> {
    const never = new AbortController().signal;
    this.#connection ??= await connectToAgent(join(this.home, 'agent.sock'), never);
    return question(this.#connection.client);
  }

  async stop(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    await this.#agent?.stop();
    this.#agent = undefined;
  }
}

/** A device with a new vault and a running agent. */
export async function openDevice(directory: string, name = 'a'): Promise<Device> {
  const device = new Device(directory, name);
  await device.init();
  await device.start();
  return device;
}

/** Two running devices of one vault, connected. */
export async function openPair(directory: string): Promise<readonly [Device, Device]> {
  const first = await openDevice(directory, 'a');
  const second = new Device(directory, 'b');
  await second.join(await first.invite());
  await second.start();
  await waitUntil('the devices connect', async () => (await second.status()).peersOnline === 1);
  return [first, second];
}

/** Waits until `copy` shows the tree of `source` and holds every chunk of it. */
export async function waitForCopy(source: Device, copy: Device): Promise<void> {
  const { treeHash, files } = await source.status();
  if (files === 0) throw new Error('there is nothing to copy');
  await waitUntil(
    'the second device has everything',
    async () => {
      const status = await copy.status();
      const { behindBytes, behindOps } = status;
      return status.treeHash === treeHash && behindBytes === 0 && behindOps === 0;
    },
    { everyMs: 20 },
  );
}

function programPath(program: 'vault' | 'vaultd'): string {
  return join(packageRoot, 'bin', program);
}
