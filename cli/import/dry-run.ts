/** What an import would do, item by item: the agent is asked as always, and stores nothing. */
import { VaultError } from '../../protocol/errors.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import { isNeeded } from '../../protocol/messages/control-put.ts';
import type { SourceItem } from '../put/source-item.ts';
import { batch } from '../put/upload.ts';

export interface Planned {
  readonly item: SourceItem;
  /** It would be stored; else it is there already. */
  readonly isNew: boolean;
}

/**
 * @param session of a put with `dryRun`
 * @param onFailed gets what the agent would refuse
 */
export async function* planImport(
  session: PutSession,
  items: Iterator<SourceItem, undefined>,
  onFailed: (error: VaultError) => void,
): AsyncGenerator<Planned> {
  try {
    for (const offer of batch(items)) {
      await session.offer(offer.items);
      const bitmap = await nextNeed(session, onFailed);
      for (const [index, item] of offer.items.entries()) {
        yield { item, isNew: isNeeded(bitmap, index) };
      }
    }
    session.end();
    // What is left is the empty result.
    for (let down = await session.receive(); down !== undefined; down = await session.receive()) {
      if (down.type === 'failed') onFailed(down.error);
    }
  } catch (error) {
    session.fail(new VaultError('cancelled', { op: 'cli.import', cause: error }));
    throw error;
  }
}

async function nextNeed(
  session: PutSession,
  onFailed: (error: VaultError) => void,
): Promise<Buffer> {
  for (let down = await session.receive(); down !== undefined; down = await session.receive()) {
    if (down.type === 'need') return down.bitmap;
    if (down.type === 'failed') onFailed(down.error);
  }
  throw new VaultError('malformed', {
    op: 'cli.import',
    subject: 'answer of the agent',
    detail: 'an answer is missing',
    next: 'run the command again',
  });
}
