/**
 * Journals into the tree: at start all that are stored, later those that arrive. Batches in the store
 * were verified when they came and are protected by the journal's checksums and hash chain; they are
 * opened again, not verified again.
 */
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { idFromBytes, splitJournalId, type JournalId } from '../../protocol/ids.ts';
import { decodeBatch, decodeBatchHeader } from '../../protocol/messages/batch-wire.ts';
import type { OpenedBatch, OpKeyLookup, VerifiedBatch } from '../journal/batch.ts';
import { hashOfParts } from '../journal/signature.ts';
import { openBatch, withoutOps } from '../journal/verify.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { JournalStore, StoredBatch } from '../store/store.ts';

/** So many batches share one settling of the tree. */
const batchesAtOnce = 32;

/**
 * Applies everything that the store holds. Batches whose epoch this device cannot read yet are left
 * out; their journals stop there and go on when the key comes.
 * @param pause called now and then, between batches
 * @returns how many batches were applied
 */
export async function loadTree(
  tree: Tree,
  journals: Pick<JournalStore, 'tips' | 'read'>,
  opKeyOf: OpKeyLookup,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  let count = 0;
  for (const { journal } of journals.tips()) {
    const applied = tree.vector().get(journal) ?? 0;
    let group: VerifiedBatch[] = [];
    for await (const stored of journals.read(journal, applied)) {
      group.push(fromStore(stored));
      if (group.length < batchesAtOnce) continue;
      count += applyBatches(tree, group, opKeyOf);
      group = [];
      await pause();
    }
    count += applyBatches(tree, group, opKeyOf);
  }
  return count;
}

/**
 * Applies batches. One that this device has no key for yet, and those of its journal after it, are left
 * to `loadTree`, when the key has come.
 * @returns how many were applied
 */
export function applyBatches(
  tree: Tree,
  batches: readonly VerifiedBatch[],
  opKeyOf: OpKeyLookup,
): number {
  const next = new Map<JournalId, number>();
  const opened: OpenedBatch[] = [];
  for (const batch of batches) {
    const { journal, sequence } = batch.header;
    const applied = next.get(journal) ?? tree.vector().get(journal) ?? 0;
    if (sequence !== applied + 1) continue;
    const readable = open(batch, opKeyOf);
    if (readable === undefined) continue;
    next.set(journal, sequence);
    opened.push(readable);
  }
  if (opened.length > 0) tree.applyAll(opened);
  return opened.length;
}

/**
 * A batch of the store, opened.
 * @returns undefined when this device has no key for it yet, or it was folded away
 * @throws VaultError `damaged` when the bytes are not those that were stored
 */
export function openStored(stored: StoredBatch, opKeyOf: OpKeyLookup): OpenedBatch | undefined {
  return open(fromStore(stored), opKeyOf);
}

function open(batch: VerifiedBatch, opKeyOf: OpKeyLookup): OpenedBatch | undefined {
  try {
    return openBatch(batch, opKeyOf);
  } catch (error) {
    if (isVaultError(error, 'no-key', 'chunk-missing')) return undefined;
    // What no reader can open has no effect on any: all of them come to the same tree.
    if (isVaultError(error, 'malformed', 'damaged')) return withoutOps(batch);
    throw error;
  }
}

/** @throws VaultError `damaged` when the bytes are not those that were stored */
function fromStore(stored: StoredBatch): VerifiedBatch {
  const parts = decodeBatch(stored.bytes);
  const { header } = decodeBatchHeader(parts.header);
  const hash = idFromBytes('batch', hashOfParts(parts));
  if (hash !== stored.hash) {
    throw new VaultError('damaged', {
      op: 'vault.loadTree',
      subject: `journal ${stored.journal}`,
      detail: `batch ${String(stored.sequence)} is not the one that was stored`,
    });
  }
  return {
    header,
    author: splitJournalId(header.journal).device,
    hash,
    bytes: Buffer.from(stored.bytes),
    headerBytes: parts.header,
    sealed: parts.sealed,
    ...(parts.sealedHash !== undefined && { isBare: true }),
  };
}
