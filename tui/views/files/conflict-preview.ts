/** The first two versions of a conflict beside each other. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { Conflict, ConflictVersion } from '../../../protocol/messages/control-conflict.ts';
import { formatBytes } from '../../../protocol/text/format.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { row, span } from '../../screen/span.ts';
import type { Row } from '../../screen/span.ts';
import { readText } from './contents.ts';
import { pairsOf } from './diff.ts';
import type { Pair } from './diff.ts';
import { localMinute } from './text.ts';
import { joinPath, parentOf } from './paths.ts';
import type { Preview } from './slice.ts';

export async function conflictPreview(client: ControlClient, conflict: Conflict): Promise<Preview> {
  const heads = conflict.versions.map((version, at) => versionRow(version, at));
  const { rows, pairs } = await comparison(client, conflict);
  return { type: 'rows', rows: [...heads, [], ...rows], pairs };
}

function versionRow(version: ConflictVersion, at: number): Row {
  const { author, timeMs, size, own, name } = version;
  const when = timeMs === undefined ? '' : localMinute(timeMs);
  const by = `${escapeText(author ?? 'somebody')}${own ? ' (this device)' : ''}`;
  return row(
    span(at === 0 ? 'in' : 'out', ` ${String(at + 1)} ${by}`),
    ` ${when} ${formatBytes(size)} `,
    span('dim', escapeBytes(name)),
  );
}

interface Comparison {
  readonly rows: readonly Row[];
  readonly pairs: readonly Pair[];
}

const only = (...rows: readonly Row[]): Comparison => ({ rows, pairs: [] });

async function comparison(client: ControlClient, conflict: Conflict): Promise<Comparison> {
  const [left, right] = conflict.versions;
  if (left === undefined || right === undefined) {
    return only(row(' It was deleted on one device and changed on another.'));
  }
  if (left.kind !== 'file' || right.kind !== 'file')
    return only(row(' Not both of them are files.'));
  try {
    const above = parentOf(conflict.path);
    const texts = await Promise.all(
      [left, right].map(({ name, size }) =>
        readText(client, { path: joinPath(above, name), size }),
      ),
    );
    return pairsOf(texts[0] ?? '', texts[1] ?? '');
  } catch (error) {
    // What cannot be compared as text can still be chosen.
    if (isVaultError(error, 'not-supported', 'too-large', 'chunk-missing')) {
      return only(row(span('warn', ` ${escapeText(error.message)}`)));
    }
    throw error;
  }
}
