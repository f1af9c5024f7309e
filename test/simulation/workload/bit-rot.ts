/**
 * Bits that flip at rest. Only while every device holds everything: then each chunk that rots has good
 * copies elsewhere, and nothing may be lost by it.
 */
import type { Chance } from '../world/chance.ts';
import type { Cluster } from '../world/cluster.ts';
import type { Device } from '../world/device.ts';
import type { Findings } from './findings.ts';

/** @returns whose chunks may be bad now; nobody notices before they are read */
export function rotOneSegment(
  { world, devices }: Cluster,
  { chance, findings }: { chance: Chance; findings: Findings },
): Device {
  const device = chance.pick(devices);
  const { machine } = device;
  const segments = machine.disk.paths.filter((path) => /^segments\/.*\.seg$/.test(path));
  if (segments.length === 0) return device;
  const flips = chance.skewed(1, 8);
  for (let flip = 0; flip < flips; flip += 1) {
    const path = chance.pick(segments);
    const bytes = machine.disk.peek(path)?.length ?? 0;
    if (bytes === 0) continue;
    const bit = chance.between(0, bytes * 8 - 1);
    machine.disk.flipBit(path, bit);
    world.trace.note(machine.name, `rot ${path} ${String(bit)}`);
    findings.count('bits rotten');
  }
  return device;
}
