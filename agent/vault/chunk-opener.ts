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
import type { LentBytes, WorkPool } from '../ports.ts';
import { readAgain, type SourceParts } from './chunk-source.ts';

export interface OpenParts extends SourceParts {
  readonly work: WorkPool;
  /** chunkKey of an epoch, 32 bytes. @throws VaultError `no-key` */
  readonly chunkKey: (epoch: EpochId) => Buffer;
}

export interface SealedBody {
  readonly ref: ChunkRef;
  /** The opener gives it back. */
  readonly sealed: LentBytes;
  /** See `OpenRequest.byTags`. */
  readonly byTags?: boolean | undefined;
}

/** Plain bytes in the order of the bodies. */
export interface OpenedBodies {
  readonly plain: readonly Buffer[];
  /** The bytes are used: their memory may be written over. */
  release(): void;
}

export interface OpenedEach {
  readonly plain: readonly (Buffer | Promise<Buffer>)[];
  /** See `OpenedBodies`. */
  release(): void;
}

/** Up to here opening in place costs less than a message to a worker. */
const inPlaceBytesMax = 128 * KiB;
const spareMax = 4;

export class ChunkOpener {
  readonly #parts: OpenParts;
  readonly #spare: Memory[] = [];

  constructor(parts: OpenParts) {
    this.#parts = parts;
  }

  /**
   * Opens bodies of one kind.
   * @throws VaultError `damaged` when no device has a good copy; `no-key`
   */
  async open(bodies: readonly SealedBody[], kind: ChunkKind): Promise<OpenedBodies> {
    const { plain, release } = await this.openEach(bodies, kind);
    const pieces: Buffer[] = [];
    for (const piece of plain) pieces.push(await piece);
    return { plain: pieces, release };
  }

  /** The same, but a body that no device has a good copy of fails alone. */
  async openEach(bodies: readonly SealedBody[], kind: ChunkKind): Promise<OpenedEach> {
    const { plain, failed } = await this.#openAll(bodies, kind);
    const pieces: (Buffer | Promise<Buffer>)[] = cut(plain, bodies);
    for (const { index, reason } of failed) {
      const bad = bodies[index];
      if (bad === undefined) continue;
      const again = this.#openAgain(bad.ref, kind, reason);
      // Whoever wants it hears of it.
      again.catch(() => undefined);
      pieces[index] = again;
    }
    return {
      plain: pieces,
      release: () => {
        if (this.#spare.length < spareMax && plain.byteLength > inPlaceBytesMax)
          this.#spare.push(plain);
      },
    };
  }

  async #openAll(bodies: readonly SealedBody[], kind: ChunkKind): Promise<OpenOutput> {
    try {
      return await this.#run(
        bodies.map(({ ref, sealed, byTags }) => ({
          ...this.#requestOf(ref, sealed.bytes, kind),
          byTags,
        })),
      );
    } finally {
      for (const { sealed } of bodies) sealed.release();
    }
  }

  async #openAgain(ref: ChunkRef, kind: ChunkKind, reason: string): Promise<Buffer> {
    const sealed = await readAgain(this.#parts, ref, reason);
    const { plain, failed } = await this.#run([this.#requestOf(ref, sealed, kind)]);
    const [second] = failed;
    if (second === undefined) return Buffer.from(plain, 0, ref.plainLength);
    throw new VaultError('damaged', {
      op: 'vault.read',
      subject: `chunk ${ref.cid.slice(0, 16)}`,
      detail: `its bytes are those that were stored, but they do not open (${second.reason})`,
      next: 'store the file again from where it came from; other files are not concerned',
    });
  }

  #requestOf(ref: ChunkRef, sealed: Buffer, kind: ChunkKind): OpenRequest {
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
