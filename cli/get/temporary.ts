/**
 * Names of files that are being written. Nothing half-written is ever seen under its own name, and
 * what was begun is removed on every way out of the process that can be noticed.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';

const begun = new Set<string>();
let watching = false;

/** A name that nobody else uses, in the same directory as the file that it will become. */
export function temporaryName(): Buffer {
  return Buffer.from(`.vault-get-${randomBytes(8).toString('hex')}`);
}

/** From now on the file at `place` is removed when the process ends. */
export function beginTemporary(place: Buffer): void {
  begun.add(place.toString('latin1'));
  if (watching) return;
  watching = true;
  process.once('exit', removeTemporaries);
}

/** It has its own name now, or was removed. */
export function endTemporary(place: Buffer): void {
  begun.delete(place.toString('latin1'));
}

function removeTemporaries(): void {
  for (const place of begun) rmSync(Buffer.from(place, 'latin1'), { force: true });
  begun.clear();
}
