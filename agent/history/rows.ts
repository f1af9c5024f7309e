/**
 * The form of the rows. A row holds where an operation stands in the journals and nothing of what it
 * says: ids and times, no names. What it says is read from the journal, which is checked there; a row
 * that points to the wrong operation is found out by whoever reads it.
 *
 *   n ‖ node ‖ wall ‖ counter ‖ journal ‖ sequence ‖ index   an operation about a node
 *   a ‖ directory ‖ wall ‖ journal ‖ sequence                arrivals of one batch: (index, node)…
 *   d ‖ wall ‖ journal ‖ sequence                            departures of one batch: (index, kind, node)…
 *   j ‖ journal id                                           its number here, how far it is known, last hash
 */
import type { BatchHash, JournalId, NodeId } from '../../protocol/ids.ts';
import type { DepartureKind } from './history.types.ts';

export const tags = {
  node: 0x6e,
  arrival: 0x61,
  departure: 0x64,
  journal: 0x6a,
  form: 0x66,
} as const;

/** Changes when a row changes its form: rows of another form are thrown away. */
export const rowsForm = 1;

/** Where a batch stands, by the number that its journal has in this index. */
export interface BatchPlace {
  readonly journal: number;
  readonly sequence: number;
}

/** Where an operation stands. */
export interface OpPlace extends BatchPlace {
  readonly index: number;
  readonly wallMs: number;
}

export interface ArrivalItem {
  readonly index: number;
  readonly node: NodeId;
}

export interface DepartureItem extends ArrivalItem {
  readonly kind: DepartureKind;
}

export interface KnownJournal {
  readonly number: number;
  /** Up to which batch its operations are in the rows. */
  readonly sequence: number;
  /** Of that batch. */
  readonly hash: BatchHash;
}

const nodeBytes = 16;
const placeBytes = 10;
export const nodeRowBytes = 1 + nodeBytes + 6 + 4 + placeBytes + 2;
const arrivalItemBytes = 2 + nodeBytes;
const departureItemBytes = 3 + nodeBytes;
const hashBytes = 32;
const wallMax = 2 ** 48 - 1;
const counterMax = 2 ** 32 - 1;

/** Writes the key of an operation about a node into `nodeRowBytes` bytes. */
export function writeNodeKey(
  key: Buffer,
  node: NodeId,
  place: OpPlace & { readonly counter: number },
): void {
  key[0] = tags.node;
  key.write(node, 1, 'hex');
  writeWall(key, place.wallMs, 17);
  key.writeUInt32BE(Math.min(place.counter, counterMax), 23);
  writePlace(key, place, 27);
  key.writeUInt16BE(place.index, 37);
}

export function readNodeKey(key: Buffer): OpPlace {
  return {
    ...readPlace(key, 27),
    index: key.readUInt16BE(37),
    wallMs: key.readUIntBE(17, 6),
  };
}

/** Every key about a node is in `from <= key < to`. */
export function nodeRange(node: NodeId): readonly [from: Buffer, to: Buffer] {
  return rangeOf(tags.node, Buffer.from(node, 'hex'));
}

export function arrivalKey(directory: NodeId, wallMs: number, place: BatchPlace): Buffer {
  const key = Buffer.allocUnsafe(1 + nodeBytes + 6 + placeBytes);
  key[0] = tags.arrival;
  key.write(directory, 1, 'hex');
  writeWall(key, wallMs, 17);
  writePlace(key, place, 23);
  return key;
}

export function arrivalRange(directory: NodeId): readonly [from: Buffer, to: Buffer] {
  return rangeOf(tags.arrival, Buffer.from(directory, 'hex'));
}

export function readArrivalKey(key: Buffer): BatchPlace & { readonly wallMs: number } {
  return { ...readPlace(key, 23), wallMs: key.readUIntBE(17, 6) };
}

export function encodeArrivals(items: readonly ArrivalItem[]): Buffer {
  const value = Buffer.allocUnsafe(items.length * arrivalItemBytes);
  let at = 0;
  for (const { index, node } of items) {
    value.writeUInt16BE(index, at);
    value.write(node, at + 2, 'hex');
    at += arrivalItemBytes;
  }
  return value;
}

export function* decodeArrivals(value: Buffer): Generator<ArrivalItem> {
  for (let at = 0; at + arrivalItemBytes <= value.length; at += arrivalItemBytes) {
    yield { index: value.readUInt16BE(at), node: nodeAt(value, at + 2) };
  }
}

export function departureKey(wallMs: number, place: BatchPlace): Buffer {
  const key = Buffer.allocUnsafe(1 + 6 + placeBytes);
  key[0] = tags.departure;
  writeWall(key, wallMs, 1);
  writePlace(key, place, 7);
  return key;
}

export const departureRange = rangeOf(tags.departure, Buffer.alloc(0));

export function readDepartureKey(key: Buffer): BatchPlace & { readonly wallMs: number } {
  return { ...readPlace(key, 7), wallMs: key.readUIntBE(1, 6) };
}

const departureKinds = ['unlink', 'remove-directory', 'move', 'replace'] as const;

export function encodeDepartures(items: readonly DepartureItem[]): Buffer {
  const value = Buffer.allocUnsafe(items.length * departureItemBytes);
  let at = 0;
  for (const { index, kind, node } of items) {
    value.writeUInt16BE(index, at);
    value[at + 2] = departureKinds.indexOf(kind);
    value.write(node, at + 3, 'hex');
    at += departureItemBytes;
  }
  return value;
}

export function* decodeDepartures(value: Buffer): Generator<DepartureItem> {
  for (let at = 0; at + departureItemBytes <= value.length; at += departureItemBytes) {
    const kind = departureKinds[value[at + 2] ?? departureKinds.length];
    if (kind === undefined) continue;
    yield { index: value.readUInt16BE(at), kind, node: nodeAt(value, at + 3) };
  }
}

export function journalKey(journal: JournalId): Buffer {
  return Buffer.concat([Buffer.of(tags.journal), Buffer.from(journal, 'hex')]);
}

export const journalRange = rangeOf(tags.journal, Buffer.alloc(0));

export function journalOfKey(key: Buffer): JournalId {
  return key.toString('hex', 1) as JournalId;
}

export function encodeKnown({ number, sequence, hash }: KnownJournal): Buffer {
  const value = Buffer.alloc(placeBytes + hashBytes);
  writePlace(value, { journal: number, sequence }, 0);
  value.write(hash, placeBytes, 'hex');
  return value;
}

/** undefined when the value is none of ours. */
export function decodeKnown(value: Buffer): KnownJournal | undefined {
  if (value.length !== placeBytes + hashBytes) return undefined;
  const { journal, sequence } = readPlace(value, 0);
  return { number: journal, sequence, hash: value.toString('hex', placeBytes) as BatchHash };
}

/** Of the row that says in which form the others are. */
export const formKey = Buffer.of(tags.form);

/** All rows. */
export const everything = [Buffer.of(0), Buffer.of(0xff)] as const;

function rangeOf(tag: number, id: Buffer): readonly [from: Buffer, to: Buffer] {
  const from = Buffer.concat([Buffer.of(tag), id]);
  // Longer than every key that begins like this one, and not less than any.
  return [from, Buffer.concat([from, Buffer.alloc(32, 0xff)])];
}

function writeWall(key: Buffer, wallMs: number, at: number): void {
  key.writeUIntBE(Math.min(wallMs, wallMax), at, 6);
}

function writePlace(key: Buffer, { journal, sequence }: BatchPlace, at: number): void {
  key.writeUInt32BE(journal, at);
  key.writeUIntBE(sequence, at + 4, 6);
}

function readPlace(key: Buffer, at: number): BatchPlace {
  return { journal: key.readUInt32BE(at), sequence: key.readUIntBE(at + 4, 6) };
}

function nodeAt(value: Buffer, at: number): NodeId {
  return value.toString('hex', at, at + nodeBytes) as NodeId;
}
