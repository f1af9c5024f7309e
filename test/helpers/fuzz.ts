/**
 * Feeds a decoder with changed and invented inputs, and watches it: anything but one of our errors is a
 * crash; a slow one and one that allocates far more than it was given are problems as well. What looks
 * slow or large is tried again, since others use this machine too. A million inputs have to be cheap, so
 * nothing is allocated for one here but what the decoder gets to see, and what is allocated is measured
 * for one input in so many, and for each that took suspiciously long.
 */
import { getHeapStatistics } from 'node:v8';
import { VaultError } from '../../protocol/errors.ts';
import { KiB } from '../../protocol/limits.ts';
import type { Decoder } from './decoders.ts';
import { InputForge, inputBytesMax } from './fuzz-inputs.ts';

export interface FuzzReport {
  readonly name: string;
  readonly inputs: number;
  /** How many were taken for well-formed. */
  readonly accepted: number;
  readonly slowestMs: number;
  /** Of those that were measured, how much beyond what the decoder may take for its input. */
  readonly allocatedBytesMax: number;
  readonly problems: readonly string[];
}

const hangMs = 50;
/** Bytes of memory for a byte of input, and beyond that. */
const allocationFactor = 4;
const allocationBytesMax = 64 * KiB;
/** Slower than this, it is tried again: the machine may have done something else. */
const suspectMs = 5;
/** What takes so long may have allocated much: 64 KiB of small objects do not come faster. */
const measuredFromMs = 0.2;
const problemsMax = 3;

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Allocation of every so manieth input is measured. */
  readonly measureEvery: number;
}

export function fuzz(decoder: Decoder, options: FuzzOptions): FuzzReport {
  const forge = new InputForge(options.seed, decoder.seeds);
  const problems: string[] = [];
  let accepted = 0;
  let slowestMs = 0;
  let allocatedBytesMax = 0;
  for (let count = 0; count < options.inputs && problems.length < problemsMax; count++) {
    const input = forge.next();
    const first = attempt(decoder, input);
    if (first.crash !== undefined) problems.push(describe(decoder, input, first.crash));
    if (first.accepted) accepted += 1;
    let { tookMs } = first;
    if (tookMs > suspectMs) tookMs = best(10, () => processorMs(decoder, input));
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > hangMs) problems.push(describe(decoder, input, `${String(tookMs)} ms`));
    if (count % options.measureEvery !== 0 && tookMs < measuredFromMs) continue;
    const bytes = excess(decoder, input);
    allocatedBytesMax = Math.max(allocatedBytesMax, bytes);
    if (bytes > (decoder.allocationBytesMax ?? allocationBytesMax))
      problems.push(describe(decoder, input, `${String(bytes)} bytes allocated`));
  }
  return {
    name: decoder.name,
    inputs: options.inputs,
    accepted,
    slowestMs,
    allocatedBytesMax,
    problems,
  };
}

interface Attempt {
  accepted: boolean;
  tookMs: number;
  crash: string | undefined;
}

/** A decoder may overwrite what it is given, so it gets a copy; one that keeps it keeps only this. */
const given = Buffer.alloc(inputBytesMax);
const result: Attempt = { accepted: false, tookMs: 0, crash: undefined };

function attempt(decoder: Decoder, input: Buffer): Attempt {
  const bytes = copyOf(input);
  result.accepted = false;
  result.crash = undefined;
  const startMs = performance.now();
  try {
    result.accepted = decoder.run(bytes) !== undefined;
    result.tookMs = performance.now() - startMs;
  } catch (error) {
    result.tookMs = performance.now() - startMs;
    if (!(error instanceof VaultError)) result.crash = String(error);
  }
  return result;
}

/** Of the processor, since others use it too. */
function processorMs(decoder: Decoder, input: Buffer): number {
  const before = process.cpuUsage();
  attempt(decoder, input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function copyOf(input: Buffer): Buffer {
  input.copy(given);
  return given.subarray(0, input.length);
}

/** What it allocates beyond what it may for its input, at the best of a few tries. */
function excess(decoder: Decoder, input: Buffer): number {
  const allowed = (decoder.allocationFactor ?? allocationFactor) * input.length;
  const bytes = best(3, () => allocation(decoder, input)) - allowed;
  // The engine compiles, and remembers, at moments of its own.
  return bytes > allocationBytesMax / 2
    ? best(30, () => allocation(decoder, input)) - allowed
    : bytes;
}

/** Heap and buffers, with what is garbage already; a collection in between makes it less, never more. */
function allocation(decoder: Decoder, input: Buffer): number {
  const bytes = copyOf(input);
  const before = usedBytes();
  let kept: unknown;
  try {
    kept = decoder.run(bytes);
  } catch (error) {
    kept = error;
  }
  const after = usedBytes();
  // Alive until here, so that a collection cannot hide it.
  return kept === bytes ? 0 : after - before;
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function best(times: number, measure: () => number): number {
  let least = Infinity;
  for (let time = 0; time < times; time++) least = Math.min(least, measure());
  return least;
}

function describe({ name }: Decoder, input: Buffer, what: string): string {
  const shown = input.subarray(0, 200).toString('hex');
  return `${name}: ${what}, by ${String(input.length)} bytes ${shown}${input.length > 200 ? '…' : ''}`;
}
