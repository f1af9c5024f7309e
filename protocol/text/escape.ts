/**
 * What comes from outside and is shown to a person: names, messages, anything with bytes of somebody
 * else's choice. Control characters could drive the terminal, bidirectional ones could make a name
 * look like another. Everything that is printed goes through here; JSON has its own escapes for
 * control characters, but not for the others.
 */
import { isUtf8 } from 'node:buffer';

/**
 * C0 and C1 controls and DEL; bidirectional marks, embeddings, overrides and isolates; line and
 * paragraph separators; zero-width and other invisible format characters; interlinear annotations;
 * tags; halves of surrogate pairs. And the backslash itself, so that an escape cannot be imitated.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\\]|[\u{e0000}-\u{e007f}]/gu;

const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

/** Text as it may be printed, on one line. */
export function escapeText(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}

/**
 * Bytes of a name as they may be printed: what is UTF-8 as text, every other byte as `\xNN`.
 */
export function escapeBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return escapeText(bufferOf(bytes).toString('utf8'));
  let shown = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    shown +=
      length === 0 ? escapeByte(bytes[at] ?? 0) : escapeBytes(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return shown;
}

/** Names with a zero byte behind each, as `escapeBytes` shows each. */
export function escapeNames(bytes: Buffer): string[] {
  if (isUtf8(bytes)) return bytes.toString('utf8').split('\0').slice(0, -1).map(escapeText);
  const shown: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    shown.push(escapeBytes(bytes.subarray(at, end)));
    at = end + 1;
  }
  return shown;
}

/**
 * The inverse of `escapeBytes`, for those who paste what was printed.
 * @returns undefined when a backslash begins nothing that `escapeBytes` writes
 */
export function unescapeToBytes(text: string): Buffer | undefined {
  const parts: Buffer[] = [];
  let rest = text;
  while (rest !== '') {
    const match = escapePattern.exec(rest);
    const [whole, plain, byte, code, letter] = match ?? [];
    if (whole === undefined) return undefined;
    if (plain !== undefined) parts.push(Buffer.from(plain));
    else if (byte !== undefined) parts.push(Buffer.from(byte, 'hex'));
    else if (code !== undefined) parts.push(codePointBytes(Number.parseInt(code, 16)));
    else parts.push(Buffer.from(letters.get(letter ?? '') ?? ''));
    rest = rest.slice(whole.length);
  }
  return Buffer.concat(parts);
}

/**
 * Escapes inside JSON text that are not JSON's own: the value stays the same, and a terminal that
 * shows the text is safe.
 */
export function escapeJson(json: string): string {
  return json.replace(unsafe, (character) => {
    if (character === '\\' || character === '\n') return character;
    return Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join('');
  });
}

const escapePattern = /^(?:([^\\]+)|\\x([0-9a-f]{2})|\\u\{([0-9a-f]{1,6})\}|\\([nrt\\]))/;
const letters: ReadonlyMap<string, string> = new Map(
  [...short].map(([character, escape]) => [escape.slice(1), character]),
);

function codePointBytes(code: number): Buffer {
  return code > 0x10ffff ? Buffer.alloc(0) : Buffer.from(String.fromCodePoint(code));
}

/** Length of the UTF-8 sequence that starts at `at`; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return frequent[code] ?? escapeCode(code);
}

function escapeCode(code: number): string {
  const known = short.get(String.fromCodePoint(code));
  if (known !== undefined) return known;
  return code < 0x80 ? escapeByte(code) : `\\u{${code.toString(16)}}`;
}

/** Made once: a hostile text is made of these. */
const frequent: readonly string[] = Array.from({ length: 0x100 }, (_, code) => escapeCode(code));
