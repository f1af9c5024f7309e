/**
 * A new vault: the owner key, the recovery words, the first device as an admin, the first epoch and
 * the first member key, as a log of four statements by the owner.
 */
import { idFromBytes, idToBytes, type VaultId } from '../../protocol/ids.ts';
import { chunk } from '../../protocol/limits.ts';
import type { Genesis, Grant } from '../../protocol/messages/statement.ts';
import type { Random } from '../ports.ts';
import { makeIdentity, type DeviceIdentity } from './identity.ts';
import { makeEpoch, makeMemberKey } from './key-statements.ts';
import { sealLabel } from './label.ts';
import { MembershipLog } from './membership-log.ts';
import { roleCapabilities } from './membership.ts';
import { makeRecoveryWords, recoveryKeysFromWords, type RecoveryKeys } from './recovery.ts';
import { Secret } from './secret.ts';
import { signKeyFromSeed } from './sign-key.ts';
import { signStatement } from './signed-statement.ts';

export interface NewVault {
  readonly vault: VaultId;
  /** 24 words: to be shown once and kept nowhere. */
  readonly recoveryWords: readonly string[];
  /** 32 bytes: the seed of the owner's Ed25519 key. */
  readonly ownerSeed: Secret;
  readonly identity: DeviceIdentity;
  /** Signed, genesis first. */
  readonly statements: readonly Buffer[];
}

/**
 * Makes a vault out of random bytes and nothing else.
 * @param options.name of the first device, for people
 * @throws VaultError `name-too-long`
 */
export function createVault(random: Random, { name }: { readonly name: string }): NewVault {
  const recoveryWords = makeRecoveryWords(random);
  const recovery = recoveryKeysFromWords(recoveryWords);
  const ownerSeed = random.bytes(32);
  const owner = signKeyFromSeed(ownerSeed);
  const identity = makeIdentity(random);
  const memberKey = random.bytes(32);

  const genesis = signStatement(
    owner,
    { vault: undefined, sequence: 1, previous: undefined, heads: [] },
    genesisKind(random, owner.publicKey, recovery),
  );
  const vault = idFromBytes('vault', idToBytes(genesis.statement.id));
  const log = new MembershipLog(vault);
  log.add([genesis.bytes]);

  const issuer = { vault, issuer: genesis.statement.issuer };
  const first = { device: identity.device, noiseKey: identity.noisePublicKey };
  const sealedLabel = sealLabel(random, name, { device: identity.device, memberKey });
  log.issue(owner, firstGrant(identity, sealedLabel));
  log.issue(
    owner,
    makeEpoch(random, issuer, {
      secrets: { epochSecret: random.bytes(32), vaultSecret: random.bytes(32) },
      readers: [first],
      recoverySeal: recovery.seal.publicKey,
      parents: [],
    }),
  );
  log.issue(
    owner,
    makeMemberKey(random, issuer, { memberKey, generation: 1, everybody: [first], previous: [] }),
  );
  return {
    vault,
    recoveryWords,
    ownerSeed: new Secret(ownerSeed),
    identity,
    statements: log.all(),
  };
}

function genesisKind(random: Random, owner: Buffer, recovery: RecoveryKeys): Genesis {
  return {
    type: 'genesis',
    owner,
    recoverySign: recovery.sign.publicKey,
    recoverySeal: recovery.seal.publicKey,
    salt: random.bytes(32),
    chunking: {
      chunker: 1,
      minBytes: chunk.plainBytesMin,
      averageBytes: chunk.plainBytesAverage,
      maxBytes: chunk.plainBytesMax,
    },
  };
}

/** The keys are sealed to the first device by the statements that follow. */
function firstGrant(identity: DeviceIdentity, sealedLabel: Buffer): Grant {
  return {
    type: 'grant',
    certificate: {
      device: identity.device,
      signKey: identity.signKey.publicKey,
      noiseKey: identity.noisePublicKey,
      capabilities: roleCapabilities.admin,
      quotaBytes: 0,
      sealedLabel,
    },
    memberKey: undefined,
    epochs: [],
    ticket: undefined,
    lastBatches: [],
  };
}
