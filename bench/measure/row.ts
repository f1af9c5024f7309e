/**
 * What a benchmark is made of. A row measures one number of several contestants in turn; ours is
 * always called `peervault`. Each contestant is prepared once and measured in every round, so that
 * whatever else the machine does meets all of them alike.
 */

/** Sizes of a run; everything is made smaller by one factor. */
export interface Sizes {
  readonly scale: number;
  /** One large file: 1 GiB at full scale. */
  readonly largeBytes: number;
  /** Many small files: 5,000 at full scale. */
  readonly smallFiles: number;
  /** One file in a mount: 512 MiB at full scale. */
  readonly mountBytes: number;
  /** What passes through an agent while its memory is watched: 10 GiB at full scale. */
  readonly hugeBytes: number;
  /** Records of the index that is made again: 1,000,000 at full scale. */
  readonly indexRecords: number;
  /** Files of the large tree: 1,000,000 at full scale. */
  readonly treeFiles: number;
  /** Operations of a device that was away: 100,000 at full scale. */
  readonly awayOps: number;
  /** Files of one directory that the console shows: 100,000 at full scale. */
  readonly wideFiles: number;
  /** How long the memory of the console is watched, whatever the scale. */
  readonly soakMinutes: number;
}

/** Files that contestants store; made once a run, when the first row asks. */
export interface Corpus {
  /** A file of random bytes. */
  large(): Promise<string>;
  /** A folder of small files. */
  small(): Promise<SmallFolder>;
  /** A directory with a home `a` whose vault holds a large tree (`peers/tree-home.ts`). */
  tree(): Promise<string>;
  /** A directory with a home `a` whose vault has one directory, `big`, with `wideFiles` files. */
  wide(): Promise<string>;
}

export interface SmallFolder {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

export interface RowContext {
  readonly sizes: Sizes;
  readonly corpus: Corpus;
}

export interface Contestant {
  readonly name: string;
  /** Why it cannot take part, with what to do about it; undefined: it can. */
  absence(): Promise<string | undefined>;
  /** @param directory its own, empty */
  prepare(directory: string): Promise<Session>;
}

export interface Session {
  /** One number in the unit of the row. @throws Error when it did not do what it was asked to */
  measure(round: number): Promise<number>;
  close(): Promise<void>;
}

export interface Row {
  readonly name: string;
  /** What is measured, from when to when. */
  readonly title: string;
  readonly unit: Unit;
  readonly rounds: number;
  readonly goals: readonly Goal[];
  contestants(context: RowContext): readonly Contestant[];
}

/** MB are 10^6 bytes; `%` is of one processor, or of the rows of a screen. */
export type Unit = 'MB/s' | 'files/s' | 'records/s' | 'ops/s' | 'MB' | 'ms' | 's' | '%';

export const ours = 'peervault';

/** Ours has to be on the better side of one of the bounds. */
export interface Goal {
  /** must: less is a defect; goal: what we would like. */
  readonly level: 'must' | 'goal';
  readonly anyOf: readonly Bound[];
}

export type Bound =
  | { readonly kind: 'times'; readonly of: string; readonly factor: number }
  | { readonly kind: 'limit'; readonly value: number };

/** At least `factor` times the rate of `of`; for times and sizes, at most. */
export function must(factor: number, of: string): Goal {
  return { level: 'must', anyOf: [{ kind: 'times', of, factor }] };
}

export function wish(factor: number, of: string): Goal {
  return { level: 'goal', anyOf: [{ kind: 'times', of, factor }] };
}

export function limit(value: number): Goal {
  return { level: 'must', anyOf: [{ kind: 'limit', value }] };
}

export function isBetterWhenMore(unit: Unit): boolean {
  return unit.endsWith('/s');
}
