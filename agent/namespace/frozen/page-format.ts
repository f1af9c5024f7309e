/**
 * The bytes of one page: a count, where each record ends, and the records in the order of their names.
 * A record begins with the node's id and its name, so that both can be looked for without unpacking.
 *
 *   count u16 ‖ end of each record u32 … ‖ (node id 16 ‖ length of the name u8 ‖ name ‖ node)…
 *
 * Numbers are little-endian: pages never leave the device.
 */
import type { NodeId } from '../../../protocol/ids.ts';

const countBytes = 2;
const endBytes = 4;
const idBytes = 16;

export interface RecordRange {
  readonly start: number;
  readonly end: number;
}

/** A whole page from its records. */
export function buildPage(records: readonly Uint8Array[]): Buffer {
  const head = countBytes + endBytes * records.length;
  let end = head;
  for (const record of records) end += record.length;
  const page = Buffer.allocUnsafeSlow(end);
  page.writeUInt16LE(records.length, 0);
  end = head;
  for (const [index, record] of records.entries()) {
    page.set(record, end);
    end += record.length;
    page.writeUInt32LE(end, countBytes + endBytes * index);
  }
  return page;
}

export function countOf(page: Buffer): number {
  return page.readUInt16LE(0);
}

/** Whether a page that was read back holds records from its head to its end. */
export function isWhole(page: Buffer): boolean {
  if (page.length < countBytes) return false;
  const count = countOf(page);
  let before = countBytes + endBytes * count;
  if (count === 0 || page.length < before) return false;
  for (let index = 0; index < count; index += 1) {
    const { end } = rangeAt(page, index);
    const isRoomy = end - before > idBytes && end <= page.length;
    if (!isRoomy || before + idBytes + 1 + (page[before + idBytes] ?? 0) > end) return false;
    before = end;
  }
  return before === page.length;
}

export function rangeAt(page: Buffer, index: number): RecordRange {
  const start =
    index === 0
      ? countBytes + endBytes * countOf(page)
      : page.readUInt32LE(countBytes + endBytes * (index - 1));
  return { start, end: page.readUInt32LE(countBytes + endBytes * index) };
}

export function recordAt(page: Buffer, index: number): Buffer {
  const { start, end } = rangeAt(page, index);
  return page.subarray(start, end);
}

export function idAt(page: Buffer, { start }: RecordRange): NodeId {
  return page.toString('hex', start, start + idBytes) as NodeId;
}

export function nameAt(page: Buffer, { start }: RecordRange): string {
  const at = start + idBytes + 1;
  return page.toString('latin1', at, at + (page[at - 1] ?? 0));
}

/** Where what `packNode` wrote begins. */
export function nodeStart(page: Buffer, { start }: RecordRange): number {
  return start + idBytes + 1 + (page[start + idBytes] ?? 0);
}

const wanted = Buffer.alloc(idBytes);

/** The place of a node in the page; -1 when it is not there. */
export function indexOfId(page: Buffer, id: NodeId): number {
  wanted.write(id, 'hex');
  const head = wanted.readUInt32LE(0);
  const count = countOf(page);
  let start = countBytes + endBytes * count;
  for (let index = 0; index < count; index += 1) {
    if (page.readUInt32LE(start) === head) {
      if (wanted.compare(page, start, start + idBytes) === 0) return index;
    }
    start = page.readUInt32LE(countBytes + endBytes * index);
  }
  return -1;
}

/** The place of a name in the page, whose records are in the order of names; -1 when it is not there. */
export function indexOfName(page: Buffer, name: string): number {
  let low = 0;
  let high = countOf(page) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareNameAt(page, middle, name);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Negative when the record's name comes before `name`. */
export function compareNameAt(page: Buffer, index: number, name: string): number {
  const { start } = rangeAt(page, index);
  const length = page[start + idBytes] ?? 0;
  const at = start + idBytes + 1;
  const common = Math.min(length, name.length);
  for (let place = 0; place < common; place += 1) {
    const order = (page[at + place] ?? 0) - name.charCodeAt(place);
    if (order !== 0) return order;
  }
  return length - name.length;
}
