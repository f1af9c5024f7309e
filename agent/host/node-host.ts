/**
 * The ports of the product, put together: this machine's clock, randomness, files, index, network and
 * threads. Nothing here starts by itself: the threads start with the first work, the index opens when
 * the agent asks for it.
 */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Log, Ports } from '../ports.ts';
import { createLevelIndexHost } from './level-index.ts';
import { createLocalFiles } from './local-files.ts';
import { createNodeClock } from './node-clock.ts';
import { createNodeDisk } from './node-disk.ts';
import { createNodeNetwork } from './node-network.ts';
import { createNodeRandom } from './node-random.ts';
import { createWorkPool } from './work-pool.ts';

/** UDP; the number of the default TCP port, so that one firewall rule names both. */
const beaconUdpPort = 7420;

export interface NodePortsOptions {
  /** Root of the disk port. */
  readonly home: string;
  readonly config: Config;
  readonly log: Log;
}

/** The caller closes `work` when nothing uses it any more. */
export function createNodePorts({ home, config, log }: NodePortsOptions): Ports {
  const threads = config.value('work.threads');
  return {
    clock: createNodeClock(),
    random: createNodeRandom(),
    disk: createNodeDisk(home, { directIo: config.value('store.direct-io'), log }),
    index: createLevelIndexHost(join(home, 'index')),
    network: createNodeNetwork({
      beaconPort: config.value('peers.beacon') ? beaconUdpPort : undefined,
    }),
    localFiles: createLocalFiles(),
    work: createWorkPool({ width: threads === 0 ? undefined : threads }),
    log,
  };
}
