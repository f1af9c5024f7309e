/**
 * A large file of this machine is named to the agent, which reads it itself: its bytes need not cross
 * the socket. Whether it may be is the agent's decision; a file that it does not read is sent.
 */
import { closeSync, readlinkSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import { control, MiB } from '../../protocol/limits.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import type { Progress } from '../output/progress.ts';
import type { Answers } from './answers.ts';
import { openUnchanged } from './body.ts';
import type { SourceItem } from './source-item.ts';

/** For smaller ones the agent's answer takes as long as sending them. */
const namedBytesMin = 1 * MiB;

export interface NamedBodiesParts {
  readonly session: PutSession;
  readonly progress: Progress;
}

export class NamedBodies {
  readonly #parts: NamedBodiesParts;
  /** Of the file that is read now, so much is on the progress bar. */
  #shownBytes = 0;

  constructor(parts: NamedBodiesParts) {
    this.#parts = parts;
  }

  /** Whether an item may be named. */
  static takes({ file, size, fingerprint }: SourceItem): boolean {
    return file !== undefined && fingerprint !== undefined && (size ?? 0) >= namedBytesMin;
  }

  /**
   * Lets the agent read the item's file.
   * @returns undefined: it has; `send`: the body has to be sent; an error: why the item is left out
   * @throws VaultError why the put is over
   */
  async name(
    number: number,
    item: SourceItem,
    answers: Pick<Answers, 'nextLocal'>,
  ): Promise<'send' | VaultError | undefined> {
    const path = pathOf(item);
    if (path === undefined) return 'send';
    await this.#parts.session.nameBody(number, path);
    const { send, error } = await answers.nextLocal();
    if (send === true) return 'send';
    if (error === undefined) this.hasRead(item.size ?? 0);
    this.#shownBytes = 0;
    return error && about(item, error);
  }

  /** So many bytes of the file that is read now. */
  hasRead(bytes: number): void {
    if (bytes <= this.#shownBytes) return;
    this.#parts.progress.advance(bytes - this.#shownBytes);
    this.#shownBytes = bytes;
  }
}

/**
 * Where the kernel says that the file is, without links: what the agent is to open. undefined: it cannot
 * be said, or we may not read it ourselves; sending the body tells why.
 */
function pathOf(item: SourceItem): Buffer | undefined {
  try {
    const fd = openUnchanged(item.file ?? Buffer.alloc(0), item);
    try {
      const path = readlinkSync(`/proc/self/fd/${String(fd)}`, 'buffer');
      return path.length <= control.localPathBytesMax ? path : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** Named as the user knows it. */
function about({ file }: SourceItem, { code, op, detail, next }: VaultError): VaultError {
  return new VaultError(code, { op, subject: file?.toString(), detail, next });
}
