/** The tree that a call is about: as it is now, or as it was at a moment. */
import type { Moment } from '../../protocol/messages/control-moment.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Call, ControlContext } from './context.ts';

/**
 * @throws VaultError `not-found`, `chunk-missing`, `no-key`, and `cancelled` when the client goes
 */
export async function treeAt(
  { vault, moments }: ControlContext,
  { stream }: Call,
  at: Moment | undefined,
): Promise<Tree> {
  return at === undefined ? vault.tree : moments.treeAt(at, { signal: stream.signal });
}
