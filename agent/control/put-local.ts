/**
 * Bodies of a put that the client names instead of sending them: the agent reads the file itself, into
 * the memory where it is cut and sealed. What it may not or cannot open the client sends; a file that
 * changes while it is read is left out, as the client does with one that it sends.
 */
import { VaultError } from '../../protocol/errors.ts';
import { putDown, type PutLocal, type PutRequest } from '../../protocol/messages/control-put.ts';
import { concernsOneContent } from '../../protocol/reach.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { LocalFiles, LocalSource } from '../ports.ts';
import type { PutSession } from '../vault/put-session.ts';
import type { ControlContext } from './context.ts';

export interface LocalPut {
  readonly request: Pick<PutRequest, 'bootId'>;
  readonly stream: CallStream;
  readonly session: PutSession;
  readonly progress: { readBytes: number; tick(): void };
}

export class LocalBodies {
  readonly #files: LocalFiles | undefined;
  readonly #running: ControlContext['running'];
  readonly #put: LocalPut;

  constructor(
    { localFiles, running }: Pick<ControlContext, 'localFiles' | 'running'>,
    put: LocalPut,
  ) {
    const { bootId } = put.request;
    this.#files =
      bootId !== undefined && localFiles?.bootId.equals(bootId) === true ? localFiles : undefined;
    this.#running = running;
    this.#put = put;
  }

  /** Whether files may be named. */
  get taken(): boolean {
    return this.#files !== undefined;
  }

  /** Stores the needed item from the file at `path`, and says what became of it. */
  async take(item: number, path: Buffer): Promise<void> {
    const { session, stream } = this.#put;
    const offered = session.needed(item);
    const source =
      offered?.size === undefined
        ? undefined
        : await this.#files?.openSource(path, offered.fingerprint);
    const outcome: PutLocal =
      source === undefined
        ? { item, send: true }
        : await this.#store(item, source, offered?.size ?? 0);
    await stream.sendMessage(putDown.toWire({ type: 'local', ...outcome }));
  }

  async #store(item: number, source: LocalSource, size: number): Promise<PutLocal> {
    const { session } = this.#put;
    try {
      session.begin(item);
      const error = await this.#readAll(source, size);
      await session.end(error !== undefined);
      return { item, error };
    } finally {
      this.#put.progress.readBytes = 0;
      await source.close();
    }
  }

  /** @returns why the item has to be left out; undefined: it was read whole, and nobody touched it */
  async #readAll(source: LocalSource, size: number): Promise<VaultError | undefined> {
    const { session, stream, progress } = this.#put;
    try {
      for (let done = 0; done < size;) {
        const count = await session.fill((room) =>
          source.read(done, room.subarray(0, Math.min(room.length, size - done))),
        );
        if (count === 0) return changed();
        done += count;
        progress.readBytes += count;
        progress.tick();
        await this.#running.moved(stream, count);
        if (stream.signal.aborted) throw new VaultError('cancelled', { op });
      }
      return (await source.isUnchanged()) ? undefined : changed();
    } catch (error) {
      if (concernsOneContent(error)) return error;
      throw error;
    }
  }
}

const op = 'control.put';

function changed(): VaultError {
  const detail = 'it is left out';
  return new VaultError('source-changed', { op, detail, next: 'run the command again' });
}
