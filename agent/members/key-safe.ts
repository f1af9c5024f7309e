/**
 * The passphrase of this device's keys: opens them, sets, changes and takes it away. One try at a time,
 * since each takes 128 MiB for half a second, and not too many in a row (`attempts.ts`). A wrong
 * passphrase does all the work of a right one.
 */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { Clock, Disk } from '../ports.ts';
import { Attempts } from './attempts.ts';
import type { DeviceIdentity } from './identity.ts';
import {
  loadIdentity,
  lookAtIdentity,
  saveIdentity,
  sealOwnerKey,
  type RestingIdentity,
} from './identity-file.ts';
import type { WrapTools } from './passphrase.ts';
import type { Secret } from './secret.ts';

export interface KeySafeParts extends WrapTools {
  readonly disk: Disk;
  readonly clock: Clock;
}

export class KeySafe {
  readonly #parts: KeySafeParts;
  readonly #attempts = new Attempts();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: KeySafeParts) {
    this.#parts = parts;
  }

  /** Whose keys rest here, and whether a passphrase protects them; undefined in an empty home. */
  look(): Promise<RestingIdentity | undefined> {
    return lookAtIdentity(this.#parts.disk);
  }

  /**
   * The keys.
   * @throws VaultError `denied` when the passphrase is wrong, `overload` after too many wrong ones
   */
  unlock(passphrase: Secret): Promise<DeviceIdentity> {
    return this.#inTurn(() => this.#open(passphrase));
  }

  /** @throws VaultError as `unlock`; `usage` when no passphrase protects the keys */
  check(passphrase: Secret): Promise<void> {
    return this.#inTurn(async () => {
      await this.#requireWrapped(true);
      await this.#open(passphrase);
    });
  }

  /** Protects keys that no passphrase protects. @throws VaultError `exists` */
  set(identity: DeviceIdentity, next: Secret): Promise<void> {
    return this.#inTurn(async () => {
      await this.#requireWrapped(false);
      await this.#save(identity, next);
    });
  }

  /** @throws VaultError as `unlock`; `usage` when no passphrase protects the keys */
  change(current: Secret, next: Secret): Promise<void> {
    return this.#inTurn(async () => {
      await this.#requireWrapped(true);
      await this.#save(await this.#open(current), next);
    });
  }

  /** @throws VaultError as `unlock`; `usage` when no passphrase protects the keys */
  remove(current: Secret): Promise<void> {
    return this.#inTurn(async () => {
      await this.#requireWrapped(true);
      await saveIdentity(this.#parts.disk, await this.#open(current));
    });
  }

  async #save(identity: DeviceIdentity, passphrase: Secret): Promise<void> {
    const { disk, random } = this.#parts;
    await sealOwnerKey(disk, { identity, random });
    await saveIdentity(disk, identity, { ...this.#parts, passphrase });
  }

  async #open(passphrase: Secret): Promise<DeviceIdentity> {
    const { disk, clock, stretch } = this.#parts;
    const pauseMs = this.#attempts.pauseMs(clock.monotonicMs());
    if (pauseMs > 0) throw tooOften(pauseMs);
    try {
      const identity = await loadIdentity(disk, { passphrase, stretch });
      if (identity === undefined) throw noIdentity();
      this.#attempts.succeeded();
      return identity;
    } catch (error) {
      if (isVaultError(error, 'denied')) this.#attempts.failed(clock.monotonicMs());
      throw error;
    }
  }

  async #requireWrapped(wanted: boolean): Promise<void> {
    const resting = await this.look();
    if (resting === undefined) throw noIdentity();
    if (resting.wrapped === wanted) return;
    throw new VaultError(wanted ? 'usage' : 'exists', {
      op: 'members.passphrase',
      subject: 'passphrase',
      detail: wanted ? 'the keys of this device have none' : 'the keys of this device have one',
      next: wanted ? 'vault passphrase set' : 'vault passphrase change',
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function tooOften(pauseMs: number): VaultError {
  return new VaultError('overload', {
    op: 'members.passphrase',
    subject: 'passphrase',
    detail: 'there were too many wrong ones',
    next: `try again in ${String(Math.ceil(pauseMs / 1000))} s`,
  });
}

function noIdentity(): VaultError {
  return new VaultError('home-invalid', {
    op: 'members.passphrase',
    subject: 'identity/device.json',
    detail: 'it is missing',
    next: 'make a vault with vaultd init, or join one with vaultd join',
  });
}
