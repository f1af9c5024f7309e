/**
 * The membership log of the disk store: small, in memory as a whole, and on the disk twice. Without it
 * a device does not know who it belongs to and cannot even ask the others, so that one bad byte must
 * not be able to take it away: what one file has lost comes back from its copy. A statement is durable when it
 * stands in the first file; a copy that did not take it gets it with the next one, or at the next start.
 */
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import { members } from '../../protocol/limits.ts';
import type { Disk } from '../ports.ts';
import { keepBadRanges, type TailParts } from './damage.ts';
import { statementLogCopyPath, statementLogPath } from './paths.ts';
import { openRecordLog, type RecordLog } from './record-log.ts';
import type { StatementLog } from './store.ts';

export interface DiskStatementLog extends StatementLog {
  bytes(): number;
  close(): Promise<void>;
}

/** @throws VaultError `io` */
export async function openStatementLog(
  parts: TailParts & { readonly disk: Disk },
): Promise<DiskStatementLog> {
  const first = await openLog(parts, statementLogPath);
  const copy = await openLog(parts, statementLogCopyPath);
  await heal(first, copy);
  let isBehind = true;
  /** What stands in the first file counts: an issuer that took its number for another one would freeze itself. */
  const repeat = async (signed: readonly Uint8Array[]): Promise<void> => {
    try {
      await (isBehind ? heal(copy, first) : copy.append(signed));
      isBehind = false;
    } catch (error) {
      isBehind = true;
      const { detail, message } = toVaultError(error, 'statements.append');
      const reason = detail ?? message;
      parts.news.tell({ type: 'sync-failed', file: statementLogCopyPath, reason });
    }
  };
  await repeat([]);
  return {
    all: () => [...first.bodies],
    async append(signed) {
      for (const statement of signed) checkSize(statement);
      if (signed.length === 0) return;
      await first.append(signed);
      await repeat(signed);
    },
    bytes: () => first.size + copy.size,
    async close() {
      await first.close();
      await copy.close();
    },
  };
}

function openLog(parts: TailParts & { readonly disk: Disk }, path: string): Promise<RecordLog> {
  return openRecordLog(parts.disk, {
    path,
    kind: 'statement',
    keepBad: (file, range) => keepBadRanges(parts, { path, file, ranges: [range] }),
  });
}

/** Gives `log` what only the other one has. Their order does not matter to whoever reads them. */
async function heal(log: RecordLog, other: RecordLog): Promise<void> {
  const here = new Set(log.bodies.map((body) => body.toString('latin1')));
  const lost = other.bodies.filter((body) => !here.has(body.toString('latin1')));
  if (lost.length > 0) await log.append(lost);
}

function checkSize(statement: Uint8Array): void {
  if (statement.length <= members.statementBytesMax) return;
  throw new VaultError('too-large', {
    op: 'statements.append',
    detail: `${String(statement.length)} bytes`,
  });
}
