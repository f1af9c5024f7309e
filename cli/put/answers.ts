/** Reads what comes down during a put, all the time, and hands it to whoever waits for it. */
import { VaultError, toVaultError } from '../../protocol/errors.ts';
import { sameVersion } from '../output/failure.ts';
import type { PutSession } from '../../protocol/control/put-session.ts';
import type { PutResult } from '../../protocol/messages/control-put.ts';

/** Which bodies the agent wants of one offer, and whether it takes several together. */
export interface Need {
  readonly bitmap: Buffer;
  readonly grouped: boolean;
}

export interface Answers {
  /** The answer to the next offer. */
  nextNeed(): Promise<Need>;
  readonly result: Promise<PutResult>;
  /** Why the agent gave up, once it has. */
  readonly failure: VaultError | undefined;
}

/** @param onFailed gets what the agent leaves out, item by item */
export function readAnswers(session: PutSession, onFailed: (error: VaultError) => void): Answers {
  const needs: Need[] = [];
  let failure: VaultError | undefined;
  let waiter: PromiseWithResolvers<Need> | undefined;
  const result = read();
  // Whoever awaits it sees the failure; nobody may be awaiting it when it comes.
  result.catch(() => undefined);

  async function read(): Promise<PutResult> {
    let done: PutResult | undefined;
    try {
      for (let down = await session.receive(); down !== undefined; down = await session.receive()) {
        if (down.type === 'done') done = down.result;
        if (down.type === 'need') {
          deliver({ bitmap: down.bitmap, grouped: down.bodies === true });
        }
        if (down.type === 'failed') onFailed(down.error);
      }
      if (done === undefined) {
        throw incomplete('no result came');
      }
      return done;
    } catch (error) {
      failure = toVaultError(error, 'cli.put');
      throw failure;
    } finally {
      const ended = incomplete('an answer is missing');
      waiter?.reject(failure ?? ended);
      failure ??= done === undefined ? ended : undefined;
    }
  }

  function deliver(need: Need): void {
    if (waiter === undefined) {
      needs.push(need);
      return;
    }
    waiter.resolve(need);
    waiter = undefined;
  }

  return {
    async nextNeed() {
      const need = needs.shift();
      if (need !== undefined) return need;
      if (failure !== undefined) throw failure;
      waiter = Promise.withResolvers();
      return waiter.promise;
    },
    result,
    get failure() {
      return failure;
    },
  };
}

function incomplete(detail: string): VaultError {
  const subject = 'answer of the agent';
  return new VaultError('malformed', { op: 'cli.put', subject, detail, next: sameVersion });
}
