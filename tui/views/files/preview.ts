/** What a file or a directory looks like from inside, in a few lines. */
import type { ControlClient } from '../../../protocol/control/client.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import { escapeBytes, escapeText } from '../../../protocol/text/escape.ts';
import { isTextBeginning, readBeginning } from './contents.ts';
import type { ContentPlace } from './contents.ts';
import type { Preview } from './slice.ts';

const previewBytesMax = 16 * 1024;
const dumpBytesMax = 1024;
const namesMax = 200;
const tabWidth = 4;

export async function filePreview(
  client: ControlClient,
  { size, ...place }: ContentPlace & { readonly size: number },
): Promise<Preview> {
  const bytes = size === 0 ? Buffer.alloc(0) : await readBeginning(client, place, previewBytesMax);
  const whole = bytes.length >= size;
  if (!isTextBeginning(bytes)) return { type: 'bytes', lines: dumpLines(bytes) };
  return { type: 'text', lines: textLines(bytes.toString('utf8')), whole };
}

/** Lines of a text as they may be shown: tabs as spaces, controls escaped. */
export function textLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) =>
    escapeText(line.replace(/\r$/, '').replaceAll('\t', ' '.repeat(tabWidth))),
  );
}

/** `0010  48 65 6c 6c 6f ...  Hello`: eight bytes a line, which fit beside a list. */
function dumpLines(bytes: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, dumpBytesMax); at += 8) {
    const part = bytes.subarray(at, at + 8);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const signs = [...part]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(23)}  ${signs}`);
  }
  return lines;
}

export async function directoryPreview(
  client: ControlClient,
  path: Buffer,
  at: Moment | undefined,
): Promise<Preview> {
  const lines: string[] = [];
  for await (const page of client.list({ path, recursive: false, at })) {
    for (const entry of page) {
      lines.push(escapeBytes(entry.path) + (entry.kind === 'directory' ? '/' : ''));
    }
    // The first page says enough; the rest of a large directory is not asked for.
    if (lines.length >= namesMax) break;
  }
  return { type: 'text', lines, whole: lines.length < namesMax };
}
