/**
 * The requests and small replies of the control socket. Which call takes which, SPEC.md, "Control
 * protocol". Entries, puts, gets and reports have files of their own beside this one.
 */
import { VaultError } from '../errors.ts';
import { control as limits, members } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec, textFromWire } from './codec.ts';
import type { Codec } from './codec.ts';
import { mountDrivers, type MountDriver } from '../control/reports.ts';
import { attributeShape, modeFromWire } from './control-entry.ts';
import { momentField, momentShape, momentToWire } from './control-moment.ts';
import type { Moment } from './control-moment.ts';
import { countFromWire } from './wire-number.ts';

const generated = peervault.control;
const text = { bytesMax: limits.keyTextBytesMax, text: true } as const;
const version = { bytesMax: limits.versionTextBytesMax, text: true } as const;
/** Of the agent's machine. */
const directory = { bytesMax: limits.directoryBytesMax, text: true } as const;
const address = { bytesMax: members.addressBytesMax, text: true } as const;

export interface PathRequest {
  readonly path: Buffer;
  /** Hex of a version id, or of its beginning; undefined: the current one. */
  readonly version?: string | undefined;
  /** As it was then; undefined: now. */
  readonly at?: Moment | undefined;
}

export interface ListRequest {
  readonly path: Buffer;
  readonly recursive: boolean;
  /** Of a recursive list: how deep; undefined: no limit. */
  readonly depthMax?: number | undefined;
  /** Pages come as names (control-names.ts). */
  readonly namesOnly?: boolean | undefined;
  /** As it was then; undefined: now. */
  readonly at?: Moment | undefined;
}

export interface MakeDirectoryRequest {
  readonly path: Buffer;
  /** Make missing directories above it; an existing one is fine. */
  readonly parents: boolean;
  readonly mode: number;
}

export interface RemoveRequest {
  readonly path: Buffer;
  readonly recursive: boolean;
  /** A missing path is fine. */
  readonly force: boolean;
}

export interface MoveRequest {
  readonly source: Buffer;
  /** The exact new path. */
  readonly destination: Buffer;
  readonly noReplace: boolean;
}

export interface CopyRequest {
  readonly source: Buffer;
  /** The exact new path. */
  readonly destination: Buffer;
  readonly recursive: boolean;
  /** The source as it was then; undefined: now. */
  readonly at?: Moment | undefined;
}

/** What a change did. */
export interface Changed {
  readonly entries: number;
  readonly version?: string | undefined;
}

export interface InviteRequest {
  readonly role: string;
  /** Seconds from now. */
  readonly expiresS: number;
  /** An admin confirms the joiner. */
  readonly approve: boolean;
  /** To put into the ticket; empty: those that the agent knows of itself. */
  readonly addresses: readonly string[];
}

export interface PeerAddRequest {
  /** Id, its beginning, or name; undefined: whoever answers, if it is a member. */
  readonly device?: string | undefined;
  /** `host:port`. */
  readonly address: string;
}

export interface PeerRemoveRequest {
  readonly address: string;
}

export interface MountRequest {
  /** Absolute, on the agent's machine. */
  readonly directory: string;
  /** Other users of that machine may look into it. */
  readonly allowOther: boolean;
  /** @default 'kernel' */
  readonly driver?: MountDriver | undefined;
}

export interface UnmountRequest {
  readonly directory: string;
  /** Also when it is in use. */
  readonly force: boolean;
}

/** Which batch of a forked journal counts. */
export interface JournalChooseRequest {
  /** `DEVICE/INCARNATION`, or beginnings of both. */
  readonly journal: string;
  readonly sequence: number;
  /** Hex of the batch's hash, or of its beginning. */
  readonly hash: string;
}

export interface EventsRequest {
  /** Go on with new ones until cancelled. */
  readonly follow: boolean;
  /** How many of the past come first. */
  readonly recent: number;
}

export interface ConfigRequest {
  /** undefined: all. */
  readonly key?: string | undefined;
}

export interface ConfigSetRequest {
  readonly key: string;
  /** As typed; undefined: the setting is taken out of the file. */
  readonly value: string | undefined;
}

export interface ShutdownRequest {
  /** End the supervisor too. */
  readonly supervisor: boolean;
}

/** Both the request and the reply of calls that need no words. */
export const empty: Codec<undefined> = codec('control.empty', {}, generated.Empty, {
  toWire: () => ({}),
  fromWire: () => undefined,
});

export const pathRequest: Codec<PathRequest> = codec(
  'control.pathRequest',
  { 1: attributeShape.path, 2: version, 15: { nested: momentShape } },
  generated.PathRequest,
  {
    toWire: ({ path, version, at }) => ({ path, version: version ?? '', at: momentToWire(at) }),
    fromWire: (message, op) => ({
      path: bufferFromWire(message.path),
      version: textFromWire(message.version),
      ...momentField(message.at, op),
    }),
  },
);

export const listRequest: Codec<ListRequest> = codec(
  'control.listRequest',
  { 1: attributeShape.path, 2: {}, 3: {}, 4: {}, 15: { nested: momentShape } },
  generated.ListRequest,
  {
    toWire: ({ path, recursive, depthMax, namesOnly, at }) => ({
      path,
      recursive,
      depthMax: depthMax ?? 0,
      namesOnly: namesOnly === true,
      at: momentToWire(at),
    }),
    fromWire: (message, op) => ({
      path: bufferFromWire(message.path),
      recursive: message.recursive,
      depthMax: message.depthMax === 0 ? undefined : message.depthMax,
      ...(message.namesOnly ? { namesOnly: true } : {}),
      ...momentField(message.at, op),
    }),
  },
);

export const makeDirectoryRequest: Codec<MakeDirectoryRequest> = codec(
  'control.makeDirectoryRequest',
  { 1: attributeShape.path, 2: {}, 3: {} },
  generated.MakeDirectoryRequest,
  {
    toWire: (value) => value,
    fromWire: (message, op) => ({
      path: bufferFromWire(message.path),
      parents: message.parents,
      mode: modeFromWire(message.mode, op),
    }),
  },
);

export const removeRequest: Codec<RemoveRequest> = codec(
  'control.removeRequest',
  { 1: attributeShape.path, 2: {}, 3: {} },
  generated.RemoveRequest,
  {
    toWire: (value) => value,
    fromWire: ({ path, recursive, force }) => ({ path: bufferFromWire(path), recursive, force }),
  },
);

export const moveRequest: Codec<MoveRequest> = codec(
  'control.moveRequest',
  { 1: attributeShape.path, 2: attributeShape.path, 3: {} },
  generated.MoveRequest,
  {
    toWire: (value) => value,
    fromWire: ({ source, destination, noReplace }) => ({
      source: bufferFromWire(source),
      destination: bufferFromWire(destination),
      noReplace,
    }),
  },
);

export const copyRequest: Codec<CopyRequest> = codec(
  'control.copyRequest',
  { 1: attributeShape.path, 2: attributeShape.path, 3: {}, 15: { nested: momentShape } },
  generated.CopyRequest,
  {
    toWire: ({ source, destination, recursive, at }) => ({
      source,
      destination,
      recursive,
      at: momentToWire(at),
    }),
    fromWire: ({ source, destination, recursive, at }, op) => ({
      source: bufferFromWire(source),
      destination: bufferFromWire(destination),
      recursive,
      ...momentField(at, op),
    }),
  },
);

export const changed: Codec<Changed> = codec(
  'control.changed',
  { 1: {}, 2: version },
  generated.Changed,
  {
    toWire: (value) => ({ entries: value.entries, version: value.version ?? '' }),
    fromWire: (message, op) => ({
      entries: countFromWire(message.entries, op),
      version: textFromWire(message.version),
    }),
  },
);

export const inviteRequest: Codec<InviteRequest> = codec(
  'control.inviteRequest',
  { 1: text, 2: {}, 3: {}, 4: { ...address, countMax: members.addressesPerDeviceMax } },
  generated.InviteRequest,
  {
    toWire: (value) => ({ ...value, addresses: [...value.addresses] }),
    fromWire: (message, op) => ({
      role: message.role,
      expiresS: countFromWire(message.expiresS, op),
      approve: message.approve,
      addresses: message.addresses,
    }),
  },
);

export const peerAddRequest: Codec<PeerAddRequest> = codec(
  'control.peerAddRequest',
  { 1: text, 2: address },
  generated.PeerAddRequest,
  {
    toWire: (value) => ({ address: value.address, device: value.device ?? '' }),
    fromWire: (message) => ({ device: textFromWire(message.device), address: message.address }),
  },
);

export const peerRemoveRequest: Codec<PeerRemoveRequest> = codec(
  'control.peerRemoveRequest',
  { 1: address },
  generated.PeerRemoveRequest,
  { toWire: (value) => value, fromWire: (message) => ({ address: message.address }) },
);

function directoryFromWire(text: string, op: string): string {
  if (text.startsWith('/') && !text.includes('\0')) return text;
  throw new VaultError('malformed', { op, subject: 'directory', detail: 'it is not absolute' });
}

export const mountRequest: Codec<MountRequest> = codec(
  'control.mountRequest',
  { 1: directory, 2: {}, 3: text },
  generated.MountRequest,
  {
    toWire: ({ driver = 'kernel', ...value }) => ({ ...value, driver }),
    fromWire: (message, op) => ({
      directory: directoryFromWire(message.directory, op),
      allowOther: message.allowOther,
      driver: driverFromWire(message.driver, op),
    }),
  },
);

export const unmountRequest: Codec<UnmountRequest> = codec(
  'control.unmountRequest',
  { 1: directory, 2: {} },
  generated.UnmountRequest,
  {
    toWire: (value) => value,
    fromWire: (message, op) => ({
      directory: directoryFromWire(message.directory, op),
      force: message.force,
    }),
  },
);

export const journalChooseRequest: Codec<JournalChooseRequest> = codec(
  'control.journalChooseRequest',
  { 1: text, 2: {}, 3: text },
  generated.JournalChooseRequest,
  {
    toWire: (value) => value,
    fromWire: ({ journal, sequence, hash }) => ({
      journal,
      sequence: countFromWire(sequence, 'control.journalChooseRequest'),
      hash,
    }),
  },
);

export const eventsRequest: Codec<EventsRequest> = codec(
  'control.eventsRequest',
  { 1: {}, 2: {} },
  generated.EventsRequest,
  {
    toWire: (value) => value,
    fromWire: (message) => ({
      follow: message.follow,
      recent: Math.min(message.recent, limits.eventsRecentMax),
    }),
  },
);

export const configRequest: Codec<ConfigRequest> = codec(
  'control.configRequest',
  { 1: text },
  generated.ConfigRequest,
  {
    toWire: (value) => ({ key: value.key ?? '' }),
    fromWire: (message) => ({ key: textFromWire(message.key) }),
  },
);

export const configSetRequest: Codec<ConfigSetRequest> = codec(
  'control.configSetRequest',
  { 1: text, 2: { bytesMax: limits.settingTextBytesMax, text: true }, 3: {} },
  generated.ConfigSetRequest,
  {
    toWire: ({ key, value }) => ({ key, value: value ?? '', unset: value === undefined }),
    fromWire: ({ key, value, unset }) => ({ key, value: unset ? undefined : value }),
  },
);

export const shutdownRequest: Codec<ShutdownRequest> = codec(
  'control.shutdownRequest',
  { 1: {} },
  generated.ShutdownRequest,
  { toWire: (value) => value, fromWire: (message) => ({ supervisor: message.supervisor }) },
);

/** Those who ask without a word for it know only one. */
function driverFromWire(driver: string, op: string): MountDriver {
  const known = driver === '' ? 'kernel' : mountDrivers.find((name) => name === driver);
  if (known !== undefined) return known;
  throw new VaultError('malformed', { op, detail: 'there is no such driver' });
}
