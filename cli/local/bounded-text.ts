/** Text that a person gives on standard input or in a file, as much of it as may be. */
import { isUtf8 } from 'node:buffer';
import { VaultError } from '../../protocol/errors.ts';

export interface TextBounds {
  readonly bytesMax: number;
  /** For messages. */
  readonly subject: string;
  /** What to do when it is longer. */
  readonly tooLong: {
    readonly code: 'usage' | 'too-large';
    readonly detail?: string;
    readonly next: string;
  };
}

/** All of it. @throws VaultError as `tooLong` says; `usage` when it is not UTF-8 */
export async function boundedText(
  source: AsyncIterable<Buffer>,
  { bytesMax, subject, tooLong }: TextBounds,
): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length <= bytesMax) continue;
    const { code, ...fields } = tooLong;
    throw new VaultError(code, { op: 'cli.readText', subject, ...fields });
  }
  const bytes = Buffer.concat(pieces);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new VaultError('usage', {
    op: 'cli.readText',
    subject,
    detail: 'it is not text in UTF-8',
    next: 'give it as UTF-8',
  });
}
