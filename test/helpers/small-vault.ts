/** A vault in memory with its owner, and devices that are granted to it as tests need them. */
import { createVault, type NewVault } from '../../agent/members/genesis.ts';
import { grantDevice } from '../../agent/members/grant.ts';
import { makeIdentity, type DeviceIdentity } from '../../agent/members/identity.ts';
import { openKeyring, type DeviceKeyring } from '../../agent/members/keyring.ts';
import { MembershipLog } from '../../agent/members/membership-log.ts';
import type { Role } from '../../agent/members/membership.ts';
import { signKeyFromSeed, type SignKey } from '../../agent/members/sign-key.ts';
import type { Random } from '../../agent/ports.ts';
import type { StatementId } from '../../protocol/ids.ts';
import type { Certificate, Revoke, StatementKind } from '../../protocol/messages/statement.ts';
import { seededRandom } from './seeded-random.ts';

export interface SmallVault {
  readonly random: Random;
  readonly created: NewVault;
  readonly owner: SignKey;
  readonly first: DeviceIdentity;
  readonly log: MembershipLog;
  device(): DeviceIdentity;
  /** Admits a device with real keys, signed by the owner unless somebody else is named. */
  admit(role: Role, by?: SignKey, log?: MembershipLog): DeviceIdentity;
}

export function smallVault(seed: string | number): SmallVault {
  const random = seededRandom(seed);
  const created = createVault(random, { name: 'first' });
  const owner = signKeyFromSeed(created.ownerSeed.reveal());
  const log = new MembershipLog(created.vault);
  log.add(created.statements);
  const device = (): DeviceIdentity => makeIdentity(random);
  return {
    random,
    created,
    owner,
    first: created.identity,
    log,
    device,
    admit(role, by = owner, into = log) {
      const identity = device();
      grantDevice(
        into,
        { random, issuer: by, keyring: keyringOf(into, created.identity) },
        {
          newcomer: newcomerOf(identity),
          terms: { name: role, role, quotaBytes: 0, ticket: undefined },
        },
      );
      return identity;
    },
  };
}

export function newcomerOf(
  identity: DeviceIdentity,
): Pick<Certificate, 'device' | 'signKey' | 'noiseKey'> {
  return {
    device: identity.device,
    signKey: identity.signKey.publicKey,
    noiseKey: identity.noisePublicKey,
  };
}

export function keyringOf(log: MembershipLog, identity: DeviceIdentity): DeviceKeyring {
  return openKeyring(log.statements(), {
    device: identity.device,
    noiseSecretKey: identity.secrets.noiseSecretKey.reveal(),
  });
}

/** A grant without keys, for tests of who counts. */
export function bareGrant(identity: DeviceIdentity, capabilities: number): StatementKind {
  return {
    type: 'grant',
    certificate: {
      ...newcomerOf(identity),
      capabilities,
      quotaBytes: 0,
      sealedLabel: Buffer.alloc(0),
    },
    memberKey: undefined,
    epochs: [],
    ticket: undefined,
    lastBatches: [],
  };
}

export function revocationOf(identity: DeviceIdentity, lastStatement?: StatementId): Revoke {
  return {
    type: 'revoke',
    device: identity.device,
    lastBatches: [],
    lastStatement,
    reason: 'lost',
  };
}
