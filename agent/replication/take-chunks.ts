/** What a peer is asked for next: which of the chunks that it holds go into one call. Pure. */
import { replication as limits } from '../../protocol/limits.ts';
import type { Lane, OpenChunk } from './lane.ts';

const stealAfterMs = 1_000;
/** Whoever reads does not wait longer for a chunk of a long call of a slow peer, when another one has it. */
const lateAfterMs = 5_000;
const stealChunksMax = 8;

/** Chunks that are read soon and that nobody is bringing, or somebody is late to bring. */
export function takeSoon(lane: Lane, bytesMax: number, nowMs: number): OpenChunk[] {
  const chunks: OpenChunk[] = [];
  let bytes = 0;
  for (const chunk of lane.soon) {
    if (isUnderWay(chunk, lane) && !isLate(chunk, lane, nowMs)) continue;
    if (chunks.length === limits.fetchIdsMax) break;
    if (bytes > 0 && bytes + chunk.length > bytesMax) break;
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return chunks;
}

/** Chunks that nobody else is bringing. */
export function takeFree(lane: Lane, bytesMax: number): OpenChunk[] {
  const chunks: OpenChunk[] = [];
  let bytes = 0;
  while (lane.cursor < lane.ready.length && chunks.length < limits.fetchIdsMax) {
    const chunk = lane.ready[lane.cursor];
    if (chunk === undefined || (bytes > 0 && bytes + chunk.length > bytesMax)) break;
    lane.cursor += 1;
    if (chunk.settled || !chunk.holders.has(lane.device) || isUnderWay(chunk, lane)) continue;
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return chunks;
}

function isUnderWay(chunk: OpenChunk, lane: Lane): boolean {
  for (const call of chunk.flights) if (!call.stalled || call.device === lane.device) return true;
  return false;
}

function isLate({ flights }: OpenChunk, lane: Lane, nowMs: number): boolean {
  const [call, second] = flights;
  if (call === undefined || second !== undefined || call.device === lane.device) return false;
  return nowMs - call.startedAtMs > lateAfterMs;
}

/** Nothing is free: chunks that another peer has been slow to bring, its last ones first. */
export function takeSlow(lane: Lane, nowMs: number): OpenChunk[] {
  const slow = lane.ready.filter((chunk) => {
    if (chunk.settled || !chunk.holders.has(lane.device) || chunk.flights.size !== 1) return false;
    const [call] = chunk.flights;
    return call?.device !== lane.device && nowMs - (call?.startedAtMs ?? nowMs) > stealAfterMs;
  });
  return slow.slice(-stealChunksMax);
}
