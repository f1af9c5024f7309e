/**
 * What the kernel writes when a process crashes: without this it may be all of its memory, keys and
 * contents included. Children inherit it. Other limits (`ulimit -c`) are for whoever starts us to set.
 */
import { writeFileSync } from 'node:fs';

/** No mapping of any kind: proc_pid_coredump_filter(5). */
const nothing = '0';

export function keepMemoryOutOfCoreFiles(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', nothing);
  } catch {
    // A kernel that writes no such files has nothing to be told.
  }
}
