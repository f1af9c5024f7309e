/**
 * Keeps the keys right without anybody's asking: when admins acted apart from each other, so that the
 * current epoch is sealed to a device that may not read or lacks one that may, an admin opens a new one; and
 * another one when the present one is old. Every admin waits its turn, so that one of them does it.
 */
import { toVaultError } from '../../protocol/errors.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { KeyAges } from '../members/key-ages.ts';
import { keyHealth } from '../members/key-health.ts';
import { capabilities } from '../members/membership.ts';
import { openEpoch, renewKeys } from '../members/renew-keys.ts';
import type { Clock, Log, Timer } from '../ports.ts';
import type { Issuing } from './issuing.ts';
import type { MembersService } from './members-service.ts';

/** What the others said meanwhile arrives first. */
const firstTurnMs = 2_000;
const turnMs = 10_000;
/** No timer waits longer: a clock that is set, or a machine that slept, is noticed. */
const lookAgainMs = 3_600_000;
const patienceMs = 60_000;

export interface KeyCareParts {
  readonly members: MembersService;
  readonly issuing: Issuing;
  readonly identity: DeviceIdentity;
  readonly ages: KeyAges;
  readonly clock: Clock;
  readonly log: Log;
  /** 0: never by age. */
  readonly rotateAfterMs: number;
}

export class KeyCare {
  readonly #parts: KeyCareParts;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  /** After a failure, how long to wait until the next try. */
  #patienceMs = 0;

  constructor(parts: KeyCareParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.members.onChange(() => {
      this.#noteEpoch();
      this.#plan();
    });
    this.#noteEpoch();
    this.#plan();
  }

  /** When a new epoch is opened because the present one is old; undefined: never, or not by this device. */
  rotatesAtMs(): number | undefined {
    const { rotateAfterMs, members, ages, issuing } = this.#parts;
    if (rotateAfterMs === 0 || issuing.keyOrNone() === undefined) return undefined;
    const since = ages.since(members.current().currentEpoch);
    return since === undefined ? undefined : since + rotateAfterMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  #noteEpoch(): void {
    const { members, ages, clock, log } = this.#parts;
    ages.note(members.current().currentEpoch, clock.nowMs()).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'since when the present epoch is in use was not saved');
    });
  }

  #plan(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#closed || this.#parts.issuing.keyOrNone() === undefined) return;
    const waitMs = this.#areRight() ? this.#untilOldMs() : this.#patienceMs;
    const afterMs = Math.min(waitMs + firstTurnMs + this.#turn() * turnMs, lookAgainMs);
    this.#timer = this.#parts.clock.after(afterMs, () => {
      this.#looking = this.#look().finally(() => {
        this.#plan();
      });
    });
  }

  async #look(): Promise<void> {
    const { members, issuing, log } = this.#parts;
    if (issuing.keyOrNone() === undefined) return;
    try {
      if (!this.#areRight()) {
        log.info({}, 'the keys do not fit the members any more: new ones are made');
        await members.issue((grown) => renewKeys(grown, issuing.granter('make keys')));
      } else if (this.#untilOldMs() === 0) {
        log.info({}, 'the present epoch is old: a new one is opened');
        await members.issue((grown) => [openEpoch(grown, issuing.granter('make keys'))]);
      }
      this.#patienceMs = 0;
    } catch (error) {
      this.#patienceMs = patienceMs;
      // A full disk, or keys that have not come yet: the next look tries again.
      const { code, message } = toVaultError(error, 'vault.keyCare');
      log.warn({ code, message }, 'new keys were not made');
    }
  }

  #areRight(): boolean {
    const { epoch, memberKey } = keyHealth(this.#parts.members.evaluation());
    return epoch === 'fine' && memberKey === 'fine';
  }

  #untilOldMs(): number {
    const atMs = this.rotatesAtMs();
    return atMs === undefined ? lookAgainMs : Math.max(0, atMs - this.#parts.clock.nowMs());
  }

  /** The owner comes first, then the admins in the order of their ids. */
  #turn(): number {
    const { members, identity, issuing } = this.#parts;
    if (issuing.isOwner()) return 0;
    const admins = [...members.current().members.values()]
      .filter((member) => member.active && (member.capabilities & capabilities.admin) !== 0)
      .map(({ device }) => device)
      .sort();
    return 1 + Math.max(0, admins.indexOf(identity.device));
  }
}
