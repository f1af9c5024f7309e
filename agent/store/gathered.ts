/** Requests that come while their turn has not: they are done together, as group commit does it. */
import { MiB } from '../../protocol/limits.ts';
import type { SerialQueue } from './serial-queue.ts';

export interface GatheredParts<Request, Result> {
  /** Where a group waits for its turn. */
  readonly inOrder: SerialQueue;
  /** Does all of a group. When it fails each of them has failed, whatever was done. Results in their order. */
  readonly run: (requests: readonly Request[]) => Promise<readonly Result[]>;
  readonly bytesOf: (request: Request) => number;
}

/** A group that has so many takes no more; what is left waits for the next turn. */
const groupBytes = 12 * MiB;

interface Waiting<Request, Result> {
  readonly request: Request;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Requests are done in the order they came. */
export function createGathered<Request, Result>(
  parts: GatheredParts<Request, Result>,
): (request: Request) => Promise<Result> {
  const { inOrder, run, bytesOf } = parts;
  let waiting: Waiting<Request, Result>[] = [];

  const nextGroup = (): Waiting<Request, Result>[] => {
    let bytes = 0;
    const isOver = ({ request }: Waiting<Request, Result>): boolean =>
      (bytes += bytesOf(request)) >= groupBytes;
    const last = waiting.findIndex(isOver);
    const group = last === -1 ? waiting : waiting.slice(0, last + 1);
    waiting = waiting.slice(group.length);
    return group;
  };

  const turn = async (): Promise<void> => {
    const group = nextGroup();
    if (waiting.length > 0) void inOrder(turn);
    try {
      const results = await run(group.map(({ request }) => request));
      for (const [at, { resolve }] of group.entries()) resolve(results[at] as Result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  return (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    waiting.push({ request, resolve, reject });
    if (waiting.length === 1) void inOrder(turn);
    return promise;
  };
}
