/**
 * The proofs that journals forked: a small file, in memory as a whole. What is lost of it comes again
 * from other devices, or from the branches themselves.
 */
import { VaultError } from '../../protocol/errors.ts';
import { journal } from '../../protocol/limits.ts';
import type { Disk } from '../ports.ts';
import { keepBadRanges, type TailParts } from './damage.ts';
import { forkLogPath } from './paths.ts';
import { openRecordLog } from './record-log.ts';
import type { DiskStatementLog } from './statement-log.ts';

/** @throws VaultError `io` */
export async function openForkLog(
  parts: TailParts & { readonly disk: Disk },
): Promise<DiskStatementLog> {
  const log = await openRecordLog(parts.disk, {
    path: forkLogPath,
    kind: 'statement',
    keepBad: (file, range) => keepBadRanges(parts, { path: forkLogPath, file, ranges: [range] }),
  });
  return {
    all: () => [...log.bodies],
    async append(proofs) {
      for (const proof of proofs) checkSize(proof);
      if (proofs.length > 0) await log.append(proofs);
    },
    bytes: () => log.size,
    close: () => log.close(),
  };
}

function checkSize(proof: Uint8Array): void {
  if (proof.length <= journal.forkProofBytesMax) return;
  throw new VaultError('too-large', {
    op: 'forks.append',
    detail: `${String(proof.length)} bytes`,
  });
}
