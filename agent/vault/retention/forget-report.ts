/** A plan as people and scripts read it. Pure. */
import type { ForgetReport, ForgetRow } from '../../../protocol/control/retention-reports.ts';
import { sizeOf } from '../browse.ts';
import { formatTime } from '../format-time.ts';
import { reportPath } from '../path.ts';
import { formatVersion } from '../version-id.ts';
import type { ForgetPlan, PlannedVersion } from './plan.ts';

const rowsMax = 10_000;

export interface Said {
  /** What folding left. */
  readonly left: ForgetPlan['chunks'];
  /** Ids of the statements that were issued; undefined: it was a dry run. */
  readonly releases: readonly string[] | undefined;
}

export function forgetReport(
  { versions, chunks }: ForgetPlan,
  { left, releases }: Said,
): ForgetReport {
  const goes = versions.filter(({ fate }) => fate === 'goes').length;
  // What goes comes first where not everything can be listed.
  const listed =
    versions.length <= rowsMax
      ? versions
      : [...versions].sort((a, b) => Number(b.fate === 'goes') - Number(a.fate === 'goes'));
  return {
    dryRun: releases === undefined,
    versions: goes,
    kept: versions.length - goes,
    chunks: chunks.size + left.size,
    bytes: bytesOf(chunks) + bytesOf(left),
    leftChunks: left.size,
    leftBytes: bytesOf(left),
    releases: releases ?? [],
    rows: listed.slice(0, rowsMax).map(rowOf),
    omitted: Math.max(0, versions.length - rowsMax),
  };
}

function bytesOf(chunks: ForgetPlan['chunks']): number {
  return [...chunks.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function rowOf({ path, version, fate, reasons }: PlannedVersion): ForgetRow {
  return {
    ...reportPath(path),
    version: formatVersion(version.op),
    time: formatTime(version.stamp.wallMs),
    size: sizeOf(version.content),
    fate,
    reasons,
  };
}
