/**
 * Pages of a state: written item by item, each page as full as it goes, so that the same items always
 * make the same pages; read back one item at a time, since a page is too much for one turn of the loop.
 */
import { VaultError } from '../errors.ts';
import {
  idBytes,
  idFromBytes,
  idToBytes,
  journalId,
  type EpochId,
  type JournalId,
} from '../ids.ts';
import { state as limits } from '../limits.ts';
import { peervault } from '../proto/state.js';
import { bufferFromWire } from './codec.ts';
import { checkShape } from './shape.ts';
import { stateItemFromWire, type IdTables } from './state-from-wire.ts';
import { stateItemShape, statePageShape } from './state-shape.ts';
import { stateItemToWire } from './state-to-wire.ts';
import type { StateItem } from './state.ts';

const { StatePage: Page, StateItem: Item } = peervault.state;

export const statePageVersion = 1;
/** Field, length and bytes of one row of the tables; and of what stands before them. */
const journalBytes = 2 + idBytes.device + idBytes.incarnation;
const epochBytes = 2 + idBytes.epoch;
const versionBytes = 2;

const op = 'messages.statePage';

export class StatePageWriter {
  readonly #bytesMax: number;
  readonly #journals = new Map<JournalId, number>();
  readonly #epochs = new Map<EpochId, number>();
  #items: Buffer[] = [];
  #itemBytes = 0;

  /** @param bytesMax of a page that holds more than one item */
  constructor(bytesMax: number = limits.pageBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** @returns the page before, when the item does not fit into it any more */
  add(item: StateItem): Buffer | undefined {
    const [journals, epochs] = [this.#journals.size, this.#epochs.size];
    const bytes = this.#encode(item);
    const isFull =
      this.#bytesWith(bytes) > this.#bytesMax || this.#items.length === limits.itemsPerPageMax;
    if (!isFull || this.#items.length === 0) {
      this.#push(bytes);
      return undefined;
    }
    shorten(this.#journals, journals);
    shorten(this.#epochs, epochs);
    const page = this.finish();
    this.#push(this.#encode(item));
    return page;
  }

  /** What is left; undefined when that is nothing. */
  finish(): Buffer | undefined {
    if (this.#items.length === 0) return undefined;
    const head = Page.encode({
      version: statePageVersion,
      journals: [...this.#journals.keys()].map(idToBytes),
      epochs: [...this.#epochs.keys()].map(idToBytes),
    }).finish();
    const page = Buffer.concat([head, ...this.#items]);
    this.#journals.clear();
    this.#epochs.clear();
    this.#items = [];
    this.#itemBytes = 0;
    return page;
  }

  /** As one field of the page. */
  #encode(item: StateItem): Buffer {
    const wire = stateItemToWire(item, {
      journal: (id) => numberIn(this.#journals, id),
      epoch: (id) => numberIn(this.#epochs, id),
    });
    return bufferFromWire(Page.encode({ items: [Item.encode(wire).finish()] }).finish());
  }

  #push(bytes: Buffer): void {
    this.#items.push(bytes);
    this.#itemBytes += bytes.length;
  }

  #bytesWith(item: Buffer): number {
    const tables = this.#journals.size * journalBytes + this.#epochs.size * epochBytes;
    return versionBytes + tables + this.#itemBytes + item.length;
  }
}

/**
 * The items of a page, one by one.
 * @throws VaultError `damaged`: it does not hold what it should
 */
export function* readStatePage(bytes: Uint8Array): Generator<StateItem> {
  try {
    const { tables, items } = openPage(bytes);
    for (const item of items) {
      checkShape(item, stateItemShape, op);
      yield stateItemFromWire(Item.decode(item), tables);
    }
  } catch (cause) {
    throw damagedState('a page cannot be read', cause);
  }
}

export function damagedState(detail: string, cause?: unknown): VaultError {
  return new VaultError('damaged', {
    op: 'namespace.loadState',
    subject: 'a state',
    detail,
    cause,
  });
}

function openPage(bytes: Uint8Array): { tables: IdTables; items: readonly Uint8Array[] } {
  if (bytes.length > limits.pageBytesMax) {
    throw new VaultError('too-large', { op, detail: `${String(bytes.length)} bytes in one page` });
  }
  checkShape(bytes, statePageShape, op);
  const { version, journals, epochs, items } = Page.decode(bytes);
  if (version !== statePageVersion) {
    throw new VaultError('protocol-version', {
      op,
      detail: `a page of version ${String(version)}`,
    });
  }
  return {
    tables: {
      journals: journals.map(journalFromWire),
      epochs: epochs.map((epoch) => idFromBytes('epoch', epoch)),
    },
    items,
  };
}

function journalFromWire(bytes: Uint8Array): JournalId {
  const cut = idBytes.device;
  return journalId(
    idFromBytes('device', bytes.subarray(0, cut)),
    idFromBytes('incarnation', bytes.subarray(cut)),
  );
}

function numberIn<Id>(table: Map<Id, number>, id: Id): number {
  const known = table.get(id);
  if (known !== undefined) return known;
  table.set(id, table.size);
  return table.size - 1;
}

/** Takes the latest ones out again. */
function shorten<Id>(table: Map<Id, number>, size: number): void {
  for (const [id, number] of table) if (number >= size) table.delete(id);
}
