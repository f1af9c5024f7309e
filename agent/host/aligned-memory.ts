/**
 * Memory for bytes on their way from and to the disk. It begins at a page, which direct I/O asks for
 * and Node's buffers do not; only WebAssembly gives such memory. One bounded block is used again and
 * again, in pieces; what was never used was never touched. Where there is no such memory (a limit on
 * address space), ordinary memory stands in, and `aligned` says so.
 */
import assert from 'node:assert/strict';
import { KiB } from '../../protocol/limits.ts';
import type { LentBytes } from '../ports.ts';

/** Of WebAssembly, which is also what pieces are made of: large enough that few are needed. */
const unitBytes = 64 * KiB;

export interface AlignedMemory {
  /** Whether every piece begins at a page. */
  readonly aligned: boolean;
  /** So many bytes or a few more, with anything in them; undefined when none are left. */
  take(bytes: number): Buffer | undefined;
  /** Like `take`, but waits for others to give back what they have. */
  wait(bytes: number): Promise<Buffer>;
  /** A piece that was taken, and that nobody looks at any more. */
  give(piece: Buffer): void;
}

export interface BulkMemory {
  /** Of writers, each of which gives back what it has as soon as the disk allows. */
  readonly staging: AlignedMemory;
  /** Of readers, who hold it as long as they like. */
  readonly lending: AlignedMemory;
}

/** Two pools of one block of memory; each size bounds the pieces of one pool together. */
export function createBulkMemory(sizes: {
  readonly stagingBytes: number;
  readonly lendingBytes: number;
}): BulkMemory {
  const staging = unitsOf(sizes.stagingBytes);
  const lending = unitsOf(sizes.lendingBytes);
  const shared = wasmMemory(staging + lending);
  const memory = shared ?? new SharedArrayBuffer((staging + lending) * unitBytes);
  const aligned = shared !== undefined;
  return {
    staging: new Pieces(memory, { aligned, from: 0, units: staging }),
    lending: new Pieces(memory, { aligned, from: staging, units: lending }),
  };
}

/** What is used of WebAssembly, which the types of the language leave to browsers. */
interface WasmGlobal {
  readonly WebAssembly: {
    readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => {
      readonly buffer: SharedArrayBuffer;
    };
  };
}

/** Undefined where there is not enough address space: far more is reserved than is asked for. */
function wasmMemory(units: number): SharedArrayBuffer | undefined {
  const { WebAssembly } = globalThis as unknown as WasmGlobal;
  try {
    return new WebAssembly.Memory({ initial: units, maximum: units, shared: true }).buffer;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export interface Loan extends LentBytes {
  /** Whether the bytes begin at a page. */
  readonly aligned: boolean;
}

/** `bytes` of the pool, or memory of their own when nothing of it is left. */
export function lend(pool: AlignedMemory | undefined, bytes: number): Loan {
  const piece = pool?.take(bytes);
  if (pool === undefined || piece === undefined) {
    const own = Buffer.from(new SharedArrayBuffer(bytes));
    return { bytes: own, aligned: false, release: () => undefined };
  }
  let given = false;
  const release = (): void => {
    if (!given) pool.give(piece);
    given = true;
  };
  return { bytes: piece.subarray(0, bytes), aligned: pool.aligned, release };
}

interface Waiter {
  readonly bytes: number;
  resolve(piece: Buffer): void;
}

class Pieces implements AlignedMemory {
  readonly aligned: boolean;
  readonly #memory: SharedArrayBuffer;
  /** The first of its units. */
  readonly #from: number;
  /** Per unit: whether it is taken. */
  readonly #taken: Uint8Array;
  readonly #waiting: Waiter[] = [];

  constructor(
    memory: SharedArrayBuffer,
    part: { readonly aligned: boolean; readonly from: number; readonly units: number },
  ) {
    this.#memory = memory;
    this.aligned = part.aligned;
    this.#from = part.from;
    this.#taken = new Uint8Array(part.units);
  }

  take(bytes: number): Buffer | undefined {
    const units = unitsOf(bytes);
    const first = this.#firstFree(units);
    if (first === undefined) return undefined;
    this.#taken.fill(1, first, first + units);
    return Buffer.from(this.#memory, (this.#from + first) * unitBytes, units * unitBytes);
  }

  wait(bytes: number): Promise<Buffer> {
    assert(bytes <= this.#taken.length * unitBytes, 'more than there is cannot be waited for');
    const piece = this.#waiting.length === 0 ? this.take(bytes) : undefined;
    if (piece !== undefined) return Promise.resolve(piece);
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  give(piece: Buffer): void {
    const first = piece.byteOffset / unitBytes - this.#from;
    assert(piece.buffer === this.#memory && this.#taken[first] === 1, 'it was taken here');
    this.#taken.fill(0, first, first + unitsOf(piece.length));
    this.#serveWaiting();
  }

  /** The lowest place: what lies high is touched only when much is out at once. */
  #firstFree(units: number): number | undefined {
    let free = 0;
    for (let at = 0; at < this.#taken.length; at += 1) {
      free = this.#taken[at] === 0 ? free + 1 : 0;
      if (free === units) return at + 1 - units;
    }
    return undefined;
  }

  #serveWaiting(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const piece = this.take(first.bytes);
      if (piece === undefined) return;
      this.#waiting.shift();
      first.resolve(piece);
    }
  }
}

function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / unitBytes));
}
