/**
 * Memory for bytes on their way from the disk. It begins at a page, which direct I/O asks for
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
  /** A piece that was taken, and that nobody looks at any more. */
  give(piece: Buffer): void;
}

/** @param bytes of all pieces together, at most */
export function createAlignedMemory(bytes: number): AlignedMemory {
  const units = unitsOf(bytes);
  const shared = wasmMemory(units);
  const memory = shared ?? new SharedArrayBuffer(units * unitBytes);
  return new Pieces(memory, { aligned: shared !== undefined, units });
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

class Pieces implements AlignedMemory {
  readonly aligned: boolean;
  readonly #memory: SharedArrayBuffer;
  /** Per unit: whether it is taken. */
  readonly #taken: Uint8Array;

  constructor(
    memory: SharedArrayBuffer,
    { aligned, units }: { readonly aligned: boolean; readonly units: number },
  ) {
    this.#memory = memory;
    this.aligned = aligned;
    this.#taken = new Uint8Array(units);
  }

  take(bytes: number): Buffer | undefined {
    const units = unitsOf(bytes);
    const first = this.#firstFree(units);
    if (first === undefined) return undefined;
    this.#taken.fill(1, first, first + units);
    return Buffer.from(this.#memory, first * unitBytes, units * unitBytes);
  }

  give(piece: Buffer): void {
    const first = piece.byteOffset / unitBytes;
    assert(piece.buffer === this.#memory && this.#taken[first] === 1, 'it was taken here');
    this.#taken.fill(0, first, first + unitsOf(piece.length));
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
}

function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / unitBytes));
}
