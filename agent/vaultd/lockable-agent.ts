/**
 * The agent of a home whose keys may be locked: until somebody unlocks them it answers little, then it
 * is the agent of the vault, for the same clients on the same socket. It is never locked again: that takes
 * a new process, since nothing else makes sure that keys leave the memory.
 */
import type { LockReport } from '../../protocol/control/key-reports.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { CallHandler } from '../../protocol/rpc/rpc.ts';
import { createKeySafe } from '../assemble/stretch-port.ts';
import type { Agent, ControlClient, ShutdownRequest, StartAgent } from '../agent.types.ts';
import type { StartOptions } from '../agent.types.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { Tally } from '../audit/tally.ts';
import type { Config } from '../config/config.ts';
import { createLockedHandler } from '../control/locked.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { KeySafe } from '../members/key-safe.ts';
import { passphraseFrom } from '../members/passphrase.ts';
import type { Secret } from '../members/secret.ts';
import type { Ports } from '../ports.ts';
import { formatTime } from '../vault/format-time.ts';

export interface LockableParts {
  readonly ports: Ports;
  readonly config: Config;
  readonly options: StartOptions & { readonly audit: AuditLog };
  readonly startAgent: StartAgent;
  /** Given and right, the keys are unlocked from the start on. */
  readonly passphrase: Secret | undefined;
  /** The vault is open. */
  readonly onOpen: (agent: Agent) => void;
}

export class LockableAgent {
  readonly #parts: LockableParts;
  readonly #safe: KeySafe;
  readonly #shutdown = Promise.withResolvers<ShutdownRequest>();
  readonly #opened = Promise.withResolvers<undefined>();
  readonly #wrong: Tally;
  #device = '';
  #agent: Agent | undefined;
  #opening: Promise<Agent> | undefined;

  constructor(parts: LockableParts) {
    this.#parts = parts;
    this.#safe = createKeySafe(parts.ports);
    this.#wrong = new Tally(parts.ports.clock, (entry) => {
      parts.options.audit.add(entry);
    });
  }

  /**
   * Opens the vault, unless the keys are locked.
   * @returns whether it is open
   * @throws VaultError `denied` when the given passphrase is wrong; whatever keeps the agent from starting
   */
  async start(): Promise<boolean> {
    const resting = await this.#safe.look();
    this.#device = resting?.device ?? '';
    if (resting?.wrapped !== true) {
      await this.#open(undefined);
      return true;
    }
    const { passphrase } = this.#parts;
    if (passphrase === undefined) return false;
    await this.#open(await this.#safe.unlock(passphrase));
    this.#parts.options.audit.add({
      type: 'keys-unlocked',
      message: 'the keys were unlocked with the passphrase file',
    });
    return true;
  }

  get device(): string {
    return this.#device;
  }

  get shutdownRequested(): Promise<ShutdownRequest> {
    return this.#shutdown.promise;
  }

  /** The answers for one client, locked and unlocked. */
  handler(client: ControlClient): CallHandler {
    const locked = this.#lockedHandler();
    let unlocked: CallHandler | undefined;
    return (call) => {
      if (this.#agent === undefined) return locked(call);
      unlocked ??= this.#agent.handler(client);
      return unlocked(call);
    };
  }

  async close(): Promise<void> {
    const agent = this.#agent ?? (await this.#opening?.catch(() => undefined));
    await agent?.close();
    this.#wrong.close();
  }

  #lockedHandler(): CallHandler {
    const { options, config, ports } = this.#parts;
    return createLockedHandler({
      facts: {
        vaultId: '',
        deviceId: this.#device,
        name: config.value('name'),
        startedAt: formatTime(ports.clock.nowMs()),
      },
      process: options.process,
      version: options.version,
      unlock: (bytes) => this.#unlock(bytes),
      opened: this.#opened.promise,
      requestShutdown: (request) => {
        this.#shutdown.resolve(request);
      },
    });
  }

  async #unlock(bytes: Buffer): Promise<LockReport> {
    let passphrase: Secret | undefined;
    try {
      passphrase = passphraseFrom(bytes);
      const identity = await this.#safe.unlock(passphrase);
      await (this.#opening ?? this.#open(identity, withoutDescriptor(this.#parts.options)));
      this.#parts.ports.log.info({}, 'the keys were unlocked');
      this.#parts.options.audit.add({ type: 'keys-unlocked', message: 'the keys were unlocked' });
      return { deviceId: this.#device, locked: false, passphrase: true };
    } catch (error) {
      if (error instanceof VaultError && error.code === 'denied') {
        this.#parts.ports.log.warn({}, 'a wrong passphrase was given');
        this.#wrong.add({
          type: 'passphrase-wrong',
          message: 'a wrong passphrase was given',
          level: 'warning',
        });
      }
      throw error;
    } finally {
      passphrase?.wipe();
      bytes.fill(0);
    }
  }

  async #open(
    identity: DeviceIdentity | undefined,
    options: StartOptions = this.#parts.options,
  ): Promise<Agent> {
    const { startAgent, ports, onOpen } = this.#parts;
    this.#opening = startAgent(ports, { ...options, identity, safe: this.#safe });
    try {
      this.#agent = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    void this.#agent.shutdownRequested.then(this.#shutdown.resolve);
    onOpen(this.#agent);
    this.#opened.resolve(undefined);
    return this.#agent;
  }
}

/** The supervisor has taken a mount away that nobody could answer in: this agent makes a new one. */
function withoutDescriptor(options: StartOptions): StartOptions {
  const { mount } = options;
  if (mount === undefined) return options;
  return { ...options, mount: { ...mount, descriptor: undefined, resumed: false } };
}
