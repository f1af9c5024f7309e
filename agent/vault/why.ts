/**
 * Why a path is as it is on this device and on the others: which version is shown and who wrote it, who
 * has it, what is missing, and what stands in the way. This file gathers; the words are in
 * `why-reasons.ts`.
 */
import { isUtf8 } from 'node:buffer';
import type { JournalRow, Role, WhyDevice, WhyReport } from '../../protocol/control/reports.ts';
import {
  journalId,
  parseId,
  splitJournalId,
  type DeviceId,
  type EpochId,
  type JournalId,
  type NodeId,
} from '../../protocol/ids.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import type { Chronicle } from '../history/history.types.ts';
import type { PeerBookRow } from '../peer/peer.ts';
import type { Clock } from '../ports.ts';
import type { BrowseParts, Found } from './browse.ts';
import { clashAt } from './conflicts.ts';
import { departureOf } from './departed.ts';
import { formatTime } from './format-time.ts';
import { formatPath, joinPath, type VaultPath } from './path.ts';
import { Slices } from './slices.ts';
import { unreadableJournals } from './unreadable.ts';
import { formatVersion } from './version-id.ts';
import { contentFacts, opOfEntry, type ContentFacts } from './why-content.ts';
import { deviceFacts, holdersOf, type DeviceFacts } from './why-devices.ts';
import type { Standing } from './why-members.ts';
import {
  explain,
  type BehindRow,
  type MountFacts,
  type StoppedJournal,
  type WhyFacts,
} from './why-reasons.ts';

export interface WhyParts extends BrowseParts {
  readonly history: Chronicle;
  readonly clock: Clock;
  /** This device. */
  readonly device: DeviceId;
  /** Active members, this device among them. */
  readonly members: readonly {
    readonly device: DeviceId;
    readonly name: string;
    readonly role: Role;
  }[];
  readonly book: readonly PeerBookRow[];
  readonly hasKey: (epoch: EpochId) => boolean;
  /** The journals, and how far each counts. */
  readonly journals: () => Promise<readonly JournalRow[]>;
  /** What happened to programs in the mount. @param path as a person writes it */
  readonly mountAbout: (path: string, node: NodeId | undefined) => MountFacts;
  /** Whether this device can read names at all. */
  readonly readsNames: boolean;
  readonly self: WhyFacts['self'];
  readonly waiting: WhyFacts['waiting'];
  /** What a device is now that has written once. */
  readonly standingOf: (device: DeviceId) => Standing;
}

/** @throws VaultError `cancelled`, `overload`, and what the journals cannot be read with */
export async function explainPath(
  parts: WhyParts,
  path: VaultPath,
  signal: AbortSignal | undefined,
): Promise<WhyReport> {
  if (!parts.readsNames) return ofBlindDevice(parts, path);
  const found = foundAt(parts, path);
  return found === undefined ? ofNothing(parts, path) : ofSomething(parts, found, signal);
}

function foundAt({ tree }: WhyParts, path: VaultPath): Found | undefined {
  if (path.length === 0) return { path, view: undefined, node: tree.root() };
  const view = tree.resolve(path);
  return view === undefined ? undefined : { path, view, node: view.node };
}

async function ofSomething(
  parts: WhyParts,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<WhyReport> {
  const { path, view, node } = found;
  const slices = new Slices(parts.clock, signal);
  const content = await contentFacts(parts, parts.tree, { top: found, slices });
  const devices = devicesOf(parts, {
    needed: content.needed,
    holdsAll: content.missingChunks === 0 && content.filesUnknown === 0,
  });
  const conflicts = conflictRows(parts, path);
  const isFile = node.kind !== 'directory';
  const about = { path, node: node.id, content, devices, isFile };
  const facts = await factsOf(parts, { ...about, standing: 'present' });
  const { health, reasons } = explain({
    ...facts,
    // The one that keeps its name is as much in conflict as the others.
    conflicts: isFile ? Math.min(conflicts.length, 1) : facts.conflicts,
  });
  const op = view === undefined ? undefined : opOfEntry(parts.tree, view);
  const author = op === undefined ? undefined : splitJournalId(op.journal).device;
  return {
    ...base(path),
    kind: node.kind,
    health,
    summary: health === 'ok' ? wellText(devices) : (reasons[0]?.message ?? ''),
    version: op === undefined ? null : formatVersion(op),
    author: author === undefined ? null : parts.deviceName(author),
    deviceId: author ?? null,
    time: view?.version === undefined ? null : formatTime(view.version.stamp.wallMs),
    deleted: null,
    ...sums(content),
    conflicts,
    devices: devices.map(deviceRow),
    reasons,
  };
}

async function ofNothing(parts: WhyParts, path: VaultPath): Promise<WhyReport> {
  const departure = await departureOf(parts, path);
  const needed =
    departure === undefined
      ? new Map<JournalId, number>()
      : new Map([[departure.op.journal, departure.op.sequence]]);
  const devices = devicesOf(parts, { needed, holdsAll: true });
  const standing = departure === undefined ? 'unknown' : 'gone';
  const facts = await factsOf(parts, { path, content: undefined, devices, isFile: true, standing });
  const { health, reasons } = explain(facts);
  return {
    ...base(path),
    kind: null,
    health,
    summary: goneText(departure?.deleted ?? null, reasons.length === 0),
    version: null,
    author: null,
    deviceId: null,
    time: null,
    deleted: departure?.deleted ?? null,
    ...sums(undefined),
    conflicts: [],
    devices: departure === undefined ? [] : devices.map(deviceRow),
    reasons,
  };
}

function ofBlindDevice(parts: WhyParts, path: VaultPath): WhyReport {
  const name = parts.deviceName(parts.device);
  const message = `${name} stores the vault and has no key to read names: ask another device`;
  const next = 'vault members shows which devices may read';
  return {
    ...base(path),
    kind: null,
    health: 'attention',
    summary: message,
    version: null,
    author: null,
    deviceId: null,
    time: null,
    deleted: null,
    ...sums(undefined),
    conflicts: [],
    devices: [],
    reasons: [{ code: 'no-key', message, subject: parts.device, next }],
  };
}

function devicesOf(
  parts: WhyParts,
  { needed, holdsAll }: { readonly needed: ContentFacts['needed']; readonly holdsAll: boolean },
): readonly DeviceFacts[] {
  return deviceFacts({
    self: parts.device,
    members: parts.members,
    book: parts.book,
    replication: parts.replication.state(),
    holdsAll,
    needed,
  });
}

async function factsOf(
  parts: WhyParts,
  about: {
    readonly path: VaultPath;
    readonly node?: NodeId;
    readonly content: ContentFacts | undefined;
    readonly devices: readonly DeviceFacts[];
    readonly isFile: boolean;
    readonly standing: WhyFacts['standing'];
  },
): Promise<WhyFacts> {
  const { store, clock } = parts;
  const { content } = about;
  const replication = parts.replication.state();
  const path = formatPath(about.path);
  return {
    path,
    nowMs: clock.nowMs(),
    isFile: about.isFile,
    standing: about.standing,
    devices: about.devices,
    missing: {
      chunks: content?.missingChunks ?? 0,
      bytes: content?.missingBytes ?? 0,
      damaged: content?.damaged ?? 0,
      filesUnknown: content?.filesUnknown ?? 0,
      holders: holdersOf({ replication, self: parts.device }, content?.missingFrom ?? new Map()),
    },
    queuedBytes: replication.missingBytes,
    self: parts.self,
    waiting: parts.waiting,
    filesWithoutKey: content?.filesWithoutKey ?? 0,
    conflicts: content?.conflicts ?? 0,
    full: store.report().full,
    behind: behindRows(parts),
    mount: parts.mountAbout(path, about.node),
    stopped: await stoppedJournals(parts),
    damagedJournals: damagedAuthors(parts),
  };
}

/** What others have of journals beyond what is here, by author. */
function behindRows({ replication, store, deviceName, device: self }: WhyParts): BehindRow[] {
  const rows = new Map<DeviceId, { batches: number; from: Set<DeviceId> }>();
  const most = new Map<JournalId, number>();
  for (const [device, { applied }] of replication.state().holdings) {
    for (const [journal, sequence] of applied) {
      const lacking = sequence - (store.journals.tip(journal)?.sequence ?? 0);
      if (lacking <= 0) continue;
      const author = splitJournalId(journal).device;
      const row = rows.get(author) ?? { batches: 0, from: new Set() };
      const known = most.get(journal) ?? 0;
      row.batches += Math.max(0, lacking - known);
      row.from.add(device);
      most.set(journal, Math.max(known, lacking));
      rows.set(author, row);
    }
  }
  return [...rows].map(([author, { batches, from }]) => ({
    author: author === self ? `${deviceName(author)} (this device)` : deviceName(author),
    batches,
    from: [...from],
  }));
}

/** Journals of which more is here than in the tree, or more should be, and why. */
async function stoppedJournals(parts: WhyParts): Promise<StoppedJournal[]> {
  const rows = await parts.journals();
  const unreadable = await unreadableOf(parts, rows);
  return rows.flatMap((row): StoppedJournal[] => {
    const { state, device: author, counts, hidden } = row;
    const standing = parts.standingOf(parseId('device', row.deviceId));
    const applied = parts.tree.vector().get(idOf(row)) ?? 0;
    if (unreadable.has(idOf(row))) {
      return [{ author, standing, sequence: applied, batches: counts - applied, why: 'no-key' }];
    }
    if (state === 'counts' || state === 'damaged') return [];
    if (hidden === 0 && (state === 'cut-off' || state === 'no-right')) return [];
    return [{ author, standing, sequence: counts, batches: hidden, why: state }];
  });
}

function unreadableOf(
  { tree, store, hasKey }: WhyParts,
  rows: readonly JournalRow[],
): Promise<ReadonlySet<JournalId>> {
  return unreadableJournals(
    { journals: store.journals, hasKey },
    tree.vector(),
    rows.map((row) => [idOf(row), row.counts] as const),
  );
}

function idOf({ deviceId, incarnation }: JournalRow): JournalId {
  return journalId(parseId('device', deviceId), parseId('incarnation', incarnation));
}

function damagedAuthors({ store, deviceName }: WhyParts): readonly string[] {
  const authors = store.journals.damaged().map((journal) => splitJournalId(journal).device);
  return [...new Set(authors)].map(deviceName);
}

function conflictRows({ tree, deviceName }: WhyParts, path: VaultPath): WhyReport['conflicts'] {
  const clash = path.length === 0 ? undefined : clashAt(tree, path);
  return (clash?.rows ?? []).map((row) => {
    const op = opOfEntry(tree, row);
    return {
      path: textOf([...path.slice(0, -1), row.name]),
      version: op === undefined ? null : formatVersion(op),
      author: op === undefined ? null : deviceName(splitJournalId(op.journal).device),
      time: row.version === undefined ? null : formatTime(row.version.stamp.wallMs),
    };
  });
}

function deviceRow(facts: DeviceFacts): WhyDevice {
  return {
    deviceId: facts.device,
    name: facts.name,
    self: facts.self,
    role: facts.role,
    online: facts.online,
    lastSeen: facts.lastSeenMs === undefined ? null : formatTime(facts.lastSeenMs),
    seen: facts.seen ?? null,
    holds: facts.holds ?? null,
  };
}

function wellText(devices: readonly DeviceFacts[]): string {
  return `all of it is on ${devices.map(({ name }) => name).join(', ')}`;
}

/** @param isAllKnown nothing is on its way, and nobody is away who could have made it */
function goneText(deleted: WhyReport['deleted'], isAllKnown: boolean): string {
  if (deleted === null && !isAllKnown) return 'nothing of this name is known on this device';
  if (deleted === null) return 'nothing of this name is in the vault, and nothing ever was';
  const { author, time, renamedTo } = deleted;
  return renamedTo === null
    ? `${author} removed it at ${time}`
    : `${author} renamed it at ${time}: it is ${renamedTo} now`;
}

function base(path: VaultPath): Pick<WhyReport, 'path' | 'pathBytes'> {
  const bytes = joinPath(path);
  const text = textOf(path);
  return isUtf8(bytes) ? { path: text } : { path: text, pathBytes: bytes.toString('base64') };
}

function textOf(path: VaultPath): string {
  const bytes = joinPath(path);
  return `/${isUtf8(bytes) ? bytes.toString() : escapeBytes(bytes)}`;
}

function sums(
  content: ContentFacts | undefined,
): Pick<
  WhyReport,
  'files' | 'bytes' | 'filesHere' | 'missingChunks' | 'missingBytes' | 'filesUnknown'
> {
  return {
    files: content?.files ?? 0,
    bytes: content?.bytes ?? 0,
    filesHere: content?.filesHere ?? 0,
    missingChunks: content?.missingChunks ?? 0,
    missingBytes: content?.missingBytes ?? 0,
    filesUnknown: content?.filesUnknown ?? 0,
  };
}
