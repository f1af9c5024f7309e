import { wire } from '../../protocol/limits.ts';

const plainBytesMax = wire.noiseMessageBytesMax - wire.noiseTagBytes;

/** Any bytes as groups that fit one record each, wherever their frames are cut. */
export function recordGroups(...parts: readonly Uint8Array[]): Uint8Array[][] {
  const bytes = Buffer.concat(parts);
  const groups: Uint8Array[][] = [];
  for (let at = 0; at < bytes.length; at += plainBytesMax) {
    groups.push([bytes.subarray(at, at + plainBytesMax)]);
  }
  return groups;
}
