/** Which parts of the file that a get reads are here, as they come. */
import type { TransferRow } from '../../../protocol/control/reports.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { State } from '../../state/state.ts';
import type { Watch } from '../view.ts';
import { selectedTransfer } from './slice.ts';

/** More than any pane has room for. */
const cells = 600;

export function piecesWatches(state: State): readonly Watch[] {
  const selected = selectedTransfer(state);
  if (selected?.kind !== 'get') return [];
  const path = bytesOf(selected);
  if (path === undefined) return [];
  const { id } = selected;
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

/** From the top of the vault. What is not UTF-8 is not what its text says. */
function bytesOf({ path, pathBytes }: TransferRow): Buffer | undefined {
  if (pathBytes !== undefined) return Buffer.from(pathBytes, 'base64');
  return path === null ? undefined : Buffer.from(path.replace(/^\//, ''));
}
