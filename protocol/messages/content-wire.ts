/**
 * Contents, attributes and references of operations between journal.proto and the domain. A
 * reference is relative on the wire: empty fields mean the journal, the batch and the epoch that it
 * stands in (`RefBase`), which keeps the common operation small.
 */
import { VaultError } from '../errors.ts';
import type { EpochId, JournalId } from '../ids.ts';
import { idToBytes, journalId, splitJournalId } from '../ids.ts';
import type { peervault } from '../proto/journal.js';
import { exactBytes, optionalWireId, wireId } from './exact-bytes.ts';
import type { Attributes, ChunkRef, Content, OpId, SmallRef } from './op.ts';
import { countFromWire, integerFromWire } from './wire-number.ts';

type WireAttributes = peervault.journal.Attributes.$Properties;
type WireContent = peervault.journal.Content.$Properties;
type WireOpRef = peervault.journal.OpRef.$Properties;
type WireChunkRef = peervault.journal.ChunkRef.$Properties;
type WireSmallRef = peervault.journal.SmallRef.$Properties;

/** Where a reference stands. */
export interface RefBase {
  readonly journal: JournalId;
  readonly sequence: number;
  readonly epoch: EpochId;
}

const op = 'messages.content';

export function opIdToWire(id: OpId, base: RefBase): WireOpRef {
  const sameJournal = id.journal === base.journal;
  const sequence = sameJournal && id.sequence === base.sequence ? 0 : id.sequence;
  if (sameJournal) return { sequence, index: id.index };
  const { device, incarnation } = splitJournalId(id.journal);
  return {
    device: idToBytes(device),
    incarnation: idToBytes(incarnation),
    sequence,
    index: id.index,
  };
}

/** @throws VaultError `malformed` */
export function opIdFromWire(wire: WireOpRef, base: RefBase): OpId {
  const device = optionalWireId('device', wire.device);
  const incarnation = optionalWireId('incarnation', wire.incarnation);
  const journal =
    device === undefined && incarnation === undefined
      ? base.journal
      : journalId(wireId('device', wire.device), wireId('incarnation', wire.incarnation));
  const sequence = countFromWire(wire.sequence, op);
  return {
    journal,
    sequence: sequence === 0 ? base.sequence : sequence,
    index: wire.index ?? 0,
  };
}

export function opIdsToWire(ids: readonly OpId[], base: RefBase): WireOpRef[] {
  return ids.map((id) => opIdToWire(id, base));
}

const noIds: readonly OpId[] = [];

/** @throws VaultError `malformed` */
export function opIdsFromWire(
  wire: readonly WireOpRef[] | null | undefined,
  base: RefBase,
): readonly OpId[] {
  if (wire === null || wire === undefined || wire.length === 0) return noIds;
  return wire.map((ref) => opIdFromWire(ref, base));
}

export function attributesToWire(attributes: Attributes): WireAttributes {
  const { mode, mtime, xattrs } = attributes;
  return {
    mode: mode ?? null,
    mtimeS: mtime?.seconds ?? null,
    mtimeNs: mtime?.nanoseconds ?? null,
    xattrs: [...(xattrs ?? [])].map(([name, value]) => ({
      name: Buffer.from(name, 'latin1'),
      value: value ?? null,
    })),
  };
}

const noAttributes: Attributes = {};

/** @throws VaultError `malformed` */
export function attributesFromWire(wire: WireAttributes | null | undefined): Attributes {
  if (wire === null || wire === undefined) return noAttributes;
  const hasTime = wire.mtimeS !== null && wire.mtimeS !== undefined;
  return {
    ...(wire.mode === null || wire.mode === undefined ? {} : { mode: wire.mode }),
    ...(hasTime
      ? { mtime: { seconds: integerFromWire(wire.mtimeS, op), nanoseconds: wire.mtimeNs ?? 0 } }
      : {}),
    ...((wire.xattrs ?? []).length === 0 ? {} : { xattrs: xattrsFromWire(wire.xattrs ?? []) }),
  };
}

function xattrsFromWire(
  wire: readonly peervault.journal.ExtendedAttribute.$Properties[],
): ReadonlyMap<string, Buffer | undefined> {
  return new Map(
    wire.map(({ name, value }) => [
      Buffer.from(name ?? []).toString('latin1'),
      value === null || value === undefined ? undefined : Buffer.from(value),
    ]),
  );
}

export function contentToWire(content: Content, base: RefBase): WireContent {
  switch (content.type) {
    case 'empty':
      return { size: 0 };
    case 'small':
      return { size: content.size, small: smallToWire(content.small, base) };
    case 'chunk':
      return { size: content.size, chunk: chunkToWire(content.chunk, base) };
    case 'manifest':
      return { size: content.size, manifest: chunkToWire(content.manifest, base) };
  }
}

const emptyContent: Content = { type: 'empty' };

/** @throws VaultError `malformed`, also when a size stands without a place */
export function contentFromWire(wire: WireContent, base: RefBase): Content {
  const size = countFromWire(wire.size, op);
  if (wire.small) return { type: 'small', size, small: smallFromWire(wire.small, base) };
  if (wire.chunk) return { type: 'chunk', size, chunk: chunkFromWire(wire.chunk, base) };
  if (wire.manifest) {
    return { type: 'manifest', size, manifest: chunkFromWire(wire.manifest, base) };
  }
  if (size !== 0) throw new VaultError('malformed', { op, detail: 'a size without a place' });
  return emptyContent;
}

function smallToWire(small: SmallRef, base: RefBase): WireSmallRef {
  return {
    record: idToBytes(small.record),
    salt: small.salt,
    hash: small.hash,
    epoch: epochToWire(small.epoch, base),
  };
}

function smallFromWire(wire: WireSmallRef, base: RefBase): SmallRef {
  return {
    record: wireId('chunk', wire.record),
    salt: exactBytes(wire.salt, 32, 'SmallRef.salt'),
    hash: exactBytes(wire.hash, 32, 'SmallRef.hash'),
    epoch: epochFromWire(wire.epoch, base),
  };
}

function chunkToWire(chunk: ChunkRef, base: RefBase): WireChunkRef {
  return {
    cid: idToBytes(chunk.cid),
    pid: idToBytes(chunk.pid),
    epoch: epochToWire(chunk.epoch, base),
    format: chunk.format,
    plainLength: chunk.plainLength,
    sealedLength: chunk.sealedLength,
  };
}

function chunkFromWire(wire: WireChunkRef, base: RefBase): ChunkRef {
  return {
    cid: wireId('chunk', wire.cid),
    pid: wireId('plain', wire.pid),
    epoch: epochFromWire(wire.epoch, base),
    format: wire.format ?? 0,
    plainLength: wire.plainLength ?? 0,
    sealedLength: wire.sealedLength ?? 0,
  };
}

function epochToWire(epoch: EpochId, base: RefBase): Buffer | null {
  return epoch === base.epoch ? null : idToBytes(epoch);
}

function epochFromWire(wire: Uint8Array | null | undefined, base: RefBase): EpochId {
  const epoch = optionalWireId('epoch', wire);
  return epoch === undefined || epoch === base.epoch ? base.epoch : epoch;
}
