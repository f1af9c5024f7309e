/** A mount that is being answered, whoever speaks with the kernel. */
import type { FileSystem } from '../operations/file-system.ts';
import type { Trace } from './trace.ts';

export interface SessionEnd {
  readonly error: Error | undefined;
}

export interface Served {
  readonly fs: FileSystem;
  readonly trace: Pick<Trace, 'report'>;
  /** Resolves when nothing is asked any more. */
  readonly ended: Promise<SessionEnd>;
  /** The mount was taken away, which not every driver notices. */
  unmounted(): void;
  /** Lets the kernel's requests be; whoever waits for one gets an error. */
  closeTransport(): void;
  /** Stops answering and publishes what can be published. The mount itself is the business of others. */
  close(): Promise<void>;
}
