/**
 * Byte fields whose length is fixed. The generated decoder hands out views into the message that it
 * read, and nothing for a field that is absent; what comes out of here is a copy of exactly the right
 * length, or a refusal that names the field.
 */
import { VaultError } from '../errors.ts';
import { idFromBytes, type IdKind } from '../ids.ts';

export type WireBytes = Uint8Array | null | undefined;

/**
 * A copy of exactly `length` bytes.
 * @param field `message.field`, for the error
 * @throws VaultError `malformed`
 */
export function exactBytes(value: WireBytes, length: number, field: string): Buffer {
  const bytes = value ?? new Uint8Array();
  if (bytes.length !== length) {
    throw new VaultError('malformed', {
      op: 'messages.exactBytes',
      subject: field,
      detail: `${String(bytes.length)} bytes instead of ${String(length)}`,
    });
  }
  return Buffer.from(bytes);
}

/** An id of `kind`. @throws VaultError `malformed` */
export function wireId<K extends IdKind>(
  kind: K,
  value: WireBytes,
): ReturnType<typeof idFromBytes<K>> {
  return idFromBytes(kind, value ?? new Uint8Array());
}

/** An id of `kind`, or undefined for a field that is empty. @throws VaultError `malformed` */
export function optionalWireId<K extends IdKind>(
  kind: K,
  value: WireBytes,
): ReturnType<typeof idFromBytes<K>> | undefined {
  return value === null || value === undefined || value.length === 0
    ? undefined
    : idFromBytes(kind, value);
}
