/** What the agent process runs, whether it is an agent or only its rescue: something to wait for and to close. */
import type { ShutdownRequest } from '../agent.types.ts';

export interface Running {
  readonly shutdownRequested: Promise<ShutdownRequest>;
  close(): Promise<void>;
}
