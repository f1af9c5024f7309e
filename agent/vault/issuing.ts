/**
 * In whose name this device speaks about members: the owner's where it has that key, else its own when it
 * is an admin. One place, so that every use case refuses in the same words.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { Granter } from '../members/grant.ts';
import { capabilities } from '../members/membership.ts';
import type { SignKey } from '../members/sign-key.ts';
import type { Random } from '../ports.ts';
import type { MembersService } from './members-service.ts';

/** The owner's key on this device. It may come, by the recovery words, and be replaced elsewhere. */
export class OwnerKey {
  #key: SignKey | undefined;

  constructor(key: SignKey | undefined) {
    this.#key = key;
  }

  /** The key, when it is that of the present owner. @param owner 32 bytes, as the log says */
  presentAs(owner: Buffer): SignKey | undefined {
    return this.#key?.publicKey.equals(owner) === true ? this.#key : undefined;
  }

  adopt(key: SignKey): void {
    this.#key = key;
  }
}

export interface IssuingParts {
  readonly members: Pick<MembersService, 'current' | 'keyring'>;
  readonly identity: DeviceIdentity;
  readonly owner: OwnerKey;
  readonly random: Random;
}

export class Issuing {
  readonly #parts: IssuingParts;

  constructor(parts: IssuingParts) {
    this.#parts = parts;
  }

  /** The key that statements of this device are signed with now; undefined: what it says does not count. */
  keyOrNone(): SignKey | undefined {
    const { members, identity, owner } = this.#parts;
    const membership = members.current();
    const self = membership.members.get(identity.device);
    const isAdmin = self?.active === true && (self.capabilities & capabilities.admin) !== 0;
    return owner.presentAs(membership.owner) ?? (isAdmin ? identity.signKey : undefined);
  }

  /** Whether it speaks for the owner. */
  isOwner(): boolean {
    const { members, owner } = this.#parts;
    return owner.presentAs(members.current().owner) !== undefined;
  }

  /**
   * The same, for somebody who needs it.
   * @param what for the message: `invite`, `send devices away`
   * @throws VaultError `denied`
   */
  key(what: string): SignKey {
    const key = this.keyOrNone();
    if (key !== undefined) return key;
    const { members, identity } = this.#parts;
    const self = members.current().members.get(identity.device);
    throw new VaultError('denied', {
      op: 'vault.issuing',
      subject: 'this device',
      detail:
        self?.active === true
          ? `its role is ${self.role}, and only the owner and admins ${what}`
          : 'it was sent away',
      next: 'do it on a device whose role is admin: vault members shows the roles',
    });
  }

  /** What grants and new keys are made with. @throws VaultError `denied` */
  granter(what: string): Granter {
    const { members, random } = this.#parts;
    return { random, issuer: this.key(what), keyring: members.keyring() };
  }
}
