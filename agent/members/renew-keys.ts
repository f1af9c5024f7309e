/**
 * New keys for those who belong to the vault now: an epoch that follows every one that is open and is
 * sealed to the devices that may read, a generation of the member key for all.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { SignedStatement } from '../../protocol/messages/statement.ts';
import { epochIdOf, epochsOf, isReader, leavesOf } from './current-epoch.ts';
import { evaluate } from './evaluate.ts';
import { lacking, type Granter } from './grant.ts';
import { keyHealth, memberKeysOf } from './key-health.ts';
import { makeEpoch, makeMemberKey } from './key-statements.ts';
import type { MembershipLog } from './membership-log.ts';
import { members as limits } from '../../protocol/limits.ts';

/**
 * Issues the keys that somebody has who should not, or lacks who should have them.
 * @returns what was issued; nothing when all keys are right
 * @throws VaultError `denied` when the issuer may not; `no-key` when it lacks what it should pass on
 */
export function renewKeys(log: MembershipLog, granter: Granter): readonly SignedStatement[] {
  const { epoch, memberKey } = keyHealth(evaluate(log.statements()));
  return [
    ...(epoch === 'fine' ? [] : [openEpoch(log, granter)]),
    ...(memberKey === 'fine' ? [] : [renewMemberKey(log, granter)]),
  ];
}

/**
 * Opens an epoch, whatever the one before is like.
 * @throws VaultError `denied`, `no-key`
 */
export function openEpoch(
  log: MembershipLog,
  { random, issuer, keyring }: Granter,
): SignedStatement {
  const { membership, genesis, counted } = evaluate(log.statements());
  const vaultSecret = keyring.vaultSecret?.reveal();
  if (vaultSecret === undefined) throw lacking('the keys of the vault');
  const newestFirst = leavesOf(epochsOf(counted)).map(epochIdOf).toReversed();
  const { currentEpoch } = membership;
  const parents = [currentEpoch, ...newestFirst.filter((id) => id !== currentEpoch)]
    .flatMap((id) => {
      const epochSecret = keyring.epochSecret(id)?.reveal();
      return epochSecret === undefined ? [] : [{ id, epochSecret }];
    })
    .slice(0, limits.epochParentsMax);
  const signed = log.issue(
    issuer,
    makeEpoch(
      random,
      { vault: log.vault, issuer: issuer.publicKey.toString('hex') },
      {
        secrets: { epochSecret: random.bytes(32), vaultSecret },
        readers: [...membership.members.values()].filter(isReader),
        recoverySeal: genesis.kind.recoverySeal,
        parents,
      },
    ),
  );
  if (evaluate(log.statements()).membership.currentEpoch === epochIdOf(signed.statement)) {
    return signed;
  }
  throw powerless('an epoch that it opens');
}

/** @throws VaultError `denied` */
export function renewMemberKey(
  log: MembershipLog,
  { random, issuer, keyring }: Granter,
): SignedStatement {
  const { membership, counted } = evaluate(log.statements());
  const [newest] = memberKeysOf(counted);
  const signed = log.issue(
    issuer,
    makeMemberKey(
      random,
      { vault: log.vault, issuer: issuer.publicKey.toString('hex') },
      {
        memberKey: random.bytes(32),
        generation: (newest?.kind.generation ?? 0) + 1,
        everybody: [...membership.members.values()].filter(({ active }) => active),
        previous: keyring.generations
          .slice(0, limits.epochParentsMax)
          .map(({ statement, key }) => ({ statement, key: key.reveal() })),
      },
    ),
  );
  const [now] = memberKeysOf(evaluate(log.statements()).counted);
  if (now?.id === signed.statement.id) return signed;
  throw powerless('a member key that it makes');
}

function powerless(what: string): VaultError {
  return new VaultError('denied', {
    op: 'members.renewKeys',
    subject: 'this device',
    detail: `${what} would not count`,
    next: 'only the owner and admins make keys: vault members shows the roles',
  });
}
