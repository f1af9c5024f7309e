/** Operations as registers hold them, between records and packed bytes. */
import type { ChunkId, EpochId, JournalId, PlainId } from '../../../protocol/ids.ts';
import type { Attributes, ChunkRef, Content, OpId } from '../../../protocol/messages/op.ts';
import type { NodeRecord, OpRecord } from '../records.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';
import type { PackContext } from './pack-context.ts';

/** Where the packed record stands: what most operations of it repeat. */
export interface PackPlace {
  readonly owner: NodeRecord | undefined;
  readonly name: string;
}

const hasParent = 1;
const parentIsOwner = 2;
const hasName = 4;
const nameIsPlace = 8;
const hasAttributes = 16;
const hasContent = 32;

export function packOp(sink: ByteSink, op: OpRecord, place: PackPlace, context: PackContext): void {
  const { parent, name, attributes, content } = op;
  // A position counts below directories only, and those are never packed away.
  const isBelow = parent?.directory !== undefined;
  const isInPlace = isBelow && parent === place.owner;
  const hasPlaceName = name !== '' && name === place.name;
  const flags =
    (!isBelow ? 0 : isInPlace ? parentIsOwner : hasParent) |
    (name === '' ? 0 : hasPlaceName ? nameIsPlace : hasName) |
    (isBare(attributes) ? 0 : hasAttributes) |
    (content === undefined ? 0 : hasContent);
  sink.count(flags);
  packOpId(sink, op, context);
  sink.count(op.wallMs);
  sink.count(op.counter);
  if ((flags & hasParent) !== 0 && parent !== undefined) sink.count(context.ordinalOf(parent));
  if ((flags & hasName) !== 0) sink.text(name);
  if ((flags & hasAttributes) !== 0) packAttributes(sink, attributes);
  if (content !== undefined) packContent(sink, content, context);
}

export function unpackOp(source: ByteSource, place: PackPlace, context: PackContext): OpRecord {
  const flags = source.count();
  const journal = context.journals.at(source.count());
  const sequence = source.count();
  const index = source.count();
  const wallMs = source.count();
  const counter = source.count();
  const parent =
    (flags & hasParent) !== 0
      ? context.nodeAt(source.count())
      : (flags & parentIsOwner) !== 0
        ? place.owner
        : undefined;
  const name =
    (flags & hasName) !== 0 ? source.text() : (flags & nameIsPlace) !== 0 ? place.name : '';
  const attributes = (flags & hasAttributes) !== 0 ? unpackAttributes(source) : noAttributes;
  const content = (flags & hasContent) !== 0 ? unpackContent(source, context) : undefined;
  return { journal, sequence, index, wallMs, counter, parent, name, attributes, content };
}

export function packOpId(sink: ByteSink, op: OpId, { journals }: PackContext): void {
  sink.count(journals.numberOf(op.journal));
  sink.count(op.sequence);
  sink.count(op.index);
}

export function unpackOpId(source: ByteSource, { journals }: PackContext): OpId {
  const journal = journals.at(source.count());
  return { journal, sequence: source.count(), index: source.count() };
}

/** The name of an operation as `opKey` writes it. */
export function packOpKey(sink: ByteSink, key: string, context: PackContext): void {
  const [journal = '', sequence, index] = key.split('/');
  const op = { journal: journal as JournalId, sequence: Number(sequence), index: Number(index) };
  packOpId(sink, op, context);
}

const noAttributes: Attributes = {};
const hasMode = 1;
const hasMtime = 2;
const hasXattrs = 4;

export function packAttributes(sink: ByteSink, { mode, mtime, xattrs }: Attributes): void {
  const flags =
    (mode === undefined ? 0 : hasMode) |
    (mtime === undefined ? 0 : hasMtime) |
    (xattrs === undefined ? 0 : hasXattrs);
  sink.count(flags);
  if (mode !== undefined) sink.count(mode);
  if (mtime !== undefined) {
    sink.signed(mtime.seconds);
    sink.count(mtime.nanoseconds);
  }
  if (xattrs === undefined) return;
  sink.count(xattrs.size);
  for (const [name, value] of xattrs) {
    sink.text(name);
    sink.count(value === undefined ? 0 : 1);
    if (value !== undefined) sink.bytes(value);
  }
}

export function unpackAttributes(source: ByteSource): Attributes {
  const flags = source.count();
  const attributes: { -readonly [Key in keyof Attributes]: Attributes[Key] } = {};
  if ((flags & hasMode) !== 0) attributes.mode = source.count();
  if ((flags & hasMtime) !== 0) {
    attributes.mtime = { seconds: source.signed(), nanoseconds: source.count() };
  }
  if ((flags & hasXattrs) === 0) return attributes;
  const xattrs = new Map<string, Buffer | undefined>();
  for (let left = source.count(); left > 0; left -= 1) {
    const name = source.text();
    xattrs.set(name, source.count() === 0 ? undefined : source.bytes());
  }
  attributes.xattrs = xattrs;
  return attributes;
}

function isBare({ mode, mtime, xattrs }: Attributes): boolean {
  return mode === undefined && mtime === undefined && xattrs === undefined;
}

const contentTypes = ['empty', 'small', 'chunk', 'manifest'] as const;

function packContent(sink: ByteSink, content: Content, context: PackContext): void {
  sink.count(contentTypes.indexOf(content.type));
  switch (content.type) {
    case 'empty':
      return;
    case 'small': {
      const { record, salt, hash, epoch } = content.small;
      sink.count(content.size);
      sink.hex(record);
      sink.raw(salt);
      sink.raw(hash);
      sink.count(context.epochs.numberOf(epoch));
      return;
    }
    case 'chunk':
      sink.count(content.size);
      packChunk(sink, content.chunk, context);
      return;
    case 'manifest':
      sink.count(content.size);
      packChunk(sink, content.manifest, context);
  }
}

const emptyContent: Content = { type: 'empty' };

function unpackContent(source: ByteSource, context: PackContext): Content {
  const type = contentTypes[source.count()];
  if (type === undefined) throw new RangeError('a content of no type');
  switch (type) {
    case 'empty':
      return emptyContent;
    case 'small': {
      const size = source.count();
      const record = source.hex(32) as ChunkId;
      const salt = source.raw(32);
      const hash = source.raw(32);
      return { type, size, small: { record, salt, hash, epoch: unpackEpoch(source, context) } };
    }
    case 'chunk':
      return { type, size: source.count(), chunk: unpackChunk(source, context) };
    case 'manifest':
      return { type, size: source.count(), manifest: unpackChunk(source, context) };
  }
}

function packChunk(sink: ByteSink, chunk: ChunkRef, { epochs }: PackContext): void {
  sink.hex(chunk.cid);
  sink.hex(chunk.pid);
  sink.count(epochs.numberOf(chunk.epoch));
  sink.count(chunk.format);
  sink.count(chunk.plainLength);
  sink.count(chunk.sealedLength);
}

function unpackChunk(source: ByteSource, context: PackContext): ChunkRef {
  return {
    cid: source.hex(32) as ChunkId,
    pid: source.hex(32) as PlainId,
    epoch: unpackEpoch(source, context),
    format: source.count(),
    plainLength: source.count(),
    sealedLength: source.count(),
  };
}

function unpackEpoch(source: ByteSource, { epochs }: PackContext): EpochId {
  return epochs.at(source.count());
}
