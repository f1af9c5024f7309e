/**
 * A device of the simulated vault: the agent of the product on a simulated machine, started and ended
 * as its supervisor and the user would, and clients of its control socket.
 */
import { initVault, joinVault, startAgent } from '../../../agent/assemble.ts';
import type { Agent } from '../../../agent/agent.types.ts';
import { resolveConfig, type Config } from '../../../agent/config/config.ts';
import type { Role } from '../../../agent/members/membership.ts';
import { createControlClient, type ControlClient } from '../../../protocol/control/client.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { createRpcConnection } from '../../../protocol/rpc/connection.ts';
import { createPlainLink } from '../../../protocol/rpc/plain-link.ts';
import { createByteStreamPair, type MemoryStream } from '../../helpers/byte-stream-pair.ts';
import type { Life } from './life.ts';
import type { Machine } from './machine.ts';

export const port = 7420;

/** A client of one life of an agent. */
export interface Session {
  readonly life: number;
  readonly client: ControlClient;
  close(): void;
}

export class Device {
  readonly machine: Machine;
  readonly name: string;
  readonly role: Role;
  readonly config: Config;
  /** Set by `start`. */
  id = '';
  #running: { readonly agent: Agent; readonly life: Life } | undefined;
  #streams: MemoryStream[] = [];
  #clients = 0;

  constructor(machine: Machine, role: Role = 'admin') {
    this.machine = machine;
    this.name = machine.name;
    this.role = role;
    this.config = resolveConfig({
      flags: {
        listen: `${machine.name}:${String(port)}`,
        'peers.beacon': 'false',
        'store.ballast-bytes': '65536',
        'store.free-bytes-min': '65536',
      },
      environment: {},
      file: undefined,
      filePath: 'config.toml',
      defaults: { name: machine.name },
    });
  }

  get mayWrite(): boolean {
    return this.role === 'admin' || this.role === 'writer';
  }

  get mayRead(): boolean {
    return this.role !== 'blind';
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  get life(): number {
    return this.#running?.life.number ?? 0;
  }

  async init(): Promise<void> {
    const life = this.machine.boot();
    await initVault(life.ports, { name: this.name });
    this.machine.kill();
  }

  async join(ticket: string): Promise<void> {
    const life = this.machine.boot();
    await joinVault(life.ports, { ticket, name: this.name, onWaiting: () => undefined });
    this.machine.kill();
  }

  /** @throws what the agent cannot start with; then it has ended */
  async start(): Promise<void> {
    const life = this.machine.boot();
    try {
      const agent = await startAgent(life.ports, {
        config: this.config,
        version: '0.0.0-simulated',
        process: {
          pid: life.number,
          supervisorPid: undefined,
          nodeVersion: '',
          platform: '',
          memoryBytes: () => 0,
        },
      });
      this.#running = { agent, life };
      this.id = agent.device;
    } catch (error) {
      this.machine.kill();
      throw error;
    }
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    const agent = this.#running?.agent;
    await agent?.close();
    // Somebody may have pulled the plug meanwhile.
    if (agent === this.#running?.agent) this.#end('kill');
  }

  /** `power`: what was not synced may be gone. `kill`: only the process is. */
  crash(how: 'power' | 'kill'): void {
    this.#end(how);
  }

  /** @throws VaultError `no-agent` */
  connect(): Session {
    if (this.#running === undefined) throw new VaultError('no-agent', { op: 'sim.connect' });
    const { agent, life } = this.#running;
    const { clock } = this.machine.world;
    this.#clients += 1;
    const number = this.#clients;
    const [near, far] = createByteStreamPair({ seed: number });
    this.#streams.push(near, far);
    createRpcConnection(createPlainLink(far), {
      role: 'responder',
      clock: life.ports.clock,
      onCall: agent.handler({ number }),
    });
    const rpc = createRpcConnection(createPlainLink(near), {
      role: 'initiator',
      clock,
      onCall: () => Promise.reject(new VaultError('not-supported', { op: 'sim.client' })),
    });
    return {
      life: life.number,
      client: createControlClient(rpc),
      close: () => {
        for (const stream of [near, far]) stream.destroy();
        this.#streams = this.#streams.filter((stream) => stream !== near && stream !== far);
      },
    };
  }

  #end(how: 'power' | 'kill'): void {
    this.#running = undefined;
    if (how === 'power') this.machine.cutPower();
    else this.machine.kill();
    for (const stream of this.#streams.splice(0)) stream.destroy();
  }
}
