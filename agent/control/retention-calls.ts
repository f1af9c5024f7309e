/** The calls about what is kept of the past: rules, letting versions go, giving space back. */
import type {
  CollectReport,
  FoldReport,
  ForgetReport,
  RetentionReport,
} from '../../protocol/control/retention-reports.ts';
import {
  collectRequest,
  foldRequest,
  forgetRequest,
  retentionSetRequest,
} from '../../protocol/messages/control-retention.ts';
import { pathRequest } from '../../protocol/messages/control.ts';
import { parsePath } from '../vault/path.ts';
import { retentionOf, setRetention } from '../vault/retention/show.ts';
import { Slices } from '../vault/slices.ts';
import type { ControlContext } from './context.ts';
import { foldReport } from './fold-report.ts';

export function retentionReport(
  { vault, clock }: ControlContext,
  request: Buffer,
  signal: AbortSignal,
): Promise<RetentionReport> {
  const { path } = pathRequest.fromWire(request);
  return retentionOf(vault.tree, parsePath(path), new Slices(clock, signal));
}

export function setRetentionReport(
  { vault }: ControlContext,
  request: Buffer,
): Promise<RetentionReport> {
  const { path, rule } = retentionSetRequest.fromWire(request);
  return setRetention(vault.parts, parsePath(path), rule);
}

export async function forgetReportOf(
  { retention }: ControlContext,
  request: Buffer,
  signal: AbortSignal,
): Promise<ForgetReport> {
  const { path, dryRun } = forgetRequest.fromWire(request);
  const below = parsePath(path);
  if (dryRun) return retention.forgetting.dryRun(below, signal);
  const report = await retention.forgetting.forget(below, signal);
  retention.look();
  return report;
}

export async function collectReportOf(
  { retention }: ControlContext,
  request: Buffer,
): Promise<CollectReport> {
  const { dryRun } = collectRequest.fromWire(request);
  await retention.acknowledged();
  return dryRun ? retention.collector.survey() : retention.collector.collect();
}

export async function foldReportOf(
  context: ControlContext,
  request: Buffer,
  signal: AbortSignal,
): Promise<FoldReport> {
  const { dryRun } = foldRequest.fromWire(request);
  const { folding, checkpoints } = context.retention;
  const folded = await (dryRun ? folding.dryRun(signal) : folding.fold(signal));
  // What this device thinks of it is in the answer.
  checkpoints.look();
  await checkpoints.idle();
  return foldReport(context, folded, dryRun);
}
