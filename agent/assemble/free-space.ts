/** How much room the disk has, known without asking it every time: looked up twice a minute. */
import type { Clock, Disk, Log } from '../ports.ts';

const everyMs = 30_000;

export interface FreeSpace {
  bytes(): number;
  close(): void;
}

export async function watchFreeSpace({
  disk,
  clock,
  log,
  onLook,
}: {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each look but the first. */
  readonly onLook?: () => void;
}): Promise<FreeSpace> {
  let bytes = await disk.freeBytes();
  let closed = false;
  const look = async (): Promise<void> => {
    try {
      bytes = await disk.freeBytes();
    } catch (error) {
      log.warn({ err: error }, 'the free space of the disk is not known');
    }
    if (closed) return;
    timer = again();
    onLook?.();
  };
  const again = (): { cancel(): void } => clock.after(everyMs, () => void look());
  let timer = again();
  return {
    bytes: () => bytes,
    close() {
      closed = true;
      timer.cancel();
    },
  };
}
