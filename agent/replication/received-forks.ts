/** Proofs of forks as a peer sent them: what they say, and whether it is news. */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { verifyForkProof, type ProvenFork } from '../journal/fork-proof.ts';
import type { Membership } from '../members/membership.ts';
import type { JournalLines } from './journal-lines.ts';

export interface ReceivedFork {
  readonly proof: Buffer;
  readonly fork: ProvenFork;
}

/**
 * Those that say something new. A proof about somebody who is not known yet, or from a newer version,
 * is left out: its sender sends it again at the next connection.
 * @throws VaultError `peer-misbehaved` for one that is forged
 */
export function readNews(
  proofs: readonly Buffer[],
  lines: Pick<JournalLines, 'isNews'>,
  membership: Membership,
): readonly ReceivedFork[] {
  const news: ReceivedFork[] = [];
  for (const proof of proofs) {
    const fork = verified(proof, membership);
    if (fork !== undefined && lines.isNews(fork)) news.push({ proof: Buffer.from(proof), fork });
  }
  return news;
}

function verified(proof: Buffer, membership: Membership): ProvenFork | undefined {
  try {
    return verifyForkProof(proof, {
      vault: membership.vault,
      memberOf: (device) => membership.members.get(device)?.signKey,
    });
  } catch (cause) {
    if (isVaultError(cause, 'not-member', 'protocol-version')) return undefined;
    if (!isVaultError(cause)) throw cause;
    throw new VaultError('peer-misbehaved', {
      op: 'replication.receiveForks',
      detail: 'sent a forged proof of a fork',
      cause,
    });
  }
}
