/**
 * The call that says which parts of a file are on this device: a map of as many cells as the caller can
 * show, whatever the size of the file. Nothing is fetched for it.
 */
import type { PiecesReport } from '../../protocol/control/transfer-reports.ts';
import { isVaultError, VaultError } from '../../protocol/errors.ts';
import { piecesRequest } from '../../protocol/messages/control-transfers.ts';
import type { Content } from '../../protocol/messages/op.ts';
import { openManifest, type ManifestSpan } from '../chunks/manifest-reader.ts';
import { find } from '../vault/browse.ts';
import { inspectContent, withoutFetching } from '../vault/local-content.ts';
import { formatPath, parsePath } from '../vault/path.ts';
import { openPage } from '../vault/read-content.ts';
import { Slices } from '../vault/slices.ts';
import type { ControlContext } from './context.ts';

/** @throws VaultError `not-found`, `is-directory` */
export async function piecesReport(
  context: ControlContext,
  request: Buffer,
  signal: AbortSignal,
): Promise<PiecesReport> {
  const { path: bytes, cells } = piecesRequest.fromWire(request);
  const path = parsePath(bytes);
  const { node, view } = find(context.vault.tree, path);
  if (node.kind === 'directory') {
    throw new VaultError('is-directory', { op: 'control.pieces', subject: formatPath(path) });
  }
  const content = view?.version?.content;
  const size = content === undefined || content.type === 'empty' ? 0 : content.size;
  const map = new PieceMap(size, cells);
  const known = await fillMap(context, { content, map, signal });
  return {
    path: formatPath(path),
    bytes: size,
    bytesHere: map.bytesHere,
    known,
    cells: map.cells(),
  };
}

interface Filling {
  readonly content: Content | undefined;
  readonly map: PieceMap;
  readonly signal: AbortSignal;
}

/** @returns whether every part of the content is named here */
async function fillMap(
  { vault, clock }: ControlContext,
  { content, map, signal }: Filling,
): Promise<boolean> {
  const { parts } = vault;
  if (content === undefined || content.type === 'empty') return true;
  if (content.type === 'small') {
    const { missing, known } = await inspectContent(parts, content);
    if (missing.length === 0) map.add({ start: 0, bytes: content.size });
    return known;
  }
  const slices = new Slices(clock, signal);
  const local = withoutFetching(parts);
  const isHere = ({ chunk }: ManifestSpan): boolean =>
    chunk === undefined || parts.store.chunks.has(chunk.cid);
  try {
    for await (const span of openManifest(content, (ref) => openPage(local, ref)).all()) {
      await slices.step();
      if (isHere(span)) map.add(span);
    }
    return true;
  } catch (error) {
    // From a page on that is not here nothing is known.
    if (isVaultError(error, 'cancelled') || !isVaultError(error)) throw error;
    return false;
  }
}

/** Stretches of a file gathered into cells of the same length. */
export class PieceMap {
  bytesHere = 0;
  readonly #size: number;
  readonly #here: Float64Array;

  constructor(size: number, cells: number) {
    this.#size = size;
    // A cell is never shorter than a byte.
    this.#here = new Float64Array(Math.min(cells, size));
  }

  /** This stretch is here; no byte is told twice. */
  add({ start, bytes }: { readonly start: number; readonly bytes: number }): void {
    this.bytesHere += bytes;
    const end = start + bytes;
    const cells = this.#here.length;
    for (let at = scaled(start, cells, this.#size); at < cells; at++) {
      const [from, to] = this.#bounds(at);
      if (from >= end) return;
      this.#here[at] =
        (this.#here[at] ?? 0) + Math.max(0, Math.min(end, to) - Math.max(start, from));
    }
  }

  /** Of each cell from 0 to 100 how much is here; 100 only when all of it is, 0 only when nothing is. */
  cells(): number[] {
    return Array.from(this.#here, (here, at) => {
      const [from, to] = this.#bounds(at);
      if (here === 0) return 0;
      if (here === to - from) return 100;
      return Math.min(99, Math.max(1, Math.round((100 * here) / (to - from))));
    });
  }

  #bounds(at: number): readonly [number, number] {
    const cells = this.#here.length;
    return [scaled(at, this.#size, cells), scaled(at + 1, this.#size, cells)];
  }
}

/** `value * times / by`, rounded down: exact, also where the product is more than a number can hold. */
function scaled(value: number, times: number, by: number): number {
  const product = value * times;
  if (Number.isSafeInteger(product)) return Math.floor(product / by);
  return Number((BigInt(value) * BigInt(times)) / BigInt(by));
}
