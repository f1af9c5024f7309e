/** Versions that retention let go: their content may be gone from every device. */
import { VaultError } from '../../protocol/errors.ts';
import type { Content } from '../../protocol/messages/op.ts';
import type { BrowseParts } from './browse.ts';
import { rootOf } from './content-root.ts';

type ForgottenParts = Pick<BrowseParts, 'released' | 'store'>;

/** Whether a content was let go. */
export function isForgotten(
  { released }: Pick<ForgottenParts, 'released'>,
  content: Content,
): boolean {
  const root = rootOf(content);
  return root !== undefined && released.isReleased(root);
}

/**
 * Lets a content pass that is kept, or that nobody has dropped here yet.
 * @throws VaultError `not-found`
 */
export function checkKept(parts: ForgottenParts, content: Content): void {
  const root = rootOf(content);
  if (root === undefined || !isForgotten(parts, content)) return;
  const { chunks, journals } = parts.store;
  if (chunks.has(root) || journals.hasSmall(root)) return;
  throw new VaultError('not-found', {
    op: 'vault.read',
    detail: 'retention let this version go, so its content is on no device any more',
    next: 'vault log shows which versions are kept, vault retention which rule decides',
  });
}
