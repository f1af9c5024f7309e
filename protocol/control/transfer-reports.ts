/** Reports about limits of transfers, about what comes first, and which parts of a file are here. */

/** Answer of `limit`. */
export interface LimitReport {
  /** Of chunks from all other devices together; null: no limit. */
  readonly inBytesPerSecond: number | null;
  /** Of chunks to them. */
  readonly outBytesPerSecond: number | null;
}

/** Answer of `pieces`. */
export interface PiecesReport {
  /** Of the file, from the root; not escaped. */
  readonly path: string;
  /** Of its content. */
  readonly bytes: number;
  /** Of these on this device. */
  readonly bytesHere: number;
  /** false: from somewhere on the list of its chunks is not here, and nothing is known of the rest. */
  readonly known: boolean;
  /** The content in parts of the same length, in order: how much of each is here, from 0 to 100. */
  readonly cells: readonly number[];
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
