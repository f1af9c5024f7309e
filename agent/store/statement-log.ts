/**
 * The membership log of the disk store: small, in memory as a whole, and on the disk twice. Without it
 * a device does not know who it belongs to and cannot even ask the others, so that one bad byte must
 * not be able to take it away: what one file has lost comes back from its copy.
 */
import { VaultError } from '../../protocol/errors.ts';
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
  await heal(copy, first);
  return {
    all: () => [...first.bodies],
    async append(signed) {
      for (const statement of signed) checkSize(statement);
      if (signed.length === 0) return;
      await first.append(signed);
      await copy.append(signed);
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
