import test from 'ava';
import { createMemoryIndex } from '../../../agent/store/memory-index.ts';
import { createSimDisk } from '../../simulation/world/sim-disk.ts';
import { createSimIndexHost } from '../../simulation/world/sim-index.ts';
import { seededFraction } from '../../helpers/sim-store.ts';
import { diskSuite } from '../../suites/disk.ts';
import { indexSuite } from '../../suites/index.ts';

indexSuite(test, 'memory index', () => Promise.resolve(createMemoryIndex()));
indexSuite(test, 'simulated index', () =>
  createSimIndexHost({ fraction: seededFraction(1) }).open(),
);
diskSuite(test, 'simulated disk', () =>
  Promise.resolve(createSimDisk({ fraction: seededFraction(1) })),
);
