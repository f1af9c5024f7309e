/**
 * What the kernel writes when a process crashes: without this it may be all of its memory, keys and
 * contents included. Children inherit it; `bin/launcher.cjs` does the same for all programs. Other limits
 * (`ulimit -c`) are for whoever starts us to set.
 */
import { writeFileSync } from 'node:fs';

/** No mapping of any kind: proc_pid_coredump_filter(5). */
const nothing = '0';

/** @returns why it could not be done; undefined when nothing of our memory gets into such a file */
export function keepMemoryOutOfCoreFiles(): string | undefined {
  try {
    writeFileSync('/proc/self/coredump_filter', nothing);
    return undefined;
  } catch (error) {
    // A kernel that writes no such files has nothing to be told.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}
