/**
 * The heavy work on bytes, as jobs: pure functions of their input, so that a worker thread and the
 * simulator run the same code. Large bytes stand in memory that all threads share: a job is told where
 * to read and where to write, and nothing is copied or handed over. Until its answer has come, nobody
 * else touches the memory that a job was given.
 */
import type { ChunkKind } from './format.ts';
import type { StretchInput } from './stretch.ts';

/** Bytes that workers and the loop see at one place. The garbage collector never has to hear of them. */
export type Memory = SharedArrayBuffer;

/** Raw keys that a job needs; they cross to the workers and nowhere else. */
export interface SealKeys {
  readonly dedupKey: Uint8Array;
  readonly gearKey: Uint8Array;
  /** chunkKey of the epoch that new chunks are sealed under. */
  readonly chunkKey: Uint8Array;
}

/** A stretch of one file inside a slab. */
export interface SlabPart {
  readonly start: number;
  readonly end: number;
  /**
   * The file ends with this part: its last bytes become a chunk however short. Otherwise the bytes
   * after the last certain cut are left over.
   */
  readonly final: boolean;
  /** 32 fresh random bytes: the part is all of a small file, and becomes a small record. */
  readonly smallSalt?: Uint8Array | undefined;
}

export interface SplitSealInput {
  readonly slab: Memory;
  readonly parts: readonly SlabPart[];
  readonly keys: SealKeys;
  readonly kind: ChunkKind;
  /** Manifest pages are sealed whole. @default true */
  readonly split?: boolean;
  /** Per part, where its chunks end, when `split` has found that out already. */
  readonly cuts?: readonly (readonly number[] | undefined)[] | undefined;
  /** A `sealed` of an earlier output that nobody looks at any more: saves the memory's first touch. */
  readonly recycled?: Memory | undefined;
}

export interface SplitInput {
  readonly slab: Memory;
  readonly part: SlabPart;
  /** 32 bytes. */
  readonly gearKey: Uint8Array;
}

export interface SplitOutput {
  /** Where the chunks of the part end. */
  readonly cuts: readonly number[];
}

/** What a part that is a small file becomes, in `SplitSealOutput.sealed`. */
export interface SmallPiece {
  /** 32 bytes each: of the record, and of the content. */
  readonly id: Uint8Array;
  readonly hash: Uint8Array;
  readonly sealedOffset: number;
  readonly sealedLength: number;
}

/** One sealed chunk, in `SplitSealOutput.sealed`. */
export interface SealedPiece {
  readonly pid: Uint8Array;
  readonly cid: Uint8Array;
  readonly format: number;
  readonly plainLength: number;
  readonly sealedOffset: number;
  readonly sealedLength: number;
}

export interface SplitSealOutput {
  readonly sealed: Memory;
  readonly parts: readonly SealedPart[];
}

export interface SealedPart {
  /** In order. */
  readonly chunks: readonly SealedPiece[];
  /** How many of its bytes the chunks cover. */
  readonly consumed: number;
  /** In place of chunks, of a small file. */
  readonly small?: SmallPiece | undefined;
}

/** What is needed to open one chunk. */
export interface OpenRequest {
  readonly cid: Uint8Array;
  readonly pid: Uint8Array;
  readonly format: number;
  readonly kind: ChunkKind;
  readonly chunkKey: Uint8Array;
  readonly plainLength: number;
  /** The sealed body, whole. */
  readonly sealed: Uint8Array;
  /**
   * The tags of its segments are proof enough, as they are for a part: its id is not looked at.
   * @default false
   */
  readonly byTags?: boolean | undefined;
}

/**
 * `wrong-cid`, `wrong-tag`: the body is damaged, or the key is another one. `wrong-length`: lengths,
 * padding or frame are not what the reference says. `wrong-pid`: only when dedupKey was given.
 * `unknown-format`: made by a newer version.
 */
export type OpenFailure =
  'wrong-cid' | 'wrong-tag' | 'wrong-length' | 'wrong-pid' | 'unknown-format';

export interface OpenOutput {
  /** The plain bytes of all requests, `plainLength` each, one after the other; a recycled one may be longer. */
  readonly plain: Memory;
  /** Requests whose body does not match its cid, or does not open; their bytes in `plain` are zero. */
  readonly failed: readonly {
    readonly index: number;
    readonly reason: OpenFailure;
  }[];
}

export interface Jobs {
  /**
   * Finds the cuts of a stretch and seals nothing. The stretches of one file depend on each other only
   * in this, so that several of them can be sealed at once.
   */
  split: { input: SplitInput; output: SplitOutput };
  splitSeal: { input: SplitSealInput; output: SplitSealOutput };
  /** Checks each body against its cid, unless tags are enough; opens it, checks nothing that the tag has proven. */
  open: {
    input: {
      readonly requests: readonly OpenRequest[];
      /** Given, each message is also checked against its pid. */
      readonly dedupKey?: Uint8Array;
      /** A `plain` of an earlier output that nobody looks at any more. */
      readonly recycled?: Memory | undefined;
    };
    output: OpenOutput;
  };
  /** A passphrase made into a key of 32 bytes. */
  stretch: { input: StretchInput; output: Uint8Array };
}

export type WorkName = keyof Jobs;
export type WorkInput<Name extends WorkName> = Jobs[Name]['input'];
export type WorkOutput<Name extends WorkName> = Jobs[Name]['output'];
