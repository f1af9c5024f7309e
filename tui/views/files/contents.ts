/** Contents of files as they are shown: their beginning, or all of a text that can be compared. */
import { isUtf8 } from 'node:buffer';
import type { ControlClient } from '../../../protocol/control/client.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import { pathText } from './paths.ts';

export interface ContentPlace {
  readonly path: Buffer;
  readonly version?: string | undefined;
  readonly at?: Moment | undefined;
}

/** @returns at most `bytesMax` from the beginning */
export async function readBeginning(
  client: ControlClient,
  { path, version, at }: ContentPlace,
  bytesMax: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const request = { path, version, at, recursive: false, offset: 0, length: bytesMax };
  for await (const item of client.get(request)) {
    if (item.type === 'data') pieces.push(Buffer.from(item.bytes));
    if (item.type === 'failed') throw item.error;
  }
  return Buffer.concat(pieces);
}

/** Longer texts are not compared on a screen. */
const textBytesMax = 2 * 1024 * 1024;

/**
 * @throws VaultError `not-supported` when it is no text, `too-large`
 */
export async function readText(
  client: ControlClient,
  place: ContentPlace & { readonly size: number },
): Promise<string> {
  const op = 'tui.readText';
  if (place.size > textBytesMax) {
    throw new VaultError('too-large', {
      op,
      subject: pathText(place.path),
      next: 'use vault diff',
    });
  }
  const bytes = place.size === 0 ? Buffer.alloc(0) : await readBeginning(client, place, place.size);
  if (!isText(bytes)) {
    throw new VaultError('not-supported', {
      op,
      subject: pathText(place.path),
      detail: 'it is no text',
    });
  }
  return bytes.toString('utf8');
}

export function isText(bytes: Buffer): boolean {
  return !bytes.includes(0) && isUtf8(bytes);
}

/** The beginning of a text may end in the middle of a character. */
export function isTextBeginning(bytes: Buffer): boolean {
  return [0, 1, 2, 3].some((cut) => isText(bytes.subarray(0, bytes.length - cut)));
}
