/**
 * The secrets of the vault that this device can open: what was sealed to it in epochs, member keys and
 * grants, and the parents of each epoch, back to the first. Only what the owner or an admin issued is
 * opened: anybody can seal something to anybody.
 */
import {
  idFromBytes,
  idToBytes,
  type DeviceId,
  type EpochId,
  type StatementId,
} from '../../protocol/ids.ts';
import type { Epoch, SealedKey, Statement } from '../../protocol/messages/statement.ts';
import { epochIdOf } from './current-epoch.ts';
import { epochKeysFrom, vaultKeysFrom } from './derive.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import { memberKeysOf } from './key-health.ts';
import { openParents, openPrevious } from './key-statements.ts';
import type { EpochKeys, Keyring } from './membership.ts';
import { openKey, splitEpochSecrets, type SealedPurpose } from './sealed-key.ts';
import { Secret } from './secret.ts';

/** Whose keyring: a device's, or (without a device) that of the recovery key. */
export interface KeyringOwner {
  readonly device: DeviceId | undefined;
  /** 32 bytes, X25519. */
  readonly noiseSecretKey: Uint8Array;
}

/** A keyring with what it takes to pass the secrets on. */
export interface DeviceKeyring extends Keyring {
  /** Newest first. */
  readonly generations: readonly MemberKeyGeneration[];
  /** undefined on a blind device. */
  readonly vaultSecret: Secret | undefined;
  epochSecret(id: EpochId): Secret | undefined;
}

export interface MemberKeyGeneration {
  /** The statement that made it. */
  readonly statement: StatementId;
  readonly generation: number;
  /** 32 bytes. */
  readonly key: Secret;
}

/**
 * Opens everything that was sealed to `owner`. What does not open is left out.
 * @param statements as `MembershipLog.statements()` gives them
 * @throws VaultError `damaged` when the genesis is missing
 */
export function openKeyring(statements: readonly Statement[], owner: KeyringOwner): DeviceKeyring {
  return openKeyringOf(evaluate(statements), owner);
}

/** The same for a log that was evaluated already. */
export function openKeyringOf(evaluation: Evaluation, owner: KeyringOwner): DeviceKeyring {
  const sealed = sealedToUs(evaluation, owner);
  const generations = memberKeyGenerations(evaluation, sealed);
  const { epochSecrets, vaultSecret } = openEpochs(evaluation, sealed);
  const epochs = new Map<EpochId, EpochKeys>();
  for (const [id, secret] of epochSecrets) epochs.set(id, epochKeysFrom(secret.reveal(), id));
  return {
    memberKeys: generations.map(({ key }) => key.reveal()),
    vault:
      vaultSecret === undefined
        ? undefined
        : vaultKeysFrom(vaultSecret.reveal(), evaluation.membership.vault),
    epoch: (id) => epochs.get(id),
    generations,
    vaultSecret,
    epochSecret: (id) => epochSecrets.get(id),
  };
}

/** One secret that was sealed to us and opened. */
interface Opened {
  readonly purpose: SealedPurpose;
  /** The statement that made the secret. */
  readonly subject: StatementId;
  readonly plain: Buffer;
}

/** The owner's word first, then in the order of the log: the first secret that is read for an id stays. */
function sealedToUs(evaluation: Evaluation, owner: KeyringOwner): readonly Opened[] {
  const { authority, ancestry } = evaluation;
  const byOwner = new Set(authority.byOwner);
  const trusted = ancestry.ordered.filter(({ issuer }) => authority.trustedIssuers.has(issuer));
  const ranked = [
    ...trusted.filter((statement) => byOwner.has(statement)),
    ...trusted.filter((statement) => !byOwner.has(statement)),
  ];
  return ranked.flatMap((statement) =>
    sealedIn(statement, owner).flatMap(({ purpose, key }) => {
      const plain = openKey(owner.noiseSecretKey, key, {
        vault: evaluation.membership.vault,
        issuer: statement.issuer,
        purpose,
        subject: key.subject,
        recipient: owner.device,
      });
      return plain === undefined ? [] : [{ purpose, plain, subject: key.subject ?? statement.id }];
    }),
  );
}

function sealedIn(
  { kind }: Statement,
  { device }: KeyringOwner,
): readonly { readonly purpose: SealedPurpose; readonly key: SealedKey }[] {
  const ours = (purpose: SealedPurpose, keys: readonly SealedKey[]) =>
    keys.filter(({ recipient }) => recipient === device).map((key) => ({ purpose, key }));
  switch (kind.type) {
    case 'epoch':
      return ours('epoch', kind.sealed);
    case 'member-key':
      return ours('member-key', kind.sealed);
    case 'grant': {
      const memberKey = kind.memberKey === undefined ? [] : [kind.memberKey];
      return [...ours('member-key', memberKey), ...ours('epoch', kind.epochs)];
    }
    default:
      return [];
  }
}

/** Only generations whose statement counts: nobody else says what strangers are told apart by. */
function memberKeyGenerations(
  { counted }: Evaluation,
  opened: readonly Opened[],
): readonly MemberKeyGeneration[] {
  const keys = new Map<StatementId, Buffer>();
  for (const { purpose, subject, plain } of opened) {
    if (purpose === 'member-key' && plain.length === 32 && !keys.has(subject)) {
      keys.set(subject, plain);
    }
  }
  const statements = memberKeysOf(counted);
  // Every one names only earlier ones, so one walk from the newest on reaches them all.
  for (const { id, kind } of statements) {
    const own = keys.get(id);
    if (own === undefined) continue;
    for (const { statement, key } of openPrevious(kind, own)) {
      if (!keys.has(statement)) keys.set(statement, key);
    }
  }
  return statements.flatMap(({ id, kind }) => {
    const key = keys.get(id);
    if (key === undefined) return [];
    return [{ statement: id, generation: kind.generation, key: new Secret(key) }];
  });
}

function openEpochs(
  { ancestry }: Evaluation,
  opened: readonly Opened[],
): {
  readonly epochSecrets: ReadonlyMap<EpochId, Secret>;
  readonly vaultSecret: Secret | undefined;
} {
  const epochSecrets = new Map<EpochId, Secret>();
  let vaultSecret: Secret | undefined;
  for (const { purpose, subject, plain } of opened) {
    if (purpose !== 'epoch' || plain.length !== 64) continue;
    const secrets = splitEpochSecrets(plain);
    const id = idFromBytes('epoch', idToBytes(subject));
    if (!epochSecrets.has(id)) epochSecrets.set(id, new Secret(secrets.epochSecret));
    vaultSecret ??= new Secret(secrets.vaultSecret);
  }
  // Parents come before their children in the log, so one walk backwards reaches every ancestor.
  for (const statement of ancestry.ordered.toReversed()) {
    const { kind } = statement;
    if (kind.type !== 'epoch') continue;
    openWrapped(kind, epochSecrets.get(epochIdOf(statement)), epochSecrets);
  }
  return { epochSecrets, vaultSecret };
}

function openWrapped(
  epoch: Epoch,
  secret: Secret | undefined,
  epochSecrets: Map<EpochId, Secret>,
): void {
  if (secret === undefined) return;
  for (const { id, epochSecret } of openParents(epoch, secret.reveal())) {
    if (!epochSecrets.has(id)) epochSecrets.set(id, new Secret(epochSecret));
  }
}
