/**
 * Numbers between the wire and the domain. 64-bit fields come as plain numbers here, though the types of
 * the generated code know objects of two halves too; one that is not exact has the message refused.
 */
import { VaultError } from '../errors.ts';

/** A 64-bit field as the generated code gives it. */
export type WireNumber = number | { toNumber(): number };

/**
 * A whole number from 0 to 2^53 - 1.
 * @param op for the error
 * @throws VaultError `malformed`
 */
export function countFromWire(value: WireNumber | null | undefined, op: string): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number) || number < 0) refuse(op);
  return number;
}

/**
 * A whole number of either sign, exact in a double.
 * @param op for the error
 * @throws VaultError `malformed`
 */
export function integerFromWire(value: WireNumber | null | undefined, op: string): number {
  const number = toNumber(value);
  if (!Number.isSafeInteger(number)) refuse(op);
  return number;
}

function toNumber(value: WireNumber | null | undefined): number {
  if (value === null || value === undefined) return 0;
  return typeof value === 'number' ? value : value.toNumber();
}

function refuse(op: string): never {
  throw new VaultError('malformed', { op, detail: 'a number that is out of range' });
}
