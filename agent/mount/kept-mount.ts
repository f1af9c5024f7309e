/**
 * A mount that the supervisor makes and keeps: agents below it come and go, and whoever uses the mount
 * notices a pause. Only root's can be kept; of others the agent makes a new one each time.
 */
import { VaultError } from '../../protocol/errors.ts';
import {
  closeDescriptor,
  mountAsRoot,
  prepareDirectory,
  realDirectory,
  unmount,
  whoMounts,
  type MountOptions,
} from '../../fuse/mount/mount.ts';
import type { StartMount } from '../agent.types.ts';

export type { MountOptions };

export interface KeptMount {
  /** Of the supervisor; undefined: the agent makes the mount. */
  readonly descriptor: number | undefined;
  /** What the next agent is told. */
  forAgent(): StartMount;
  /** Takes away what the last agent left, and lets the descriptor go. */
  release(): Promise<void>;
}

/** What an agent has as its descriptor, whatever the supervisor's number is. */
const agentDescriptor = 5;

/** @throws VaultError whatever keeps it from being mounted */
export async function keepMount(wanted: MountOptions, home: string): Promise<KeptMount> {
  const { driver } = wanted;
  const directory = await realDirectory(wanted.directory);
  const options = { ...wanted, directory };
  if (`${home}/`.startsWith(`${directory}/`)) {
    throw new VaultError('usage', {
      op: 'vaultd.start',
      subject: directory,
      detail: "the agent's own home is in it",
      next: 'choose a directory outside of the home',
    });
  }
  await prepareDirectory(directory);
  // The library keeps its descriptor to itself.
  const isKept = whoMounts().uid === 0 && driver === 'kernel';
  const descriptor = isKept ? await mountAsRoot(options) : undefined;
  let agents = 0;
  let isReleased = false;
  return {
    get descriptor() {
      return isReleased ? undefined : descriptor;
    },
    forAgent() {
      agents += 1;
      if (descriptor === undefined || isReleased) return { ...options, resumed: false };
      return { ...options, descriptor: agentDescriptor, resumed: agents > 1 };
    },
    async release() {
      if (descriptor === undefined || isReleased) return;
      isReleased = true;
      closeDescriptor(descriptor);
      await unmount(directory, { lazy: true });
    },
  };
}
