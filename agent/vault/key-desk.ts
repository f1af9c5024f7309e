/**
 * What a person can do with the keys of this device while the agent runs: protect them with a passphrase,
 * and keep a copy elsewhere. Locking is not here: only the end of this process takes keys out of memory
 * for certain, so whoever runs it does that.
 */
import type { KeysBackupReport, LockReport } from '../../protocol/control/key-reports.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { PassphraseRequest } from '../../protocol/messages/control-keys.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { loadOwnerSeed } from '../members/identity-file.ts';
import { encodeKeyBackup } from '../members/key-backup.ts';
import type { KeySafe } from '../members/key-safe.ts';
import { passphraseFrom, type Stretch } from '../members/passphrase.ts';
import type { Secret } from '../members/secret.ts';
import type { Disk, Random } from '../ports.ts';
import type { MembersService } from './members-service.ts';

export interface KeyDeskParts {
  readonly identity: DeviceIdentity;
  readonly safe: KeySafe;
  readonly members: MembersService;
  readonly disk: Disk;
  readonly random: Random;
  readonly stretch: Stretch;
  /** Where the other devices are reached. */
  readonly peers: () => readonly {
    readonly device: DeviceId | undefined;
    readonly addresses: readonly string[];
  }[];
  /** For the audit. */
  readonly onChange: (what: 'passphrase-set' | 'passphrase-changed' | 'passphrase-removed') => void;
  readonly onBackup: () => void;
  readonly onLock: () => void;
  readonly onWrong: () => void;
}

export class KeyDesk {
  readonly #parts: KeyDeskParts;

  constructor(parts: KeyDeskParts) {
    this.#parts = parts;
  }

  /** Somebody locks the keys. */
  onLock(): void {
    this.#parts.onLock();
  }

  async report(): Promise<LockReport> {
    const { identity, safe } = this.#parts;
    const passphrase = (await safe.look())?.wrapped === true;
    return { deviceId: identity.device, locked: false, passphrase };
  }

  /** @throws VaultError `usage` when there would be no way back */
  async requirePassphrase(): Promise<void> {
    if ((await this.report()).passphrase) return;
    throw new VaultError('usage', {
      op: 'keys.lock',
      subject: 'this device',
      detail: 'no passphrase protects its keys, so locking them would protect nothing',
      next: 'vault passphrase set',
    });
  }

  /** @throws VaultError `denied`, `overload`, `exists`, `usage` */
  async change(request: PassphraseRequest): Promise<LockReport> {
    const { safe, identity, onChange } = this.#parts;
    switch (request.change) {
      case 'set':
        await withPassphrase(request.next, (next) => safe.set(identity, next));
        onChange('passphrase-set');
        break;
      case 'change':
        await this.#tried(request.current, (current) =>
          withPassphrase(request.next, (next) => safe.change(current, next)),
        );
        onChange('passphrase-changed');
        break;
      case 'remove':
        await this.#tried(request.current, (current) => safe.remove(current));
        onChange('passphrase-removed');
    }
    return this.report();
  }

  /**
   * The keys in one file, wrapped by a passphrase. Where one protects the keys, it has to be that one: a
   * program that only reached the socket must not walk away with them.
   * @throws VaultError `denied`, `overload`, `usage`, `too-large`
   */
  backup(bytes: Buffer): Promise<KeysBackupReport> {
    return this.#tried(bytes, async (passphrase) => {
      const { identity, safe, members, disk, peers, onBackup } = this.#parts;
      const wrapped = (await safe.look())?.wrapped === true;
      if (wrapped) await safe.check(passphrase);
      const ownerSeed = await loadOwnerSeed(disk, identity);
      const name = members.nameOf(identity.device);
      const file = await encodeKeyBackup(
        {
          identity,
          ownerSeed,
          name,
          wrapped,
          statements: members.statements(),
          peers: peers().flatMap(({ device, addresses }) =>
            device === undefined ? [] : [{ device, addresses }],
          ),
        },
        passphrase,
        this.#parts,
      );
      onBackup();
      return {
        deviceId: identity.device,
        name,
        role: members.current().members.get(identity.device)?.role ?? 'blind',
        owner: ownerSeed !== undefined,
        backup: file.toString('base64'),
      };
    });
  }

  async #tried<T>(bytes: Buffer, use: (passphrase: Secret) => Promise<T>): Promise<T> {
    try {
      return await withPassphrase(bytes, use);
    } catch (error) {
      if (error instanceof VaultError && error.code === 'denied') this.#parts.onWrong();
      throw error;
    }
  }
}

/** Lends a passphrase that came from a client, and overwrites it afterwards, here and where it arrived. */
export async function withPassphrase<T>(
  bytes: Buffer,
  use: (passphrase: Secret) => Promise<T>,
): Promise<T> {
  let passphrase: Secret | undefined;
  try {
    passphrase = passphraseFrom(bytes);
    return await use(passphrase);
  } finally {
    passphrase?.wipe();
    bytes.fill(0);
  }
}
