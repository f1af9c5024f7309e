/** Which parts of the file that a get reads are here, as they come. */
import { isVaultError } from '../../../protocol/errors.ts';
import type { State } from '../../state/state.ts';
import type { Watch } from '../view.ts';
import { selectedTransfer } from './slice.ts';

/** More than any pane has room for. */
const cells = 600;

export function piecesWatches(state: State): readonly Watch[] {
  const selected = selectedTransfer(state);
  if (selected?.kind !== 'get' || selected.path === null) return [];
  const { id } = selected;
  const path = Buffer.from(selected.path.replace(/^\//, ''));
  return [
    {
      key: `transfers:pieces:${id}`,
      watched: ['status', 'transfers'],
      everyMs: 2000,
      async run(client, { emit }) {
        try {
          const report = await client.pieces({ path, cells });
          emit({ type: 'view', view: 'transfers', message: { type: 'pieces', id, report } });
        } catch (error) {
          // A directory, an old version, or an older agent: there is no map of those.
          if (!isVaultError(error)) throw error;
        }
      },
    },
  ];
}
