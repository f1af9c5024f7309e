/** What only the entry point knows about this process. */
import type { ProcessFacts } from '../agent.types.ts';

/** Of the agent process: its parent is the supervisor, as long as the channel to it is open. */
export function processFacts(): ProcessFacts {
  return {
    pid: process.pid,
    supervisorPid: process.connected ? process.ppid : undefined,
    nodeVersion: process.version,
    platform: `${process.platform}-${process.arch}`,
    memoryBytes: () => process.memoryUsage.rss(),
  };
}
