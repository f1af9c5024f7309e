/**
 * Large files of a get that a client on the same kernel names a place for: the agent writes what the
 * workers have opened into it, and nothing of it crosses the socket. Where the client has no such place,
 * or the agent may not or cannot open it, the bytes are sent.
 */
import { VaultError } from '../../protocol/errors.ts';
import { MiB } from '../../protocol/limits.ts';
import { getDown, getUp, type GetRequest } from '../../protocol/messages/control-get.ts';
import type { CallStream } from '../../protocol/rpc/rpc.ts';
import type { LocalFiles, LocalTarget } from '../ports.ts';
import type { ControlContext } from './context.ts';

/** For smaller ones the client's answer takes as long as sending them. */
const targetBytesMin = 1 * MiB;
const progressEveryMs = 200;

type Parts = Pick<ControlContext, 'clock' | 'localFiles' | 'running'>;

/** The named file cannot be written: that is no fault of the content. */
export class TargetError extends Error {
  readonly failure: VaultError;

  constructor(failure: VaultError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

export class LocalTargets {
  readonly #parts: Parts;
  readonly #files: LocalFiles | undefined;
  readonly #stream: CallStream;
  #toldMs = 0;

  constructor(parts: Parts, { bootId, offset, length }: GetRequest, stream: CallStream) {
    const { localFiles } = parts;
    const isWhole = offset === 0 && length === undefined;
    const isHere = bootId !== undefined && localFiles?.bootId.equals(bootId) === true;
    this.#files = isWhole && isHere ? localFiles : undefined;
    this.#parts = parts;
    this.#stream = stream;
  }

  /**
   * Asks the client for a place for a file of so many bytes. The caller closes it.
   * @returns undefined: the bytes are to be sent
   */
  async open(bytes: number): Promise<LocalTarget | undefined> {
    if (this.#files === undefined || bytes < targetBytesMin) return undefined;
    await this.#stream.sendMessage(getDown.toWire({ type: 'target' }));
    const item = await this.#stream.receive();
    if (item?.type !== 'message') throw new VaultError('malformed', { op, detail: 'no answer' });
    const { localPath, fingerprint } = getUp.fromWire(item.bytes);
    return localPath && this.#files.openTarget(localPath, fingerprint);
  }

  /**
   * Writes all groups one after the other.
   * @returns how many bytes
   * @throws TargetError, and whatever the groups throw
   */
  async write(target: LocalTarget, groups: AsyncIterable<readonly Buffer[]>): Promise<number> {
    let done = 0;
    for await (const pieces of groups) {
      await target.write(done, pieces).catch((error: unknown) => {
        throw error instanceof VaultError ? new TargetError(error) : error;
      });
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      done += bytes;
      this.#tell(done);
      await this.#parts.running.moved(this.#stream, bytes);
      if (this.#stream.signal.aborted) throw new VaultError('cancelled', { op });
    }
    return done;
  }

  #tell(writtenBytes: number): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#toldMs < progressEveryMs) return;
    this.#toldMs = nowMs;
    // A client that is gone shows where the call goes on.
    this.#stream
      .sendMessage(getDown.toWire({ type: 'progress', writtenBytes }))
      .catch(() => undefined);
  }
}

const op = 'control.get';
