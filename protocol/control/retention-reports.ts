/** Reports about what is kept of the past, what is dropped, and what space comes back. */
import type { Timestamp } from './reports.ts';

/** Where a half of the effective rule comes from. */
export interface RetentionSource {
  /** The words that count, for example `keep-last=10 keep-daily=7`. */
  readonly rule: string;
  /** The path that has them. */
  readonly path: string;
}

/** Answer of `retention` and `retentionSet`. */
export interface RetentionReport {
  readonly path: string;
  /** The rule that the path has itself; null: none. */
  readonly own: string | null;
  /** What decides about older versions; null: all are kept. */
  readonly keep: RetentionSource | null;
  /** What decides about what was deleted; null: it is kept. */
  readonly trash: RetentionSource | null;
  /** Rules of their own at and below the path. */
  readonly below: readonly RetentionSource[];
}

/** What happens to one version, and why. */
export interface ForgetRow {
  readonly path: string;
  /** base64, when they are not UTF-8; then `path` is escaped. */
  readonly pathBytes?: string;
  readonly version: string;
  readonly time: Timestamp;
  readonly size: number;
  /** `goes`: its content is dropped; `kept`: see `reasons`; `shared`: no rule keeps it, but its bytes are in use. */
  readonly fate: 'goes' | 'kept' | 'shared';
  /**
   * `current`, `conflict`, `last`, `hourly` to `yearly`, `within`, `trash`, `snapshot NAME`, `empty`, `no rule`,
   * `not here`; none of one that goes.
   */
  readonly reasons: readonly string[];
}

/** Answer of `forget`. */
export interface ForgetReport {
  readonly dryRun: boolean;
  /** Versions that go. */
  readonly versions: number;
  /** Older versions that stay. */
  readonly kept: number;
  /** Chunks and small records that nothing else needs. */
  readonly chunks: number;
  /** Their sealed bytes: what every device that has them all gets back. */
  readonly bytes: number;
  /** Of these, what folding left: no version needs it, and none of the rows is about it. */
  readonly leftChunks: number;
  readonly leftBytes: number;
  /** Ids of the statements that say so; none in a dry run. */
  readonly releases: readonly string[];
  /** The first of the versions; `omitted` more are not listed. */
  readonly rows: readonly ForgetRow[];
  readonly omitted: number;
}

/** A writer that has not acknowledged a release yet. */
export interface WaitingFor {
  readonly deviceId: string;
  readonly name: string;
}

/** Answer of `collect`. */
export interface CollectReport {
  readonly dryRun: boolean;
  /** Chunks and small records that may be dropped here now; after a run: that were. */
  readonly chunks: number;
  readonly bytes: number;
  /** Released ones that have to stay until `waitsFor` have acknowledged it. */
  readonly waitingChunks: number;
  readonly waitingBytes: number;
  readonly waitsFor: readonly WaitingFor[];
  /** Chunks that no change names, of uploads that were given up: they go at `unnamedGoAt` if that stays so. */
  readonly unnamedChunks: number;
  readonly unnamedBytes: number;
  /** null: there are none, as far as somebody has looked. */
  readonly unnamedGoAt: Timestamp | null;
  /** Bytes of files that this run gave back, and of those that it copied for that. */
  readonly freedBytes: number;
  readonly copiedBytes: number;
  /** Why it stopped; null: it is done. */
  readonly stopped: string | null;
}

/** One that ended. */
export interface CollectRun {
  readonly at: Timestamp;
  /** Bytes of files that it gave back. */
  readonly freedBytes: number;
  readonly copiedBytes: number;
  /** Why it stopped; null: it was done. */
  readonly stopped: string | null;
}

/** A device that has not acknowledged, as this one knows it. */
export interface AbsentAcknowledger extends WaitingFor {
  readonly online: boolean;
  readonly lastSeen: Timestamp | null;
}

/** A device that may still write something without having seen so many of the batches that could be folded. */
export interface FoldWait extends AbsentAcknowledger {
  readonly batches: number;
}

/** Answer of `fold`. */
export interface FoldReport {
  readonly dryRun: boolean;
  /** Batches of old history that can be folded now, and their bytes in the journals. */
  readonly batches: number;
  readonly bytes: number;
  /** What each device that reads gets back of these bytes: headers and signatures stay, and the state comes on top. */
  readonly bytesBack: number;
  /** Of all batches that count here. */
  readonly batchesAll: number;
  readonly bytesAll: number;
  /** Batches that rules, snapshots, the trash and hidden branches keep, and those beyond them. */
  readonly batchesKept: number;
  /** The oldest moment that `--at` shows when these are folded; null: nothing can be folded. */
  readonly visibleFrom: Timestamp | null;
  /** Who holds the others up. */
  readonly waitsFor: readonly FoldWait[];
  /** Id of the checkpoint that was issued; null: none. */
  readonly issued: string | null;
  /** The one that stands, this one or an earlier one; null: none. */
  readonly checkpoint: CheckpointReport | null;
  /** What is folded already, by the word of an admin; null: nothing is. */
  readonly folded: FoldedReport | null;
}

/** What is folded, and how far this device has heeded it. */
export interface FoldedReport {
  readonly id: string;
  readonly batches: number;
  /** `done`: the bodies went from the journals here. */
  readonly here: FoldHere;
  /** Bytes that the journals of this device have less since the agent started. */
  readonly freedBytes: number;
  /** The oldest moment that `--at` shows here; null: the journals here are whole. */
  readonly visibleFrom: Timestamp | null;
}

/**
 * `working`: it is about it; `behind`: changes that are folded are not here yet; `pages`: parts of the state
 * that stands for them are not; `other-state`: this device makes another state of the same changes;
 * `blind`: it cannot check a state, and keeps what it has.
 */
export type FoldHere = 'done' | 'working' | 'behind' | 'pages' | 'other-state' | 'blind';

/** What the devices think of the checkpoint that stands. */
export interface CheckpointReport {
  readonly id: string;
  readonly batches: number;
  /** Every device that may write has made the state by itself, and found the same. */
  readonly isAgreed: boolean;
  /** Those that have not said so. */
  readonly waitsFor: readonly AbsentAcknowledger[];
  /**
   * Whether everything here that it does not fold has seen all that it does, as has to be once it is
   * agreed to; null: that was not looked at, or what it folds is not all here.
   */
  readonly isStable: boolean | null;
  /** Why this device has not; null: it has, or may not write. */
  readonly here: CheckpointHere | null;
}

/** Why a device does not agree to a checkpoint. */
export interface CheckpointHere {
  /**
   * `looking`: it makes the state; `behind`: batches are not here yet; `other-branch`: it counts other
   * batches; `other-state`: it made another state of the same ones; `unseen`: it wrote before it had seen
   * all of it; `leaves-out`: the checkpoint leaves devices out, and this version knows no such; `failed`:
   * something could not be read.
   */
  readonly code:
    'looking' | 'behind' | 'other-branch' | 'other-state' | 'unseen' | 'leaves-out' | 'failed';
  readonly message: string;
}

/** A part of `StatusReport`: what went by the rules, and the space that comes back for it on this device. */
export interface SpaceReport {
  /** When the amounts below were found; null: nobody has looked since the agent started. */
  readonly asOf: Timestamp | null;
  /** What the next run drops. */
  readonly bytes: number;
  /** Of uploads that were given up: they go when nothing has named them for a while. */
  readonly unnamedBytes: number;
  /** What comes back when `waitsFor` have acknowledged it. */
  readonly waitingBytes: number;
  readonly waitsFor: readonly AbsentAcknowledger[];
  /** null: none has ended since the agent started. */
  readonly lastRun: CollectRun | null;
  /** null: there is none to come. */
  readonly nextRunAt: Timestamp | null;
  /** Letting go by the rules, once a day by itself; null: other devices do it. */
  readonly forgetting: {
    /** null: not since the agent started. */
    readonly lastRunAt: Timestamp | null;
    /** Why nothing went at the last run; null: it was done. */
    readonly failed: string | null;
    readonly nextRunAt: Timestamp | null;
  } | null;
}
