/**
 * Admitting a device: a certificate for its keys, and the secrets that its role entitles it to, sealed
 * to its Noise key. Whether the issuer may do this is not believed but evaluated, before it counts.
 */
import { VaultError } from '../../protocol/errors.ts';
import {
  idFromBytes,
  idToBytes,
  type DeviceId,
  type EpochId,
  type TicketId,
} from '../../protocol/ids.ts';
import type { Cutoff, SealedKey, SignedStatement } from '../../protocol/messages/statement.ts';
import type { Random } from '../ports.ts';
import { epochIdOf } from './current-epoch.ts';
import { evaluateMembership } from './evaluate.ts';
import type { DeviceKeyring } from './keyring.ts';
import { sealLabel } from './label.ts';
import type { MembershipLog } from './membership-log.ts';
import { capabilities, roleCapabilities, type Role } from './membership.ts';
import { joinEpochSecrets, sealKey, type SealedBinding } from './sealed-key.ts';
import type { SignKey } from './sign-key.ts';
import { members as limits } from '../../protocol/limits.ts';

/** The keys of a device that asks to be admitted. */
export interface Newcomer {
  readonly device: DeviceId;
  /** 32 bytes, Ed25519. */
  readonly signKey: Buffer;
  /** 32 bytes, X25519. */
  readonly noiseKey: Buffer;
}

export interface GrantTerms {
  /** Of the device, for people. */
  readonly name: string;
  readonly role: Role;
  /** 0: no limit. */
  readonly quotaBytes: number;
  readonly ticket: TicketId | undefined;
  /** What counts of what it wrote, for a role that does not write. @default nothing */
  readonly lastBatches?: readonly Cutoff[];
}

/** Who admits, and with what. */
export interface Granter {
  readonly random: Random;
  /** The device's own key, or the owner's: only the owner makes admins. */
  readonly issuer: SignKey;
  readonly keyring: DeviceKeyring;
}

/**
 * Issues the grant at the end of the issuer's chain in `log`. The caller makes it durable before it
 * leaves this device.
 * @throws VaultError `denied` when the issuer may not; `no-key` when it lacks what it should pass on;
 *   `name-too-long`
 */
export function grantDevice(
  log: MembershipLog,
  granter: Granter,
  { newcomer, terms }: { readonly newcomer: Newcomer; readonly terms: GrantTerms },
): SignedStatement {
  const { random, issuer, keyring } = granter;
  const [generation] = keyring.generations;
  if (generation === undefined) throw lacking('the member key');
  const binding = {
    vault: log.vault,
    issuer: issuer.publicKey.toString('hex'),
    recipient: newcomer.device,
  };
  const memberKey = sealKey(random, generation.key.reveal(), {
    ...binding,
    purpose: 'member-key',
    subject: generation.statement,
    noiseKey: newcomer.noiseKey,
  });
  const bits = roleCapabilities[terms.role];
  const reads = (bits & capabilities.receive) !== 0;
  const trial = log.copy();
  const signed = trial.issue(issuer, {
    type: 'grant',
    certificate: {
      ...newcomer,
      capabilities: bits,
      quotaBytes: terms.quotaBytes,
      sealedLabel: sealLabel(random, terms.name, {
        device: newcomer.device,
        memberKey: generation.key.reveal(),
      }),
    },
    memberKey,
    epochs: reads ? sealEpochs(log, granter, { binding, newcomer }) : [],
    ticket: terms.ticket,
    lastBatches: (bits & capabilities.write) === 0 ? (terms.lastBatches ?? []) : [],
  });
  checkEffect(trial, signed, newcomer.device);
  log.add([signed.bytes]);
  return signed;
}

/** The current epoch, and every other one that does not follow from one that is sealed already. */
function sealEpochs(
  log: MembershipLog,
  { random, keyring }: Granter,
  to: { readonly binding: Omit<SealedBinding, 'purpose' | 'subject'>; readonly newcomer: Newcomer },
): readonly SealedKey[] {
  const vaultSecret = keyring.vaultSecret?.reveal();
  if (vaultSecret === undefined) throw lacking('the keys of the vault');
  const current = evaluateMembership(log.statements()).currentEpoch;
  return newestEpochs(log, current)
    .slice(0, limits.epochsPerGrantMax)
    .flatMap((id) => {
      const epochSecret = keyring.epochSecret(id)?.reveal();
      if (epochSecret === undefined) {
        if (id === current) throw lacking('the current epoch');
        return [];
      }
      const key = sealKey(random, joinEpochSecrets({ epochSecret, vaultSecret }), {
        ...to.binding,
        purpose: 'epoch',
        subject: idFromBytes('statement', idToBytes(id)),
        noiseKey: to.newcomer.noiseKey,
      });
      return [key];
    });
}

function newestEpochs(log: MembershipLog, current: EpochId): readonly EpochId[] {
  const parents = new Set<EpochId>();
  const epochs: EpochId[] = [];
  for (const statement of log.statements()) {
    if (statement.kind.type !== 'epoch') continue;
    epochs.push(epochIdOf(statement));
    for (const parent of statement.kind.parents) parents.add(parent);
  }
  const others = epochs.filter((id) => id !== current && !parents.has(id));
  return [current, ...others.toReversed()];
}

function checkEffect(log: MembershipLog, signed: SignedStatement, device: DeviceId): void {
  const member = evaluateMembership(log.statements()).members.get(device);
  if (member?.active === true && member.grant === signed.statement.id) return;
  throw new VaultError('denied', {
    op: 'members.grantDevice',
    subject: `device ${device.slice(0, 8)}`,
    detail: 'the issuer may not admit it so',
    next: 'only an admin admits devices, and only the owner admits admins',
  });
}

/** The error of whoever should pass on a secret that it does not have. */
export function lacking(what: string): VaultError {
  return new VaultError('no-key', {
    op: 'members.grantDevice',
    subject: what,
    detail: 'this device cannot pass on what it does not have',
  });
}
