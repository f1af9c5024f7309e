/** What the files view reads from the agent while it is shown. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import type { WhyReport } from '../../../protocol/control/reports.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { Message } from '../../state/message.ts';
import type { State } from '../../state/state.ts';
import type { Watch, WatchIo } from '../view.ts';
import { conflictPreview } from './conflict-preview.ts';
import { factsWatch } from './facts.ts';
import { selectedConflict, selectedEntry, selectedLog } from './lists.ts';
import { pathKey } from './paths.ts';
import { directoryPreview, filePreview } from './preview.ts';
import { listingKey } from './reduce.ts';
import type { FilesMessage, FilesSlice, ReadMode, Side } from './slice.ts';

/** What somebody walks past is not read. */
const restMs = 120;
/** Parts of a long listing are shown as they come. */
const partMs = 250;
const trashMax = 5000;
/** More than any pane is wide. */
const pieceCells = 400;
const historyMax = 2000;

const root = Buffer.alloc(0);
const treeChanged = /^(changes|file|conflict|chunks)/;

function say(message: FilesMessage): Message {
  return { type: 'view', view: 'files', message };
}

export function filesWatches(state: State): readonly Watch[] {
  const slice = state.slices.files;
  const beside = [sideWatch(slice), piecesWatch(slice), factsWatch(state)].filter(
    (each) => each !== undefined,
  );
  // Changes of this device itself are no events: the tree's hash tells of them.
  const token = state.data.status?.value?.treeHash ?? undefined;
  return [listWatch(slice), ...beside].map((watch) => ({
    ...watch,
    token: slice.at === undefined ? token : undefined,
  }));
}

function listWatch(slice: FilesSlice): Watch {
  switch (slice.mode) {
    case 'browse':
      return browseWatch(slice);
    case 'history':
      return historyWatch(slice.history?.path ?? root);
    case 'trash':
      return collected({
        ...{ mode: 'trash', key: 'files:trash', countMax: trashMax },
        items: (client) => client.trash({ path: slice.directory }),
        message: (rows) => say({ type: 'trash', rows }),
      });
    case 'conflicts':
      return collected({
        ...{ mode: 'conflicts', key: 'files:conflicts', countMax: trashMax },
        items: (client) => client.conflicts({ path: root }),
        message: (rows) => say({ type: 'conflicts', rows }),
      });
    case 'snapshots':
      return snapshotsWatch;
  }
}

const snapshotsWatch: Watch = {
  key: 'files:snapshots',
  watched: ['snapshots'],
  after: ({ type }) => /^(changes|snapshot)/.test(type),
  everyMs: 60_000,
  async run(client, { emit }) {
    emit(say({ type: 'snapshots', rows: await client.snapshots() }));
  },
  failed: (error) => say({ type: 'list-failed', mode: 'snapshots', error }),
};

function browseWatch(slice: FilesSlice): Watch {
  const key = listingKey(slice);
  const { directory: path, at } = slice;
  return {
    key: `files:list:${key}`,
    // The past does not change. What is here of the present does.
    watched: at === undefined ? ['list', 'status'] : undefined,
    after: at === undefined ? ({ type }) => treeChanged.test(type) : undefined,
    everyMs: at === undefined ? 60_000 : undefined,
    async run(client, io) {
      const entries: Entry[] = [];
      let shownMs = io.nowMs();
      // A listing that is shown already is replaced when the new one is whole.
      let quiet = slice.listing?.complete === true;
      for await (const page of client.list({ path, recursive: false, at: at?.moment })) {
        for (const entry of page) entries.push(entry);
        if (quiet || (entries.length > page.length && io.nowMs() - shownMs < partMs)) continue;
        shownMs = io.nowMs();
        io.emit(say({ type: 'listed', key, listing: { entries: [...entries], complete: false } }));
      }
      quiet = true;
      io.emit(say({ type: 'listed', key, listing: { entries, complete: true } }));
    },
    failed: (error) =>
      say({ type: 'listed', key, listing: { entries: [], complete: true, error } }),
  };
}

function historyWatch(path: Buffer): Watch {
  return collected({
    ...{ mode: 'history', key: `files:history:${pathKey(path)}`, countMax: historyMax },
    items: (client) => client.log({ path, newest: historyMax }),
    message: (rows) => say({ type: 'history', path, rows }),
  });
}

interface Collected<Item> {
  readonly key: string;
  readonly mode: ReadMode;
  readonly countMax: number;
  readonly items: (client: ControlClient) => AsyncIterable<Item>;
  readonly message: (items: readonly Item[]) => Message;
}

function collected<Item>(list: Collected<Item>): Watch {
  return {
    key: list.key,
    watched: ['list'],
    after: ({ type }) => treeChanged.test(type),
    everyMs: 60_000,
    async run(client, { emit }) {
      const items: Item[] = [];
      for await (const item of list.items(client)) {
        items.push(item);
        if (items.length === list.countMax) break;
      }
      emit(list.message(items));
    },
    failed: (error) => say({ type: 'list-failed', mode: list.mode, error }),
  };
}

/** Of whatever is selected. */
function sideWatch(slice: FilesSlice): Watch | undefined {
  const entry = selectedEntry(slice);
  if (entry !== undefined) return entryWatch(slice, entry);
  const row = selectedLog(slice);
  if (row?.version !== undefined && row.kind === 'file') {
    const { path, version, size } = row;
    const key = `version:${pathKey(path)}:${version}`;
    return watchOfSide(key, async (client) => ({
      key,
      preview: await filePreview(client, { path, version, size }),
    }));
  }
  const conflict = selectedConflict(slice);
  if (conflict === undefined) return undefined;
  const versions = conflict.versions.map(({ version }) => version ?? '').join(',');
  const key = `conflict:${pathKey(conflict.path)}:${versions}`;
  return watchOfSide(key, async (client) => ({
    key,
    preview: await conflictPreview(client, conflict),
  }));
}

function entryWatch(
  slice: FilesSlice,
  { path, entry }: NonNullable<ReturnType<typeof selectedEntry>>,
): Watch {
  const { at } = slice;
  const key = entryKey(slice, { path, entry });
  return watchOfSide(key, async (client) => {
    // Why something is so is asked of the present only.
    const why = at === undefined ? await whyOf(client, path) : undefined;
    const moment = at?.moment;
    if (entry.kind === 'directory') {
      return { key, why, preview: await directoryPreview(client, path, moment) };
    }
    if (entry.kind === 'symlink') return { key, why };
    return { key, why, preview: await filePreview(client, { path, size: entry.size, at: moment }) };
  });
}

function entryKey(
  slice: FilesSlice,
  { path, entry }: NonNullable<ReturnType<typeof selectedEntry>>,
): string {
  return `entry:${listingKey(slice)}:${pathKey(path)}:${entry.version ?? ''}:${entry.state}`;
}

/** As they come: of a file that is not whole here. */
function piecesWatch(slice: FilesSlice): Watch | undefined {
  const selected = selectedEntry(slice);
  if (selected === undefined || slice.at !== undefined) return undefined;
  const { entry, path } = selected;
  if (entry.kind !== 'file' || entry.chunksHere === entry.chunks) return undefined;
  const key = entryKey(slice, selected);
  return {
    key: `files:pieces:${key}`,
    watched: ['status'],
    everyMs: 2000,
    async run(client, io) {
      await io.sleep(restMs);
      const pieces = await client.pieces({ path, cells: pieceCells });
      io.emit(say({ type: 'side', side: { key, pieces } }));
    },
  };
}

/** An older agent, or a path that has just gone: the rest is worth showing. */
function whyOf(client: ControlClient, path: Buffer): Promise<WhyReport | undefined> {
  return client.why({ path }).catch(() => undefined);
}

function watchOfSide(key: string, read: (client: ControlClient) => Promise<Side>): Watch {
  return {
    key: `files:side:${key}`,
    after: ({ type }) => treeChanged.test(type),
    async run(client, io: WatchIo) {
      await io.sleep(restMs);
      io.emit(say({ type: 'side', side: await read(client) }));
    },
    failed: (error) => say({ type: 'side', side: { key, error } }),
  };
}
