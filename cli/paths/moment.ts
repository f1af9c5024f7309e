/**
 * Which moment is meant: the value of `--at`, a snapshot or a time. The agent makes the tree as it was
 * then before anything is asked of it; meanwhile there is a bar.
 */
import type { ControlClient } from '../../protocol/control/client.ts';
import { VaultError } from '../../protocol/errors.ts';
import type { Moment } from '../../protocol/messages/control-moment.ts';
import type { Invocation } from '../invocation.ts';
import { sameVersion } from '../output/failure.ts';
import { text, usageError } from '../parse/command-line.ts';
import { parseTime } from '../../protocol/text/time.ts';

/**
 * The moment of `--at`; undefined: now.
 * @throws VaultError `usage`, `not-found`, `conflict`, `chunk-missing`, `no-key`
 */
export async function askedMoment(
  invocation: Invocation,
  client: ControlClient,
): Promise<Moment | undefined> {
  const typed = text(invocation.line, 'at');
  if (typed === undefined) return undefined;
  if (text(invocation.line, 'version') !== undefined) {
    const { command } = invocation.line;
    throw usageError(command, '--at and --version', 'a version is one of its own time: give one');
  }
  return findMoment(invocation, client, typed);
}

/**
 * The client, reading the tree as it was at the moment of `--at` where one is given.
 * @throws VaultError `usage`, `not-found`, `conflict`, `chunk-missing`, `no-key`
 */
export async function clientAt(invocation: Invocation): Promise<ControlClient> {
  const client = await invocation.client();
  const at = await askedMoment(invocation, client);
  if (at === undefined) return client;
  return {
    ...client,
    list: (request) => client.list({ ...request, at }),
    listNames: (request) => client.listNames({ ...request, at }),
    stat: (request) => client.stat({ ...request, at }),
    get: (request) => client.get({ ...request, at }),
  };
}

/** @throws VaultError `usage`, `not-found`, `conflict`, `chunk-missing`, `no-key` */
export async function findMoment(
  invocation: Invocation,
  client: ControlClient,
  typed: string,
): Promise<Moment> {
  const nowMs = Date.now();
  const timeMs = parseTime(typed, nowMs);
  if (timeMs !== undefined && timeMs > nowMs) {
    throw usageError(invocation.line.command, typed, 'this time is still to come');
  }
  const progress = invocation.startProgress('changes');
  let done = 0;
  try {
    const request = { text: typed, timeMs: timeMs === undefined ? undefined : Math.max(0, timeMs) };
    for await (const down of client.moment(request)) {
      if (down.type === 'ready') return down.moment;
      progress.total(down.batchesTotal);
      progress.advance(down.batchesDone - done);
      done = down.batchesDone;
    }
  } finally {
    progress.finish();
  }
  throw new VaultError('malformed', {
    op: 'cli.findMoment',
    subject: 'answer of the agent',
    detail: 'it ended without the moment',
    next: sameVersion,
  });
}
