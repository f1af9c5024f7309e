/** A process that puts decoders to the test, one round at a time, as its parent asks (`decoders.ts`). */
import { allDecoders } from '../helpers/decoders.ts';
import { fuzz, type FuzzReport } from '../helpers/fuzz.ts';

export interface Round {
  /** Number of the decoder in `allDecoders()`. */
  readonly decoder: number;
  readonly seed: number;
  readonly inputs: number;
}

export interface RoundReport extends FuzzReport {
  readonly tookMs: number;
}

/** Allocation of every so manieth input is measured: to measure costs a hundred times what most decoders do. */
const measureEvery = 200;

const decoders = await allDecoders();

process.on('message', ({ decoder: number, seed, inputs }: Round) => {
  const decoder = decoders[number];
  if (decoder === undefined) throw new RangeError(`no decoder ${String(number)}`);
  const startMs = performance.now();
  const report = fuzz(decoder, { seed, inputs, measureEvery });
  process.send?.({ ...report, tookMs: performance.now() - startMs } satisfies RoundReport);
});
