/**
 * Worlds with a planted fault that the checkers must find within a bounded number of seeds. The agent
 * is the product's; what it believes to be durable is not.
 */
import { usualHabits } from './user.ts';
import { usualMalice, type Malice } from './nemesis.ts';
import type { RunOptions } from './run.ts';

export interface ControlArm {
  /** Goes on after "the checkers catch". */
  readonly name: string;
  readonly seedsMax: number;
  readonly options: Omit<RunOptions, 'seed'>;
}

/** Much power is cut while the devices do not see each other: what is lost is lost everywhere. */
const darkness: Malice = {
  pauseMs: 4_000,
  weights: {
    ...(Object.fromEntries(
      Object.keys(usualMalice.weights).map((evil) => [evil, 0]),
    ) as unknown as Malice['weights']),
    isolate: 4,
    powerCut: 6,
  },
};

const world: Omit<RunOptions, 'seed'> = {
  devices: 2,
  rounds: 1,
  roundMs: 60_000,
  malice: darkness,
  habits: {
    thinkMs: 3_000,
    largeBytesMax: 900_000,
    weights: { ...usualHabits.weights, mv: 0, rm: 0, putMany: 0 },
  },
};

export const controlArms: readonly ControlArm[] = [
  {
    name: 'a disk whose syncs of segments and journals do nothing',
    seedsMax: 8,
    options: {
      ...world,
      machine: { skipsSync: (path) => /\.(seg|jnl)$/.test(path) },
    },
  },
  {
    name: 'batches that are durable before the chunks that they name',
    seedsMax: 8,
    options: { ...world, machine: { skipsSync: (path) => path.endsWith('.seg') } },
  },
  {
    name: 'answers that are given before the batch is durable',
    seedsMax: 8,
    options: { ...world, machine: { skipsSync: (path) => path.endsWith('.jnl') } },
  },
];
