/**
 * The address book and its file, with the rules of who may put what into it: records only with a
 * right signature, our own record always as the listener is. Saving is grouped; the counter of our
 * own record is saved before that record leaves.
 */
import { readAddressRecord } from '../../protocol/messages/address-record.ts';
import { isVaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { Clock, Disk, Log, Timer } from '../ports.ts';
import { AddressBook, type BookEntry, type KnownRecord } from './address-book.ts';
import { loadBook, saveBook, savedDevice, type SavedBook } from './book-file.ts';
import { nextState, signOwnRecord, type OwnRecordState } from './own-record.ts';
import type { PeerAuthority } from './peer.ts';

/** Of the address book, below the home. */
export const bookPath = 'identity/peers.json';
const saveAfterMs = 100;

export interface BookKeeperParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: PeerAuthority;
}

/** What a set of records did. */
export interface Learnt {
  /** One of them had a wrong signature or no form. */
  readonly forged: boolean;
  /** An older life of this device said something else with our counter or a higher one. */
  readonly ownOutdated: boolean;
  /** Devices whose addresses are news. */
  readonly devices: readonly DeviceId[];
}

/** Opens the book of this home. */
export async function openBook(parts: BookKeeperParts): Promise<BookKeeper> {
  return new BookKeeper(parts, await loadBook(parts.disk, bookPath, parts.log));
}

export class BookKeeper {
  readonly book: AddressBook;
  readonly #parts: BookKeeperParts;
  #own: OwnRecordState;
  #ownRecord: Buffer | undefined;
  #listening: string | undefined;
  #timer: Timer | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: BookKeeperParts, saved: SavedBook) {
    this.#parts = parts;
    this.#own = { counter: saved.counter, addresses: saved.ownAddresses };
    this.#listening = saved.listening;
    this.book = new AddressBook(
      saved.devices.map((device) => this.#checked(device)),
      saved.unknown,
    );
  }

  /** Records to pass on, ours first. */
  records(): Buffer[] {
    return [...(this.#ownRecord === undefined ? [] : [this.#ownRecord]), ...this.book.records()];
  }

  /** Where this device listened last. */
  get listening(): string | undefined {
    return this.#listening;
  }

  listens(address: string): void {
    if (address === this.#listening) return;
    this.#listening = address;
    this.saveSoon();
  }

  /** As our own record says. */
  ownAddresses(): readonly string[] {
    return this.#own.addresses;
  }

  /** Our addresses are these now. @returns whether a new record was signed */
  async publish(addresses: readonly string[]): Promise<boolean> {
    const next = nextState(this.#own, addresses);
    if (next === this.#own && this.#ownRecord !== undefined) return false;
    const before = this.#own;
    this.#own = next;
    try {
      await this.save();
    } catch (error) {
      this.#own = before;
      throw error;
    }
    this.#ownRecord = signOwnRecord(this.#parts.authority, next);
    return true;
  }

  learn(records: readonly Uint8Array[]): Learnt {
    const devices: DeviceId[] = [];
    let forged = false;
    let ownOutdated = false;
    for (const bytes of records) {
      const read = this.#read(bytes);
      if (read === 'forged') forged = true;
      else if (read === 'stranger') continue;
      else if (read.device === this.#parts.authority.device) {
        ownOutdated = this.#isBehind(read.record) || ownOutdated;
      } else if (this.book.learn(read.device, read.record)) devices.push(read.device);
    }
    if (devices.length > 0) this.saveSoon();
    return { forged, ownOutdated, devices };
  }

  saveSoon(): void {
    this.#timer ??= this.#parts.clock.after(saveAfterMs, () => {
      void this.#saveQuietly();
    });
  }

  /** Durable when it resolves; one save at a time. */
  save(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const write = (): Promise<void> => saveBook(this.#parts.disk, bookPath, this.#toSave());
    this.#saving = this.#saving.then(write, write);
    return this.#saving;
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) await this.#saveQuietly();
    await this.#saving.catch(() => undefined);
  }

  /** What is lost by a failure can be learnt again. */
  async #saveQuietly(): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      this.#parts.log.warn({ error: String(error) }, 'the address book could not be saved');
    }
  }

  #toSave(): SavedBook {
    return {
      counter: this.#own.counter,
      ownAddresses: this.#own.addresses,
      listening: this.#listening,
      devices: this.book.entries().map(savedDevice),
      unknown: this.book.unknown(),
    };
  }

  #checked(saved: SavedBook['devices'][number]): BookEntry {
    const read = saved.record === undefined ? 'stranger' : this.#read(saved.record);
    return { ...saved, record: typeof read === 'string' ? undefined : read.record };
  }

  /** The counter goes on from whatever anybody has seen of us, also when our own file is lost. */
  #isBehind(record: KnownRecord): boolean {
    const { counter, addresses } = this.#own;
    const same = record.addresses.join(' ') === addresses.join(' ');
    if (record.counter < counter || (record.counter === counter && same)) return false;
    this.#own = { counter: record.counter, addresses: [] };
    return true;
  }

  #read(
    bytes: Uint8Array,
  ): { readonly device: DeviceId; readonly record: KnownRecord } | 'forged' | 'stranger' {
    const { authority } = this.#parts;
    let stranger = false;
    try {
      const { device, counter, addresses } = readAddressRecord(
        authority.vault,
        bytes,
        (signer, signed, signature) => {
          stranger = authority.isMember?.(signer) === false;
          return !stranger && authority.verify(signer, signed, signature);
        },
      );
      return { device, record: { counter, addresses, bytes: Buffer.from(bytes) } };
    } catch (error) {
      if (!isVaultError(error)) throw error;
      return stranger ? 'stranger' : 'forged';
    }
  }
}
