/** Statements from elsewhere, verified without holding the event loop: a message has some hundred signatures. */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import type { SignedStatement } from '../../protocol/messages/statement.ts';
import { verifyStatement } from '../members/signed-statement.ts';
import type { Clock } from '../ports.ts';
import { Slices } from './slices.ts';

/** In slices. @throws VaultError `peer-misbehaved` at the first that is wrong */
export async function verifyFromPeer(
  signed: readonly Uint8Array[],
  clock: Clock,
): Promise<readonly SignedStatement[]> {
  const slices = new Slices(clock);
  const verified: SignedStatement[] = [];
  for (const bytes of signed) {
    verified.push(fromPeer(() => verifyStatement(bytes)));
    await slices.step();
  }
  return verified;
}

/** What is wrong with what a peer sent is the peer's fault. @throws VaultError `peer-misbehaved` */
export function fromPeer<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!isVaultError(cause)) throw cause;
    throw new VaultError('peer-misbehaved', {
      op: 'members.learn',
      subject: 'membership statements',
      detail: cause.message,
      cause,
    });
  }
}
