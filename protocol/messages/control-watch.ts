/** What `watch` tells: which reports would answer something else now. */
import { control as limits } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { codec } from './codec.ts';
import type { Codec } from './codec.ts';

const generated = peervault.control;

/** The reports that can be watched, by the names of their calls. */
export const watchedReports = [
  'status',
  'peers',
  'members',
  'approvals',
  'transfers',
  'diskFree',
  'snapshots',
  // The tree itself: what it lists, its conflicts, its history.
  'list',
] as const;
export type WatchedReport = (typeof watchedReports)[number];

const known: ReadonlySet<string> = new Set(watchedReports);

/** Names that this version does not know are left out; the first message of a call has none. */
export const watched: Codec<readonly WatchedReport[]> = codec(
  'control.watched',
  { 1: { bytesMax: limits.keyTextBytesMax, text: true, countMax: limits.watchedReportsMax } },
  generated.Watched,
  {
    toWire: (reports) => ({ reports: [...reports] }),
    fromWire: ({ reports }) => reports.filter((name): name is WatchedReport => known.has(name)),
  },
);
