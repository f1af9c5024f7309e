/** What people have said about transfers, over a restart: one small file of the home. */
import { parseId } from '../../protocol/ids.ts';
import { readSmallFile, replaceFile } from '../members/durable-file.ts';
import type { Disk, Log, Ports } from '../ports.ts';
import { bytesPerSecondBounds, Flow, type FlowSettings } from '../replication/flow.ts';

const path = 'transfers.json';
const bytesMax = 64 * 1024;

export interface SavedFlow {
  readonly flow: Flow;
  /** Resolves when what was said so far is on the disk, or cannot be. */
  readonly idle: () => Promise<void>;
}

/** A file that makes no sense limits nothing. What is said from now on is kept. */
export async function openFlow({ disk, clock, log }: Ports): Promise<SavedFlow> {
  const flow = new Flow(await read(disk, log), clock.monotonicMs());
  let writing = Promise.resolve();
  flow.onChange(() => {
    writing = writing.then(() => save(disk, flow.settings(), log));
  });
  return { flow, idle: () => writing };
}

async function save(disk: Disk, settings: FlowSettings, log: Log): Promise<void> {
  try {
    await replaceFile(disk, path, Buffer.from(JSON.stringify(settings)));
  } catch (err) {
    log.warn({ err, file: path }, 'what was said about transfers counts until the next start only');
  }
}

async function read(disk: Disk, log: Log): Promise<FlowSettings> {
  try {
    const bytes = await readSmallFile(disk, path, bytesMax);
    if (bytes === undefined) return { held: [] };
    const saved = JSON.parse(bytes.toString()) as Record<string, unknown>;
    return {
      inBytesPerSecond: rateOf(saved['inBytesPerSecond']),
      outBytesPerSecond: rateOf(saved['outBytesPerSecond']),
      held: Array.isArray(saved['held']) ? saved['held'].flatMap(heldOf) : [],
    };
  } catch (err) {
    log.warn({ err, file: path }, 'this file is not understood: nothing is limited');
    return { held: [] };
  }
}

function rateOf(value: unknown): number | undefined {
  const { min, max } = bytesPerSecondBounds;
  const known = typeof value === 'number' && Number.isSafeInteger(value);
  return known && value >= min && value <= max ? value : undefined;
}

function heldOf(value: unknown): FlowSettings['held'] {
  if (typeof value !== 'object' || value === null) return [];
  const { direction, device } = value as Record<string, unknown>;
  if (direction !== 'in' && direction !== 'out') return [];
  if (typeof device !== 'string') return [];
  return [{ direction, device: parseId('device', device) }];
}
