/** Copies and versions of the files that are shown, where there is room to show them. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { geometryOf } from '../../screen/geometry.ts';
import { shownRange } from '../../state/list-cursor.ts';
import type { State } from '../../state/state.ts';
import type { Watch } from '../view.ts';
import { layoutOf } from './layout.ts';
import { shownRows } from './lists.ts';
import { joinPath, pathKey } from './paths.ts';
import { listHeight } from './reduce.ts';
import type { FileFacts, FilesSlice } from './slice.ts';

/** Lists narrower than this do not show them. */
export const factsFrom = 84;
/** What somebody scrolls past is not asked for. */
const restMs = 300;
/** Versions of a file that are counted. */
export const versionsMax = 99;

export function factsKey(directory: Buffer, { path, version }: Entry): string {
  return `${pathKey(joinPath(directory, path))} ${version ?? ''}`;
}

export function factsWatch(state: State): Watch | undefined {
  const slice = state.slices.files;
  const { body } = geometryOf(state.size);
  const width = layoutOf(state, body).list?.width ?? 0;
  if (slice.mode !== 'browse' || slice.at !== undefined || width - 4 < factsFrom) return undefined;
  const files = shownFiles(slice, listHeight(state, body));
  if (files.length === 0) return undefined;
  return {
    key: `files:facts:${files.map((entry) => factsKey(slice.directory, entry)).join('\n')}`,
    after: ({ type }) => /^(changes|chunks|peer|file)/.test(type),
    async run(client, io) {
      await io.sleep(restMs);
      const facts = new Map<string, FileFacts>();
      for (const entry of files) {
        const path = joinPath(slice.directory, entry.path);
        facts.set(factsKey(slice.directory, entry), await factsOf(client, path));
      }
      io.emit({ type: 'view', view: 'files', message: { type: 'facts', facts } });
    },
  };
}

function shownFiles(slice: FilesSlice, height: number): readonly Entry[] {
  const { start, end } = shownRange(slice.cursor, shownRows(slice).length, height);
  return shownRows(slice)
    .slice(start, end)
    .flatMap(({ entry }) => (entry.kind === 'file' ? [entry] : []));
}

async function factsOf(client: ControlClient, path: Buffer): Promise<FileFacts> {
  const { devices } = await client.why({ path });
  let versions = 0;
  for await (const { version } of client.log({ path, newest: versionsMax })) {
    if (version !== undefined) versions += 1;
  }
  return {
    copies: devices.filter(({ holds }) => holds === true).length,
    silent: devices.filter(({ holds }) => holds === null).length,
    versions,
  };
}
