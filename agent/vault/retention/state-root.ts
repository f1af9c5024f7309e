/** What a tree amounts to, as one hash: the same on every device whose tree is made of the same batches. */
import { VaultError } from '../../../protocol/errors.ts';
import type { NoteOp } from '../../../protocol/messages/op.ts';
import type { History } from '../../history/history.types.ts';
import { opKey } from '../../namespace/records.ts';
import { encodeState } from '../../namespace/state/encode-state.ts';
import { statePageHash, stateRoot } from '../../namespace/state/state-root.ts';
import type { JournaledTree } from '../../namespace/tree.ts';
import type { Clock } from '../../ports.ts';
import { Slices } from '../slices.ts';

export interface StateRootParts {
  readonly history: Pick<History, 'change'>;
  readonly clock: Clock;
}

/**
 * @param tree nobody changes it meanwhile
 * @returns 32 bytes
 * @throws VaultError `damaged`, `overload`, `cancelled`, and what the journals cannot be read with
 */
export async function rootOfTree(
  { history, clock }: StateRootParts,
  tree: JournaledTree,
  signal?: AbortSignal,
): Promise<Buffer> {
  const hashes: Buffer[] = [];
  for await (const page of statePages({ history, clock }, tree, signal)) {
    hashes.push(statePageHash(page));
  }
  return stateRoot(hashes);
}

/** The pages of the state of a tree, in their order. See `rootOfTree`. */
export async function* statePages(
  { history, clock }: StateRootParts,
  tree: JournaledTree,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const slices = new Slices(clock, signal);
  const notes = await notesOf(tree, history);
  for (const page of encodeState(tree, { notes })) {
    if (page !== undefined) yield page;
    await slices.step();
  }
}

/** The tree knows where notes stand; what they say stands in the journals. */
async function notesOf(
  tree: JournaledTree,
  history: StateRootParts['history'],
): Promise<ReadonlyMap<string, NoteOp>> {
  const notes = new Map<string, NoteOp>();
  for (const { op } of tree.notes()) {
    const said = await history.change(op);
    if (said?.body.type !== 'note') throw notHere();
    notes.set(opKey(op), said.body);
  }
  return notes;
}

function notHere(): VaultError {
  return new VaultError('damaged', {
    op: 'vault.stateRoot',
    subject: 'a note',
    detail: 'what it says cannot be read from its journal',
    next: 'run the command again; if that does not help, vault doctor says more',
  });
}
