/** Reports about limits of transfers, and about what comes first. */

/** Answer of `limit`. */
export interface LimitReport {
  /** Of chunks from all other devices together; null: no limit. */
  readonly inBytesPerSecond: number | null;
  /** Of chunks to them. */
  readonly outBytesPerSecond: number | null;
}

/** Answer of `transferFirst`. */
export interface FirstReport {
  /** Chunks that were missing here and are asked for before all others. */
  readonly chunks: number;
  /** Sealed. */
  readonly bytes: number;
  /** Files whose list of chunks is not here yet: it comes first, and the rest in its turn. */
  readonly filesUnknown: number;
}
