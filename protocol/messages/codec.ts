/**
 * One message between its bytes and its domain type. What comes in is walked against its declared
 * shape before the generated decoder allocates anything, and every field is checked on the way to the
 * domain type. `control*.ts` is made of these.
 */
import { VaultError } from '../errors.ts';
import { checkShape } from './shape.ts';
import type { MessageShape } from './shape.ts';

export interface Codec<T> {
  toWire(value: T): Uint8Array;
  /** @throws VaultError `malformed` */
  fromWire(bytes: Uint8Array): T;
}

/** The part of a generated class that is used. */
interface Generated<Out, In> {
  encode(message: Out): { finish(): Uint8Array };
  decode(bytes: Uint8Array): In;
}

/** Both directions between the domain type and the generated one. */
interface Conversion<T, Out, In> {
  toWire(value: T): Out;
  /** `op` is for the errors of the checks. */
  fromWire(message: In, op: string): T;
}

/**
 * @param op names the message in errors, e.g. `control.putUp`
 */
export function codec<T, Out, In>(
  op: string,
  shape: MessageShape,
  generated: Generated<Out, In>,
  conversion: Conversion<T, Out, In>,
): Codec<T> {
  return {
    toWire: (value) => generated.encode(conversion.toWire(value)).finish(),
    fromWire(bytes) {
      checkShape(bytes, shape, op);
      return conversion.fromWire(decode(generated, bytes, op), op);
    },
  };
}

function decode<In>(generated: Generated<never, In>, bytes: Uint8Array, op: string): In {
  try {
    return generated.decode(bytes);
  } catch (cause) {
    // The decoder throws plain errors for what the walk does not look at, such as a bad varint.
    throw new VaultError('malformed', { op, detail: 'it cannot be decoded', cause });
  }
}

/** The same bytes as a Buffer, without a copy. */
export function bufferFromWire(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An empty field stands for an absent one. */
export function textFromWire(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/**
 * A whole number from 0 to `max`.
 * @throws VaultError `malformed`
 */
export function boundedFromWire(value: number, max: number, op: string): number {
  if (!(value <= max)) throw outOfRange(op, value);
  return value;
}

/** The error of a field whose value is not one of the allowed ones. */
export function outOfRange(op: string, value: unknown): VaultError {
  return new VaultError('malformed', { op, detail: `${String(value)} is out of range` });
}
