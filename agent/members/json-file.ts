/** Reading our own JSON files: every field is checked, and every complaint names file and field. */
import { VaultError } from '../../protocol/errors.ts';
import type { Disk } from '../ports.ts';
import { readSmallFile, replaceFile } from './durable-file.ts';

const jsonBytesMax = 1024 * 1024;

/** One object of a file, with its fields still unchecked. */
export class JsonFields {
  readonly #file: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /** @throws VaultError `damaged` when `value` is not an object */
  constructor(file: string, value: unknown) {
    this.#file = file;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw damaged(file, 'not an object');
    }
    this.#fields = new Map(Object.entries(value));
  }

  /** @throws VaultError `damaged` unless it is exactly so many bytes in hex */
  hex(field: string, length: number): Buffer {
    const value = this.#fields.get(field);
    if (typeof value !== 'string' || value.length !== length * 2 || !/^[0-9a-f]*$/.test(value)) {
      throw this.#wrong(field, `not ${String(length)} bytes in hex`);
    }
    return Buffer.from(value, 'hex');
  }

  /** @throws VaultError `damaged` unless it is at most so many bytes in hex */
  hexUpTo(field: string, lengthMax: number): Buffer {
    const value = this.#fields.get(field);
    if (
      typeof value !== 'string' ||
      value.length > lengthMax * 2 ||
      !/^([0-9a-f]{2})*$/.test(value)
    ) {
      throw this.#wrong(field, `not up to ${String(lengthMax)} bytes in hex`);
    }
    return Buffer.from(value, 'hex');
  }

  /** @throws VaultError `damaged` unless it is a whole number in these bounds */
  between(field: string, min: number, max: number): number {
    const value = this.count(field);
    if (value < min || value > max) {
      throw this.#wrong(field, `not from ${String(min)} to ${String(max)}`);
    }
    return value;
  }

  /** @throws VaultError `damaged` unless it is a text of at most so many characters */
  text(field: string, lengthMax: number): string {
    const value = this.#fields.get(field);
    if (typeof value !== 'string' || value.length > lengthMax) {
      throw this.#wrong(field, `not a text of up to ${String(lengthMax)} characters`);
    }
    return value;
  }

  /** @throws VaultError `damaged` unless it is a whole number from 0 on */
  count(field: string): number {
    const value = this.#fields.get(field);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw this.#wrong(field, 'not a whole number');
    }
    return value;
  }

  /** @throws VaultError `damaged` unless it is true or false */
  flag(field: string): boolean {
    const value = this.#fields.get(field);
    if (typeof value !== 'boolean') throw this.#wrong(field, 'neither true nor false');
    return value;
  }

  /** @throws VaultError `damaged` unless it is one of the texts */
  oneOf<Text extends string>(field: string, texts: readonly Text[]): Text {
    const value = this.#fields.get(field);
    const text = texts.find((one) => one === value);
    if (text === undefined) throw this.#wrong(field, `none of ${texts.join(', ')}`);
    return text;
  }

  has(field: string): boolean {
    return this.#fields.has(field);
  }

  /** @throws VaultError `damaged` unless it is a list of objects */
  list(field: string): readonly JsonFields[] {
    const value = this.#fields.get(field);
    if (!Array.isArray(value)) throw this.#wrong(field, 'not a list');
    return value.map((item: unknown) => new JsonFields(this.#file, item));
  }

  /** The format of the file, from 1 to `known`. @throws VaultError `home-newer`, `damaged` */
  checkFormatUpTo(known: number): void {
    if (this.count('format') > known) this.checkFormat(known);
    this.between('format', 1, known);
  }

  /** The format of the file. @throws VaultError `home-newer`, `damaged` */
  checkFormat(known: number): void {
    const format = this.count('format');
    if (format > known) {
      throw new VaultError('home-newer', {
        op: 'members.readJson',
        subject: this.#file,
        detail: `format ${String(format)}`,
        next: 'use the version of the program that wrote it, or a newer one',
      });
    }
    if (format !== known) throw this.#wrong('format', `not ${String(known)}`);
  }

  #wrong(field: string, detail: string): VaultError {
    return damaged(this.#file, `${field}: ${detail}`);
  }
}

/** The file's object, or undefined when there is none. @throws VaultError `damaged`, `io` */
export async function readJson(disk: Disk, path: string): Promise<JsonFields | undefined> {
  const bytes = await readSmallFile(disk, path, jsonBytesMax);
  return bytes === undefined ? undefined : parseJson(path, bytes);
}

/** The object that the bytes of a file are. @throws VaultError `damaged` */
export function parseJson(file: string, bytes: Buffer): JsonFields {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's message would quote the file, and with it the keys.
    throw damaged(file, 'not JSON');
  }
  return new JsonFields(file, value);
}

/** Durable when it resolves. */
export async function writeJson(disk: Disk, path: string, value: object): Promise<void> {
  await replaceFile(disk, path, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`, 'utf8'));
}

function damaged(file: string, detail: string): VaultError {
  return new VaultError('damaged', { op: 'members.readJson', subject: file, detail });
}
