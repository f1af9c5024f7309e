/** Reads what comes down during a put, all the time, and hands it to whoever waits for it. */
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import { sameVersion } from '../output/failure.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import type { PutLocal, PutNeed, PutResult } from '../../protocol/messages/control-put.ts';

export interface Answers {
  /** The answer to the next offer: which bodies the agent wants, and how they may come. */
  nextNeed(): Promise<PutNeed>;
  /** What became of the next body that was named. */
  nextLocal(): Promise<PutLocal>;
  readonly result: Promise<PutResult>;
  /** Why the agent gave up, once it has. */
  readonly failure: VaultError | undefined;
}

export interface HearsOfAnswers {
  /** Gets what the agent leaves out, item by item. */
  onFailed(error: VaultError): void;
  /** How much the agent has read of the file that was named. */
  onRead(bytes: number): void;
}

export function readAnswers(session: PutSession, hears: HearsOfAnswers): Answers {
  const needs = new Queue<PutNeed>();
  const locals = new Queue<PutLocal>();
  let failure: VaultError | undefined;
  const result = read();
  // Whoever awaits it sees the failure; nobody may be awaiting it when it comes.
  result.catch(() => undefined);

  async function read(): Promise<PutResult> {
    let done: PutResult | undefined;
    try {
      for (let down = await session.receive(); down !== undefined; down = await session.receive()) {
        if (down.type === 'done') done = down.result;
        if (down.type === 'need') needs.add(down);
        if (down.type === 'local') locals.add(down);
        if (down.type === 'progress') hears.onRead(down.readBytes);
        if (down.type === 'failed') hears.onFailed(down.error);
      }
      if (done === undefined) {
        throw incomplete('no result came');
      }
      return done;
    } catch (error) {
      failure = toVaultError(error, 'cli.put');
      throw failure;
    } finally {
      const end = failure ?? incomplete('an answer is missing');
      needs.end(end);
      locals.end(end);
      failure ??= done === undefined ? end : undefined;
    }
  }

  return {
    nextNeed: () => needs.next(),
    nextLocal: () => locals.next(),
    result,
    get failure() {
      return failure;
    },
  };
}

/** Answers of one kind, in order, for one who waits. */
class Queue<T> {
  readonly #come: T[] = [];
  #waiter: PromiseWithResolvers<T> | undefined;
  #ended: VaultError | undefined;

  add(answer: T): void {
    if (this.#waiter === undefined) this.#come.push(answer);
    else this.#waiter.resolve(answer);
    this.#waiter = undefined;
  }

  /** No more come. */
  end(why: VaultError): void {
    this.#ended = why;
    this.#waiter?.reject(why);
  }

  async next(): Promise<T> {
    const answer = this.#come.shift();
    if (answer !== undefined) return answer;
    if (this.#ended !== undefined) throw this.#ended;
    this.#waiter = Promise.withResolvers();
    return this.#waiter.promise;
  }
}

function incomplete(detail: string): VaultError {
  const subject = 'answer of the agent';
  return new VaultError('malformed', { op: 'cli.put', subject, detail, next: sameVersion });
}
