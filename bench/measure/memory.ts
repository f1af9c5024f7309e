/** Memory of processes, as the kernel counts it. */
import { readFile } from 'node:fs/promises';

/** The most that a process ever had in memory, in bytes. */
export async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  if (found === null) throw new Error(`the kernel does not say how much memory ${String(pid)} had`);
  return Number(found[1]) * 1024;
}
