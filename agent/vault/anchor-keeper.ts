/**
 * Keeps the anchor of the membership log (`members/log-anchor.ts`) up to date, and knows what the log has
 * lost: as long as statements that the anchor names are missing, it stays as it is, so that they are not
 * forgotten over a restart. What even another device does not have, which has told everything, is gone.
 */
import type { VaultError } from '../../protocol/errors.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { anchorOf, isSameAnchor, loadAnchor, saveAnchor } from '../members/log-anchor.ts';
import type { LogAnchor } from '../members/log-anchor.ts';
import type { MembershipLog } from '../members/membership-log.ts';
import type { Disk, Log, Random } from '../ports.ts';
import type { MembersService } from './members-service.ts';

export interface AnchorParts {
  readonly disk: Disk;
  readonly random: Random;
  readonly log: Log;
  readonly identity: DeviceIdentity;
}

export class AnchorKeeper {
  readonly #parts: AnchorParts;
  #saved: LogAnchor | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(parts: AnchorParts, saved: LogAnchor | undefined) {
    this.#parts = parts;
    this.#saved = saved;
  }

  /** @throws VaultError `io` */
  static async open(parts: AnchorParts): Promise<AnchorKeeper> {
    const onDamage = ({ message }: VaultError): void => {
      parts.log.warn({ message }, 'the anchor of the membership log was damaged: it is made anew');
    };
    return new AnchorKeeper(parts, await loadAnchor(parts.disk, parts.identity, onDamage));
  }

  get saved(): LogAnchor | undefined {
    return this.#saved;
  }

  /** Whether another device than this one may know of statements that are not here. */
  get hasOthers(): boolean {
    const { device } = this.#parts.identity;
    return this.#saved?.devices.some((each) => each.device !== device) ?? true;
  }

  /** How many statements were known once and are not in `log`; what hangs on them may be missing too. */
  lostFrom(log: Pick<MembershipLog, 'has' | 'vault'>): number {
    if (this.#saved?.vault !== log.vault) return 0;
    return this.#saved.heads.filter((id) => !log.has(id)).length;
  }

  /** What to go by as long as the log has lost something: the anchor is of a later time. */
  insteadOf(log: Pick<MembershipLog, 'has' | 'vault'>): LogAnchor | undefined {
    return this.lostFrom(log) > 0 ? this.#saved : undefined;
  }

  /** After each growth of the log. @returns whether the log is whole */
  keep(members: MembersService): boolean {
    if (this.lostFrom(members.log()) > 0) return false;
    this.#save(anchorOf(members.current(), members.keyring().memberKeys));
    return true;
  }

  /** Another device has told everything. @returns how many it did not have, and are given up */
  giveUp(members: MembersService): number {
    const lost = this.lostFrom(members.log());
    if (lost > 0) this.#save(anchorOf(members.current(), members.keyring().memberKeys));
    return lost;
  }

  /** Resolves when everything is written. */
  idle(): Promise<void> {
    return this.#saving;
  }

  /** What is not written is written at the next growth, or at the next start. */
  #save(anchor: LogAnchor): void {
    if (this.#saved !== undefined && isSameAnchor(this.#saved, anchor)) return;
    this.#saved = anchor;
    const { disk, log } = this.#parts;
    this.#saving = this.#saving
      .then(() => saveAnchor(disk, anchor, this.#parts))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the anchor of the membership log could not be saved');
        this.#saved = undefined;
      });
  }
}
