/**
 * Sealed bodies to plain bytes, in workers. A body that does not open is replaced from another device
 * and tried once more. The memory that plain bytes stand in goes round: whoever has used a group
 * gives it back, so that a long read touches a few buffers and not the whole file's worth of them.
 */
import { VaultError } from '../../protocol/errors.ts';
import { idToBytes, type EpochId } from '../../protocol/ids.ts';
import { KiB } from '../../protocol/limits.ts';
import type { ChunkRef } from '../../protocol/messages/op.ts';
import type { ChunkKind } from '../chunks/format.ts';
import type { Memory, OpenOutput, OpenRequest } from '../chunks/jobs.ts';
import { runOpen } from '../chunks/open-many.ts';
import type { WorkPool } from '../ports.ts';
import { readAgain, type SourceParts } from './chunk-source.ts';

export interface OpenParts extends SourceParts {
  readonly work: WorkPool;
  /** chunkKey of an epoch, 32 bytes. @throws VaultError `no-key` */
  readonly chunkKey: (epoch: EpochId) => Buffer;
}

export interface SealedBody {
  readonly ref: ChunkRef;
  /** It belongs to the opener from now on. */
  readonly sealed: Buffer;
}

export interface OpenOptions {
  readonly kind: ChunkKind;
  /** Memory from `takeSlab` that bodies may stand in. */
  readonly slab?: Memory | undefined;
}

/** Plain bytes in the order of the bodies. */
export interface OpenedBodies {
  readonly plain: readonly Buffer[];
  /** The bytes are used: their memory may be written over. */
  release(): void;
}

/** Up to here opening in place costs less than a message to a worker. */
const inPlaceBytesMax = 128 * KiB;
const spareMax = 4;

export class ChunkOpener {
  readonly #parts: OpenParts;
  readonly #spare: Memory[] = [];
  readonly #spareSlabs: Memory[] = [];

  constructor(parts: OpenParts) {
    this.#parts = parts;
  }

  /** Memory to read sealed bodies into; `open` takes it back. */
  takeSlab(bytes: number): Memory {
    const spare = this.#spareSlabs.pop();
    return spare !== undefined && spare.byteLength >= bytes ? spare : new SharedArrayBuffer(bytes);
  }

  /**
   * Opens bodies of one kind.
   * @throws VaultError `damaged` when no device has a good copy; `no-key`
   */
  async open(bodies: readonly SealedBody[], { kind, slab }: OpenOptions): Promise<OpenedBodies> {
    const requests = bodies.map((body) => this.#requestOf(body, kind));
    const { plain, failed } = await this.#run(requests);
    if (slab !== undefined && this.#spareSlabs.length < spareMax) this.#spareSlabs.push(slab);
    const pieces = cut(plain, bodies);
    for (const { index, reason } of failed) {
      const bad = bodies[index];
      if (bad !== undefined) pieces[index] = await this.#openAgain(bad.ref, kind, reason);
    }
    return {
      plain: pieces,
      release: () => {
        if (this.#spare.length < spareMax && plain.byteLength > inPlaceBytesMax)
          this.#spare.push(plain);
      },
    };
  }

  async #openAgain(ref: ChunkRef, kind: ChunkKind, reason: string): Promise<Buffer> {
    const sealed = await readAgain(this.#parts, ref, reason);
    const { plain, failed } = await this.#run([this.#requestOf({ ref, sealed }, kind)]);
    const [second] = failed;
    if (second === undefined) return Buffer.from(plain, 0, ref.plainLength);
    throw new VaultError('damaged', {
      op: 'vault.read',
      subject: `chunk ${ref.cid.slice(0, 16)}`,
      detail: `its bytes are those that were stored, but they do not open (${second.reason})`,
    });
  }

  #requestOf({ ref, sealed }: SealedBody, kind: ChunkKind): OpenRequest {
    return {
      cid: idToBytes(ref.cid),
      pid: idToBytes(ref.pid),
      format: ref.format,
      kind,
      chunkKey: this.#parts.chunkKey(ref.epoch),
      plainLength: ref.plainLength,
      sealed,
    };
  }

  async #run(requests: readonly OpenRequest[]): Promise<OpenOutput> {
    const bytes = requests.reduce((sum, { plainLength }) => sum + plainLength, 0);
    if (bytes <= inPlaceBytesMax) return runOpen({ requests }, undefined);
    return this.#parts.work.run('open', { requests, recycled: this.#spare.pop() });
  }
}

function cut(plain: Memory, bodies: readonly SealedBody[]): Buffer[] {
  let offset = 0;
  return bodies.map(({ ref }) => {
    const piece = Buffer.from(plain, offset, ref.plainLength);
    offset += ref.plainLength;
    return piece;
  });
}
