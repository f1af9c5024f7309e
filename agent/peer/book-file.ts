/**
 * The address book on disk: one small JSON file that is replaced as a whole. It holds nothing that
 * cannot be learnt again, except the counter of our own address record, so a file that cannot be read
 * starts anew, and says so.
 */
import { isVaultError, toVaultError } from '../../protocol/errors.ts';
import { parseId, type DeviceId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import { isDialable } from '../../protocol/messages/address.ts';
import { readSmallFile, replaceFile } from '../members/durable-file.ts';
import type { Disk, Log } from '../ports.ts';
import type { BookEntry } from './address-book.ts';

const fileBytesMax = 4 * MiB;

/** Everything in the file. */
export interface SavedBook {
  /** Of our own address record; grows before each new one is signed. */
  readonly counter: number;
  readonly ownAddresses: readonly string[];
  /** Where this device listened last, as the system said it. */
  readonly listening?: string | undefined;
  readonly devices: readonly SavedDevice[];
  readonly unknown: readonly string[];
}

/** Of a device, with its record as bytes: whoever loads it checks the signature again. */
export interface SavedDevice {
  readonly device: DeviceId;
  readonly given: readonly string[];
  readonly record: Buffer | undefined;
  readonly lastGood: string | undefined;
  readonly lastSeenMs: number | undefined;
}

const emptyBook: SavedBook = { counter: 0, ownAddresses: [], devices: [], unknown: [] };

/**
 * Reads the book; an empty one when there is none or it is damaged.
 * @throws VaultError `io`: a disk that does not answer now must not cost the addresses of everybody
 */
export async function loadBook(disk: Disk, path: string, log: Log): Promise<SavedBook> {
  try {
    const bytes = await readSmallFile(disk, path, fileBytesMax);
    return bytes === undefined ? emptyBook : parseBook(bytes.toString('utf8'));
  } catch (error) {
    if (isVaultError(error, 'io')) throw error;
    const { message } = toVaultError(error, 'peers.load', path);
    log.warn({ path, message }, 'the address book was damaged: it starts anew');
    return emptyBook;
  }
}

/** Replaces the book; durable when it resolves. */
export async function saveBook(disk: Disk, path: string, book: SavedBook): Promise<void> {
  await replaceFile(disk, path, Buffer.from(formatBook(book), 'utf8'));
}

/** The part of a live entry that is kept. */
export function savedDevice(entry: BookEntry): SavedDevice {
  const { device, given, record, lastGood, lastSeenMs } = entry;
  return { device, given, record: record?.bytes, lastGood, lastSeenMs };
}

function formatBook(book: SavedBook): string {
  const devices = book.devices.map((device) => ({
    ...device,
    record: device.record?.toString('base64'),
  }));
  return `${JSON.stringify({ format: 1, ...book, devices }, null, 1)}\n`;
}

function parseBook(text: string): SavedBook {
  const json = object(JSON.parse(text));
  return {
    counter: count(json['counter']),
    ownAddresses: addresses(json['ownAddresses']),
    listening: dialable(json['listening']),
    devices: list(json['devices']).map(parseDevice),
    unknown: addresses(json['unknown']),
  };
}

function parseDevice(value: unknown): SavedDevice {
  const json = object(value);
  const { record, lastSeenMs } = json;
  return {
    device: parseId('device', String(json['device'])),
    given: addresses(json['given']),
    record: typeof record === 'string' ? Buffer.from(record, 'base64') : undefined,
    lastGood: dialable(json['lastGood']),
    lastSeenMs: typeof lastSeenMs === 'number' ? lastSeenMs : undefined,
  };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function dialable(value: unknown): string | undefined {
  return typeof value === 'string' && isDialable(value) ? value : undefined;
}

function addresses(value: unknown): string[] {
  return list(value).filter((item): item is string => typeof item === 'string' && isDialable(item));
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
