/**
 * Inputs for a decoder that is put to the test: well-formed ones of its own and messages that look like
 * protocol buffers, changed in ways that decoders stumble over, and noise. The same seed gives the same
 * inputs. All of them are made in one piece of memory.
 */
import { KiB } from '../../protocol/limits.ts';

export const inputBytesMax = 64 * KiB;

const inventedCount = 2_000;

export class InputForge {
  readonly #dice: Dice;
  readonly #seeds: readonly Buffer[];
  readonly #invented: readonly Buffer[];
  readonly #memory = Buffer.alloc(inputBytesMax);
  readonly #spare = Buffer.alloc(inputBytesMax);
  #length = 0;

  constructor(seed: number, seeds: readonly Buffer[]) {
    this.#dice = new Dice(seed);
    this.#seeds = seeds;
    this.#invented = inventedMessages(seed);
  }

  /** A view that the next call writes over. */
  next(): Buffer {
    const dice = this.#dice;
    const kind = dice.below(8);
    if (kind === 0) {
      this.#length = dice.length();
      dice.fill(this.#memory, 0, this.#length);
    } else if (kind <= 3 || this.#seeds.length === 0) this.#change(this.#invented, 2);
    else this.#change(this.#seeds, 6);
    return this.#memory.subarray(0, this.#length);
  }

  /** Up to so many changes of one of them. */
  #change(from: readonly Buffer[], changesMax: number): void {
    const origin = from[this.#dice.below(from.length)];
    this.#length = Math.min(origin?.length ?? 0, inputBytesMax);
    origin?.copy(this.#memory, 0, 0, this.#length);
    for (let left = this.#dice.below(changesMax + 1); left > 0; left--) this.#changeOnce();
  }

  #changeOnce(): void {
    const dice = this.#dice;
    const bytes = this.#memory;
    const at = dice.below(this.#length + 1);
    switch (dice.below(6)) {
      case 0:
        if (at < this.#length) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 1:
        this.#length = at;
        break;
      case 2:
        this.#insert(at, dice.below(9));
        break;
      case 3:
        if (at < this.#length) bytes[at] = dice.below(2) === 0 ? 0xff : dice.below(256);
        break;
      case 4:
        bytes.fill(0xff, at, Math.min(this.#length, at + dice.below(10)));
        break;
      default: {
        const count = Math.min(this.#length - at, dice.below(64), inputBytesMax - this.#length);
        bytes.copy(bytes, this.#length, at, at + count);
        this.#length += count;
      }
    }
  }

  #insert(at: number, wanted: number): void {
    const bytes = this.#memory;
    const count = Math.min(wanted, inputBytesMax - this.#length);
    bytes.copy(this.#spare, 0, at, this.#length);
    this.#dice.fill(bytes, at, at + count);
    this.#spare.copy(bytes, at + count, 0, this.#length - at);
    this.#length += count;
  }
}

/** Made once a seed: to invent one costs more than to decode it. */
const inventedBySeed = new Map<number, readonly Buffer[]>();

function inventedMessages(seed: number): readonly Buffer[] {
  const known = inventedBySeed.get(seed);
  if (known !== undefined) return known;
  const dice = new Dice(seed + 1);
  const made = Array.from({ length: inventedCount }, () => inventMessage(dice, 0));
  inventedBySeed.clear();
  inventedBySeed.set(seed, made);
  return made;
}

/** What a protocol buffer looks like. */
function inventMessage(dice: Dice, depth: number): Buffer {
  const fields: Buffer[] = [];
  const many = depth === 0 && dice.below(200) === 0;
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
    return this.below(3) === 0 ? (borders[this.below(borders.length)] ?? 0) : this.below(1_000);
  }

  length(): number {
    return this.below(200) === 0 ? this.below(inputBytesMax) : this.below(200);
  }

  /** Lengths that fields of ours have, more often than others. */
  fieldLength(): number {
    const usual = [0, 8, 16, 24, 32, 64, 12];
    return this.below(3) === 0 ? this.below(300) : (usual[this.below(usual.length)] ?? 0);
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    this.fill(bytes, 0, count);
    return bytes;
  }

  fill(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) bytes[at] = this.below(256);
  }
}
