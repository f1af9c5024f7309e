/** Memory and time of processes, as the kernel counts them. */
import { readFile } from 'node:fs/promises';

/** What Linux gives to programs, whatever it counts in. */
const ticksPerSecond = 100;

/** The most that a process ever had in memory, in bytes. */
export async function peakBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  if (found === null) throw new Error(`the kernel does not say how much memory ${String(pid)} had`);
  return Number(found[1]) * 1024;
}

/** Seconds that all processors together worked for a process. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  // The name of the program stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
