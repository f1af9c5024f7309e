/** The membership log of the disk store: one small file, in memory as a whole. */
import { VaultError } from '../../protocol/errors.ts';
import { members } from '../../protocol/limits.ts';
import type { Disk } from '../ports.ts';
import { keepBadRanges, type TailParts } from './damage.ts';
import { statementLogPath } from './paths.ts';
import { openRecordLog } from './record-log.ts';
import type { StatementLog } from './store.ts';

export interface DiskStatementLog extends StatementLog {
  bytes(): number;
  close(): Promise<void>;
}

/** @throws VaultError `io` */
export async function openStatementLog(
  parts: TailParts & { readonly disk: Disk },
): Promise<DiskStatementLog> {
  const path = statementLogPath;
  const log = await openRecordLog(parts.disk, {
    path,
    kind: 'statement',
    keepBad: (file, range) => keepBadRanges(parts, { path, file, ranges: [range] }),
  });
  return {
    all: () => [...log.bodies],
    async append(signed) {
      for (const statement of signed) checkSize(statement);
      if (signed.length > 0) await log.append(signed);
    },
    bytes: () => log.size,
    close: () => log.close(),
  };
}

function checkSize(statement: Uint8Array): void {
  if (statement.length <= members.statementBytesMax) return;
  throw new VaultError('too-large', {
    op: 'statements.append',
    detail: `${String(statement.length)} bytes`,
  });
}
