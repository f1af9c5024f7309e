/**
 * Where a user sits: a session with the agent of one device, which is opened again when the agent was
 * restarted, and a follower of its events, by which one knows whether anything came from other devices
 * while an operation ran.
 */
import type { ControlClient } from '../../../protocol/control/client.ts';
import { isVaultError, VaultError } from '../../../protocol/errors.ts';
import type { Device, Session } from '../world/device.ts';

export class Desk {
  readonly device: Device;
  /** How often changes of other devices arrived. */
  arrivals = 0;
  #session: Session | undefined;

  constructor(device: Device) {
    this.device = device;
  }

  /** @throws VaultError `no-agent` */
  client(): ControlClient {
    if (!this.device.running) throw new VaultError('no-agent', { op: 'sim.desk' });
    if (this.#session?.life !== this.device.life) {
      this.#session?.close();
      this.#session = this.device.connect();
      void this.#follow(this.#session);
    }
    return this.#session.client;
  }

  leave(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #follow(session: Session): Promise<void> {
    try {
      for await (const { type } of session.client.events({ follow: true, recent: 0 })) {
        if (type === 'changes-arrived') this.arrivals += 1;
      }
    } catch (error) {
      if (!isVaultError(error)) throw error;
      // The agent is gone, and this follower with it.
      this.arrivals += 1;
    }
  }
}
