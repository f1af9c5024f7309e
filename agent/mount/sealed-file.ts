/**
 * A file of records in order, each sealed by itself under a key of the file, so that the disk never has
 * plain text and a file that was cut short opens up to its last whole record.
 *
 * It begins with a salt of 32 bytes. A record is its length (4, little-endian), a random nonce (12),
 * cipher text and tag (16); the name of the file and the offset are authenticated with it.
 */
import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { toVaultError, VaultError } from '../../protocol/errors.ts';
import { zeroedBytes } from '../../protocol/small-bytes.ts';
import type { RecordPlace, ScratchFile } from '../../fuse/operations/port.ts';
import { aeadNonceBytes, aeadOpen, aeadTagBytes } from '../members/aead.ts';
import { deriveKey } from '../members/derive.ts';
import type { Disk, DiskFile, Random } from '../ports.ts';

export const directory = 'overlay';
const saltBytes = 32;
const lengthBytes = 4;
const overheadBytes = lengthBytes + aeadNonceBytes + aeadTagBytes;
/** Written before the answer is given, without a thread. */
const nowBytesMax = 32 * 1024;
/** A WRITE of 1 MiB, or all names that a killed agent left. */
const plainBytesMax = 64 * 1024 * 1024;

export interface SealedFileParts {
  readonly disk: Disk;
  readonly random: Random;
  /** A secret of this device. */
  readonly secret: Uint8Array;
}

interface Opened {
  readonly file: DiskFile;
  readonly key: KeyObject;
}

interface Queued {
  readonly parts: readonly Uint8Array[];
  readonly offset: number;
  readonly settle: PromiseWithResolvers<void>;
}

export class SealedFile implements ScratchFile {
  readonly isShared = false;
  readonly name: string;
  readonly #parts: SealedFileParts;
  readonly #path: string;
  /** Of a new file the key is known before the file is there. */
  readonly #opened: Promise<Opened>;
  readonly #key: KeyObject | undefined;
  /** When it is open. */
  #file: DiskFile | undefined;
  #end = saltBytes;
  #queue: Queued[] = [];
  #writing: Promise<void> | undefined;
  #nameSynced = false;
  /** What is on the medium. */
  #synced = 0;
  #syncing: Promise<void> | undefined;
  /** It could not be made; or a sync has failed, and nothing that it says later can be believed. */
  #failure: Error | undefined;
  #removed = false;
  #last: { readonly offset: number; readonly plain: Promise<Buffer> } | undefined;

  constructor(parts: SealedFileParts, name: string, { isNew }: { readonly isNew: boolean }) {
    this.name = name;
    this.#parts = parts;
    this.#path = `${directory}/${name}`;
    if (isNew) {
      const salt = parts.random.bytes(saltBytes);
      this.#key = createSecretKey(deriveKey(parts.secret, 'device/overlay', salt));
      this.#opened = this.#create(salt, this.#key);
    } else {
      this.#opened = this.#open();
    }
    // Whoever uses it hears of it; nobody may.
    this.#opened.then(
      ({ file }) => {
        if (!this.#removed) this.#file = file;
      },
      (error: unknown) => {
        this.#failure = toVaultError(error, 'mount.scratch', this.#path);
      },
    );
  }

  get bytes(): number {
    return this.#end;
  }

  append(parts: readonly Uint8Array[]): { place: RecordPlace; done: Promise<void> } {
    const plainBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const offset = this.#end;
    const place = { offset, plainBytes };
    const now = this.#appendNow(parts, place);
    if (now !== undefined) return { place, done: now };
    const settle = Promise.withResolvers<undefined>() as PromiseWithResolvers<void>;
    this.#queue.push({ parts: this.#seal(parts, { plainBytes, offset }), offset, settle });
    this.#end += plainBytes + overheadBytes;
    this.#writing ??= this.#writeAll();
    return { place, done: settle.promise };
  }

  /** undefined: it has to wait for its turn, or is too large to hold everything else up. */
  #appendNow(parts: readonly Uint8Array[], place: RecordPlace): Promise<void> | undefined {
    const writeNow = this.#file?.writeNow?.bind(this.#file);
    if (writeNow === undefined || this.#writing !== undefined) return undefined;
    if (place.plainBytes > nowBytesMax) return undefined;
    try {
      writeNow(place.offset, this.#seal(parts, place));
      this.#end += place.plainBytes + overheadBytes;
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(toVaultError(error, 'mount.scratch', this.#path));
    }
  }

  async read({ offset, plainBytes }: RecordPlace): Promise<Buffer> {
    // Readers go through a record in several steps.
    if (this.#last?.offset === offset) return this.#last.plain;
    const last = { offset, plain: this.#readRecord(offset, plainBytes) };
    this.#last = last;
    try {
      return await last.plain;
    } catch (error) {
      // It may pass.
      if (this.#last === last) this.#last = undefined;
      throw error;
    }
  }

  /** Only for one who does nothing else with it: the file is closed after that. */
  async *records(): AsyncGenerator<{ place: RecordPlace; plain: Buffer }> {
    const opened = await this.#opened.catch(() => undefined);
    if (opened === undefined) return;
    try {
      yield* this.#recordsOf(opened.file);
    } finally {
      await opened.file.close();
    }
  }

  async *#recordsOf(file: DiskFile): AsyncGenerator<{ place: RecordPlace; plain: Buffer }> {
    const size = await file.size();
    for (let offset = saltBytes; offset + overheadBytes <= size;) {
      const head = await file.read(offset, lengthBytes);
      const plainBytes = head.length < lengthBytes ? -1 : head.readUInt32LE(0);
      if (plainBytes < 0 || plainBytes > plainBytesMax) return;
      const plain = await this.#tryRecord(offset, plainBytes);
      if (plain === undefined) return;
      yield { place: { offset, plainBytes }, plain };
      offset += plainBytes + overheadBytes;
    }
  }

  /** Callers of one moment share a sync; what is there already costs nothing. */
  async sync(): Promise<void> {
    // Not even for a moment between this and the next line: what begins then is not awaited.
    while (this.#writing !== undefined) await this.#writing;
    const end = this.#end;
    while (this.#synced < end && !this.#removed) {
      this.#syncing ??= this.#syncNow().finally(() => {
        this.#syncing = undefined;
      });
      await this.#syncing;
    }
  }

  /** It could not be made, or a sync has failed: nothing more is to be written here. */
  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Lets it be as it is. */
  async close(): Promise<void> {
    this.#file = undefined;
    await this.#writing;
    const opened = await this.#opened.catch(() => undefined);
    await opened?.file.close();
  }

  async remove(): Promise<void> {
    this.#removed = true;
    await this.close();
    await this.#parts.disk.remove(this.#path);
  }

  async #syncNow(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const { file } = await this.#opened;
      while (this.#writing !== undefined) await this.#writing;
      const end = this.#end;
      await file.sync();
      if (!this.#nameSynced) await this.#parts.disk.syncDirectory(directory);
      this.#nameSynced = true;
      this.#synced = end;
    } catch (error) {
      this.#failure = toVaultError(error, 'mount.scratch', this.#path);
      throw this.#failure;
    }
  }

  async #create(salt: Buffer, key: KeyObject): Promise<Opened> {
    const file = await this.#parts.disk.open(this.#path, 'create');
    await file.write(0, [salt]);
    return { file, key };
  }

  async #open(): Promise<Opened> {
    const file = await this.#parts.disk.open(this.#path, 'write');
    const salt = await file.read(0, saltBytes);
    if (salt.length === saltBytes) {
      const key = createSecretKey(deriveKey(this.#parts.secret, 'device/overlay', salt));
      return { file, key };
    }
    await file.close();
    throw damaged(this.#path, 'it is shorter than its head');
  }

  #seal(
    parts: readonly Uint8Array[],
    { plainBytes, offset }: { readonly plainBytes: number; readonly offset: number },
  ): readonly Uint8Array[] {
    if (this.#key === undefined) throw damaged(this.#path, 'a taken up file is only read');
    const nonce = this.#parts.random.bytes(aeadNonceBytes);
    const options = { authTagLength: aeadTagBytes };
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, options);
    cipher.setAAD(this.#aad(offset));
    const head = zeroedBytes(lengthBytes);
    head.writeUInt32LE(plainBytes);
    const sealed = parts.map((part) => cipher.update(part));
    cipher.final();
    return [head, nonce, ...sealed, cipher.getAuthTag()];
  }

  /** One write at a time, each with all that waits: whoever is answered has everything before it there too. */
  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const [first] = batch;
      try {
        const { file } = await this.#opened;
        await file.write(
          first?.offset ?? 0,
          batch.flatMap(({ parts }) => parts),
        );
        for (const { settle } of batch) settle.resolve();
      } catch (error) {
        // What stands behind a gap would never be read again.
        const lost = [...batch, ...this.#queue];
        this.#queue = [];
        this.#end = first?.offset ?? this.#end;
        for (const { settle } of lost) settle.reject(error);
      }
    }
    this.#writing = undefined;
  }

  async #readRecord(offset: number, plainBytes: number): Promise<Buffer> {
    const plain = await this.#tryRecord(offset, plainBytes);
    if (plain === undefined)
      throw damaged(this.#path, `a record at ${String(offset)} does not open`);
    return plain;
  }

  async #tryRecord(offset: number, plainBytes: number): Promise<Buffer | undefined> {
    const { file, key } = await this.#opened;
    const start = offset + lengthBytes;
    const bytes = await file.read(start, plainBytes + overheadBytes - lengthBytes);
    if (bytes.length < plainBytes + overheadBytes - lengthBytes) return undefined;
    const nonce = bytes.subarray(0, aeadNonceBytes);
    return aeadOpen(key, bytes.subarray(aeadNonceBytes), { nonce, aad: this.#aad(offset) });
  }

  #aad(offset: number): Buffer {
    return Buffer.from(`${this.name}:${String(offset)}`);
  }
}

function damaged(path: string, detail: string): VaultError {
  return new VaultError('damaged', { op: 'mount.scratch', subject: path, detail });
}
