/**
 * What the recovery words are for: to say whether they are those of this vault, and to put a new owner in
 * the place of one that is lost or frozen. The words come in, do their work and are kept nowhere.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { RecoverReport } from '../../protocol/control/member-reports.ts';
import type { RecoverRequest } from '../../protocol/messages/control-members.ts';
import type { SignedStatement } from '../../protocol/messages/statement.ts';
import { evaluate } from '../members/evaluate.ts';
import { grantDevice } from '../members/grant.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { openKeyringOf, type DeviceKeyring } from '../members/keyring.ts';
import { lastStatementOf } from '../members/latest-statement.ts';
import type { MembershipLog } from '../members/membership-log.ts';
import { recoveryKeysFromWords, type RecoveryKeys } from '../members/recovery.ts';
import { renewKeys } from '../members/renew-keys.ts';
import { Secret } from '../members/secret.ts';
import { signKeyFromSeed, type SignKey } from '../members/sign-key.ts';
import type { Random } from '../ports.ts';
import type { Issuing, OwnerKey } from './issuing.ts';
import type { MembersService } from './members-service.ts';

export interface RecoveryParts {
  readonly members: MembersService;
  readonly issuing: Issuing;
  readonly owner: OwnerKey;
  readonly identity: DeviceIdentity;
  readonly random: Random;
  /** Name of this device, for one that is no member yet. */
  readonly name: string;
  /** Keeps the owner's key in the home. Durable when it resolves. */
  readonly saveOwnerKey: (seed: Secret) => Promise<void>;
}

export class Recovery {
  readonly #parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  /** Whether the words are those of this vault. @throws VaultError `usage` when they are no words */
  check({ words }: RecoverRequest): RecoverReport {
    return this.#report(this.#belong(keysFrom(words)), false);
  }

  /**
   * Makes this device the owner's: a new owner key, signed for by the words, and this device an admin.
   * @throws VaultError `usage`, `denied` when the words are not those of this vault, `exists` when this
   *   device has the owner's key already, `not-found`, `io`, `disk-full`
   */
  async restore(request: RecoverRequest): Promise<RecoverReport> {
    const keys = keysFrom(request.words);
    this.#checkNeeded(keys);
    const { random, members, owner, saveOwnerKey } = this.#parts;
    const seed = new Secret(random.bytes(32));
    const next = signKeyFromSeed(seed.reveal());
    // The key first: a statement that names a key which nobody has would lose the owner once more.
    await saveOwnerKey(seed);
    await members.issue((log) => this.#replace(log, { keys, next, said: request.lastStatement }));
    owner.adopt(next);
    return this.#report(true, true);
  }

  #replace(
    log: MembershipLog,
    to: { readonly keys: RecoveryKeys; readonly next: SignKey; readonly said: string | undefined },
  ): readonly SignedStatement[] {
    const { keys, next, said } = to;
    const before = evaluate(log.statements());
    const replaces = before.membership.owner;
    const lastStatement = lastStatementOf(replaces.toString('hex'), said, {
      counted: before.counted,
      known: log.statements(),
    });
    const recover = log.issue(keys.sign, {
      type: 'recover',
      owner: next.publicKey,
      replaces,
      lastStatement,
    });
    const { random, identity, members } = this.#parts;
    const granter = { random, issuer: next, keyring: this.#keyring(log, keys) };
    const self = evaluate(log.statements()).membership.members.get(identity.device);
    // Also when it is an admin already: the first device that an owner admits is the owner's.
    const grant = grantDevice(log, granter, {
      newcomer: {
        device: identity.device,
        signKey: identity.signKey.publicKey,
        noiseKey: identity.noisePublicKey,
      },
      terms: {
        name: self === undefined ? this.#parts.name : members.nameOf(identity.device),
        role: 'admin',
        quotaBytes: self?.quotaBytes ?? 0,
        ticket: undefined,
      },
    });
    return [recover, grant, ...renewKeys(log, granter)];
  }

  /** A device that may not read opens the epochs with the words; the member key is its own. */
  #keyring(log: MembershipLog, { seal }: RecoveryKeys): DeviceKeyring {
    const own = this.#parts.members.keyring();
    const recovered = openKeyringOf(evaluate(log.statements()), {
      device: undefined,
      noiseSecretKey: seal.secretKey,
    });
    return {
      ...own,
      vaultSecret: own.vaultSecret ?? recovered.vaultSecret,
      epochSecret: (id) => own.epochSecret(id) ?? recovered.epochSecret(id),
    };
  }

  #checkNeeded(keys: RecoveryKeys): void {
    if (!this.#belong(keys)) {
      throw new VaultError('denied', {
        op: 'vault.recover',
        subject: 'recovery words',
        detail: 'they belong to another vault',
        next: 'vault recover check tells without changing anything',
      });
    }
    if (!this.#parts.issuing.isOwner() || this.#isFrozen()) return;
    throw new VaultError('exists', {
      op: 'vault.recover',
      subject: "the owner's key",
      detail: 'this device has it, and nothing is wrong with it',
      next: 'recover on the device that should be the owner',
    });
  }

  #belong({ sign }: RecoveryKeys): boolean {
    const { recoverySign } = this.#parts.members.evaluation().genesis.kind;
    return sign.publicKey.equals(recoverySign);
  }

  #isFrozen(): boolean {
    const { owner, frozenIssuers } = this.#parts.members.current();
    return frozenIssuers.includes(owner.toString('hex'));
  }

  #report(matches: boolean, restored: boolean): RecoverReport {
    const { members, issuing } = this.#parts;
    const { vault, members: all } = members.current();
    const admins = [...all.values()].filter(({ active, role }) => active && role === 'admin');
    return {
      vaultId: vault,
      matches,
      owner: issuing.isOwner(),
      ownerFrozen: this.#isFrozen(),
      restored,
      admins: admins.map(({ device }) => members.nameOf(device)),
    };
  }
}

function keysFrom(words: string): RecoveryKeys {
  return recoveryKeysFromWords(words.trim().split(/\s+/));
}
