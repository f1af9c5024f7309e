/** Asks the agent part by part who holds what; what is known is shown while the rest is asked for. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import type { Watch, WatchIo } from '../view.ts';
import type { Part } from './loss.ts';
import { pathOf } from './slice.ts';
import type { CopiesMessage, CopiesSlice } from './slice.ts';

/** More parts of one directory are not looked at: each costs the agent a walk. */
const partsMax = 500;
const everyMs = 30_000;

export function copiesWatch(slice: CopiesSlice): Watch {
  const { path } = slice;
  const wrap = (message: CopiesMessage) => ({ type: 'view', view: 'copies', message }) as const;
  return {
    key: `copies:${path.toString('hex')}`,
    watched: ['list', 'peers'],
    everyMs,
    after: ({ type }) => /^changes|^peer/.test(type),
    async run(client, io) {
      const { parts, cut } = await readParts(client, path);
      io.emit(wrap({ type: 'parts', path, parts, cut }));
      await readCopies(client, io, { parts, slice, tell: (message) => io.emit(wrap(message)) });
    },
    failed: (error) => wrap({ type: 'failed', path, error }),
  };
}

async function readParts(
  client: ControlClient,
  path: Buffer,
): Promise<{ readonly parts: readonly Part[]; readonly cut: boolean }> {
  const parts: Part[] = [];
  for await (const entries of client.list({ path, recursive: false })) {
    for (const { path: name, kind } of entries) {
      if (name.length === 0) continue;
      if (parts.length === partsMax) return { parts, cut: true };
      parts.push({ name, kind });
    }
  }
  return { parts, cut: false };
}

async function readCopies(
  client: ControlClient,
  { signal }: WatchIo,
  work: {
    readonly parts: readonly Part[];
    readonly slice: CopiesSlice;
    readonly tell: (message: CopiesMessage) => void;
  },
): Promise<void> {
  const { path } = work.slice;
  for (const part of work.parts) {
    if (signal.aborted) return;
    try {
      const why = await client.why({ path: pathOf(work.slice, part) });
      work.tell({ type: 'why', path, name: part.name, why });
    } catch (error) {
      // It went while the others were asked about.
      if (!isVaultError(error, 'not-found')) throw error;
    }
  }
}
