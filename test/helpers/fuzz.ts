/**
 * Feeds a decoder with changed and invented inputs, and watches it: anything but one of our errors is a
 * crash; a slow one and one that allocates far more than it was given are problems as well. What looks
 * slow or large is tried again, since others use this machine too.
 */
import { getHeapStatistics } from 'node:v8';
import { VaultError } from '../../protocol/errors.ts';
import { KiB } from '../../protocol/limits.ts';
import type { Decoder } from './decoders.ts';

export interface FuzzReport {
  readonly name: string;
  readonly inputs: number;
  /** How many were taken for well-formed. */
  readonly accepted: number;
  readonly slowestMs: number;
  /** Of those that were measured, how much beyond four times the input. */
  readonly allocatedBytesMax: number;
  readonly problems: readonly string[];
}

const hangMs = 50;
/** Beyond four times the input. */
const allocationBytesMax = 64 * KiB;
/** Slower than this, it is tried again: the machine may have done something else. */
const suspectMs = 5;
const inputBytesMax = 64 * KiB;
const problemsMax = 3;

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Allocation of every so manieth input is measured. */
  readonly measureEvery: number;
}

export function fuzz(decoder: Decoder, options: FuzzOptions): FuzzReport {
  const dice = new Dice(options.seed);
  const messages = inventedMessages(options.seed);
  const problems: string[] = [];
  let accepted = 0;
  let slowestMs = 0;
  let allocatedBytesMax = 0;
  for (let count = 0; count < options.inputs && problems.length < problemsMax; count++) {
    const input = inventInput(dice, decoder.seeds, messages);
    const first = attempt(decoder, input);
    if (first.crash !== undefined) problems.push(describe(decoder, input, first.crash));
    if (first.accepted) accepted += 1;
    const tookMs =
      first.tookMs > suspectMs ? best(10, () => attempt(decoder, input).tookMs) : first.tookMs;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > hangMs) problems.push(describe(decoder, input, `${String(tookMs)} ms`));
    if (count % options.measureEvery !== 0) continue;
    let bytes = best(3, () => allocation(decoder, input)) - 4 * input.length;
    // The engine compiles, and remembers, at moments of its own.
    if (bytes > allocationBytesMax / 2) {
      bytes = best(30, () => allocation(decoder, input)) - 4 * input.length;
    }
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
  readonly accepted: boolean;
  readonly tookMs: number;
  readonly crash: string | undefined;
}

function attempt(decoder: Decoder, input: Buffer): Attempt {
  // A decoder may keep or overwrite what it is given.
  const bytes = Buffer.from(input);
  const startMs = performance.now();
  try {
    const value = decoder.run(bytes);
    return { accepted: value !== undefined, tookMs: performance.now() - startMs, crash: undefined };
  } catch (error) {
    const tookMs = performance.now() - startMs;
    const crash = error instanceof VaultError ? undefined : String(error);
    return { accepted: false, tookMs, crash };
  }
}

/** Heap and buffers, with what is garbage already; a collection in between makes it less, never more. */
function allocation(decoder: Decoder, input: Buffer): number {
  const bytes = Buffer.from(input);
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

// --- inputs --------------------------------------------------------------------------------------

/** Made once a seed: to invent one costs more than to decode it. */
const inventedBySeed = new Map<number, readonly Buffer[]>();
const inventedCount = 2_000;

function inventedMessages(seed: number): readonly Buffer[] {
  const known = inventedBySeed.get(seed);
  if (known !== undefined) return known;
  const dice = new Dice(seed + 1);
  const made = Array.from({ length: inventedCount }, () => inventMessage(dice, 0));
  inventedBySeed.clear();
  inventedBySeed.set(seed, made);
  return made;
}

function inventInput(dice: Dice, seeds: readonly Buffer[], messages: readonly Buffer[]): Buffer {
  const kind = dice.below(8);
  if (kind === 0) return dice.bytes(dice.length());
  if (kind <= 3 || seeds.length === 0) {
    return changed(dice, messages[dice.below(messages.length)] ?? Buffer.alloc(0), 2);
  }
  return changed(dice, seeds[dice.below(seeds.length)] ?? Buffer.alloc(0), 6);
}

/** What a protocol buffer looks like. */
function inventMessage(dice: Dice, depth: number): Buffer {
  const fields: Buffer[] = [];
  const many = depth === 0 && dice.below(100) === 0;
  const count = many ? dice.below(2_000) : dice.below(depth === 0 ? 10 : 3);
  const repeated = dice.below(3) === 0 ? 1 + dice.below(16) : undefined;
  for (let at = 0; at < count; at++) {
    const field = repeated ?? 1 + dice.below(16);
    const wire = dice.below(4);
    if (wire === 0) fields.push(varint(field * 8), varint(dice.number()));
    else if (wire === 1 && !many && depth < 9 && dice.below(2) === 0) {
      fields.push(lengthDelimited(field, inventMessage(dice, depth + 1)));
    } else {
      fields.push(lengthDelimited(field, dice.bytes(dice.fieldLength())));
    }
  }
  return Buffer.concat(fields).subarray(0, inputBytesMax);
}

function lengthDelimited(field: number, body: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** Up to so many changes of kinds that decoders stumble over. */
function changed(dice: Dice, from: Buffer, changesMax: number): Buffer {
  let bytes = Buffer.from(from);
  for (let left = dice.below(changesMax + 1); left > 0; left--) {
    const at = dice.below(bytes.length + 1);
    switch (dice.below(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 1:
        bytes = bytes.subarray(0, at);
        break;
      case 2:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          dice.bytes(dice.below(9)),
          bytes.subarray(at),
        ]);
        break;
      case 3:
        if (at < bytes.length) bytes[at] = dice.below(2) === 0 ? 0xff : dice.below(256);
        break;
      case 4:
        bytes.fill(0xff, at, Math.min(bytes.length, at + dice.below(10)));
        break;
      default: {
        const end = Math.min(bytes.length, at + dice.below(64));
        bytes = Buffer.concat([bytes, bytes.subarray(at, end)]);
      }
    }
  }
  return bytes.subarray(0, inputBytesMax);
}

/** xorshift: quick, and the same for the same seed. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e37_79b9) >>> 0 || 1;
  }

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % bound;
  }

  /** Borders of numbers more often than others. */
  number(): number {
    const borders = [
      0,
      1,
      127,
      128,
      255,
      65_535,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 53 - 1,
      2 ** 60,
    ];
    return this.below(3) === 0 ? (borders[this.below(borders.length)] ?? 0) : this.below(1_000);
  }

  length(): number {
    return this.below(50) === 0 ? this.below(inputBytesMax) : this.below(200);
  }

  /** Lengths that fields of ours have, more often than others. */
  fieldLength(): number {
    const usual = [0, 8, 16, 24, 32, 64, 12];
    return this.below(3) === 0 ? this.below(300) : (usual[this.below(usual.length)] ?? 0);
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let at = 0; at < count; at++) bytes[at] = this.below(256);
    return bytes;
  }
}
