/** Every row, in the order in which they run. */
import type { Row } from '../measure/row.ts';
import { againSmall } from './again-small.ts';
import { consoleFrames } from './console-frames.ts';
import { consoleKeys } from './console-keys.ts';
import { consoleMemory } from './console-memory.ts';
import { getLarge } from './get-large.ts';
import { indexRebuild } from './index-rebuild.ts';
import { ls } from './ls.ts';
import { memory } from './memory.ts';
import { mergeAway } from './merge-away.ts';
import { mountAgent } from './mount-agent.ts';
import { mountData } from './mount-data.ts';
import { mountNames } from './mount-names.ts';
import { putLarge } from './put-large.ts';
import { putSmall } from './put-small.ts';
import { ready } from './ready.ts';
import { replicateLarge } from './replicate-large.ts';
import { replicateSmall } from './replicate-small.ts';
import { syncLarge } from './sync-large.ts';
import { syncSmall } from './sync-small.ts';
import { treeMillion } from './tree-million.ts';

export const rows: readonly Row[] = [
  ...[ls, ready, putLarge, getLarge, replicateLarge, syncLarge],
  ...[putSmall, againSmall, replicateSmall, syncSmall, indexRebuild, memory],
  ...[...treeMillion, mergeAway],
  ...[...mountData, ...mountNames, ...mountAgent],
  ...[...consoleFrames, ...consoleKeys, consoleMemory],
];
