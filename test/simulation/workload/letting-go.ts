/**
 * Letting old versions go, giving their space back, and uploads that are given up. None of it may touch
 * what a tree shows: the ledger is not told, so whatever is missed later is a finding.
 */
import { VaultError } from '../../../protocol/errors.ts';
import { chunk } from '../../../protocol/limits.ts';
import type { Device } from '../world/device.ts';
import { contentOf } from './content.ts';
import type { Desk } from './desk.ts';
import type { Scene } from './operations.ts';

/** Of each file only the last version and what was the present one just before stay, and no trash. */
export const strictRule = 'keep-last=1 trash-days=0';

/** Gives the whole vault a rule. */
export async function setRule(device: Device, rule: string): Promise<void> {
  const session = device.connect();
  try {
    await session.client.retentionSet({ path: Buffer.alloc(0), rule });
  } finally {
    session.close();
  }
}

export async function forget({ findings, world }: Scene, desk: Desk): Promise<void> {
  const report = await desk.client().forget({ path: Buffer.alloc(0), dryRun: false });
  world.trace.note(desk.device.name, `forget ${String(report.versions)}`);
  findings.count('forget');
  if (report.versions > 0) findings.count('forgot something');
}

export async function collect({ findings, world }: Scene, desk: Desk): Promise<void> {
  const { chunks, freedBytes, stopped } = await desk.client().collect({ dryRun: false });
  world.trace.note(desk.device.name, `gc ${String(chunks)} ${String(freedBytes)}`);
  findings.count('gc');
  if (chunks > 0) findings.count('dropped something');
  if (freedBytes > 0) findings.count('freed something');
  if (stopped !== null) findings.count('gc stopped');
}

/** Has everybody agree on what all that can be folded amounts to; who is no admin only asks. */
export async function fold({ findings, world }: Scene, desk: Desk): Promise<void> {
  const dryRun = desk.device.role !== 'admin';
  const { batches, issued, folded } = await desk.client().fold({ dryRun });
  world.trace.note(desk.device.name, `fold ${String(batches)} ${issued ?? ''}`);
  findings.count('fold');
  if (issued !== null) findings.count('issued a checkpoint');
  if (folded?.here === 'done') findings.count('took bodies away');
}

/** Sends some of a file, and no more. */
export async function giveUp(
  { findings, world }: Scene,
  desk: Desk,
  { path, size }: { readonly path: string; readonly size: number },
): Promise<void> {
  const content = contentOf(0, Math.max(size, chunk.plainBytesMin));
  const request = { destination: Buffer.alloc(0), parents: true, into: false, checksum: true };
  const session = desk.client().put(request);
  try {
    await session.offer([
      {
        ...{ path: Buffer.from(path, 'latin1'), kind: 'file', size: content.length, mode: 0o644 },
        mtime: { seconds: Math.floor(world.clock.nowMs() / 1000), nanoseconds: 0 },
      },
    ]);
    await session.beginBody(0);
    await session.data(content.subarray(0, content.length - 1));
  } finally {
    session.fail(new VaultError('cancelled', { op: 'sim.giveUp' }));
  }
  findings.count('gave up');
}

/** Whether a run has done enough of it to say anything. */
export function hasLetGo(counts: ReadonlyMap<string, number>): boolean {
  return ['forgot something', 'dropped something', 'freed something'].every(
    (what) => (counts.get(what) ?? 0) > 0,
  );
}
