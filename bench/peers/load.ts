/** What is stored in a measurement, and how much of it there is in the unit of the row. */
import type { RowContext } from '../measure/row.ts';

export type Load = () => Promise<{
  readonly path: string;
  /** Megabytes of a large file, or files of a folder. */
  readonly amount: number;
}>;

export function largeLoad({ corpus, sizes }: RowContext): Load {
  return async () => ({ path: await corpus.large(), amount: sizes.largeBytes / 1e6 });
}

export function smallLoad({ corpus }: RowContext): Load {
  return async () => {
    const { path, files } = await corpus.small();
    return { path, amount: files };
  };
}
