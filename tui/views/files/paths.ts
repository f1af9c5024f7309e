/** Paths of the vault: bytes, joined by `/`, from the root. Pure. */
import { isUtf8 } from 'node:buffer';
import { escapeBytes } from '../../../protocol/text/escape.ts';

const slash = 0x2f;

export function joinPath(directory: Buffer, name: Buffer): Buffer {
  return directory.length === 0 ? name : Buffer.concat([directory, Buffer.from([slash]), name]);
}

/** The directory of a path; that of the root is the root. */
export function parentOf(path: Buffer): Buffer {
  const at = path.lastIndexOf(slash);
  return at < 0 ? Buffer.alloc(0) : path.subarray(0, at);
}

export function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(slash) + 1);
}

/** As a key of maps and sets: one character a byte. */
export function pathKey(path: Buffer): string {
  return path.toString('latin1');
}

export function pathOfKey(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

/** `/docs/a.txt`, escaped. */
export function pathText(path: Buffer): string {
  return `/${escapeBytes(path)}`;
}

/**
 * For the clipboard: as it is, a backslash too. What is no text, and what could do something where it is pasted, is
 * escaped as `--escaped-paths` reads it.
 */
export function copiedPath(path: Buffer): { readonly text: string; readonly isEscaped: boolean } {
  const text = path.toString();
  const isPlain = isUtf8(path) && escapeBytes(path).replaceAll('\\\\', '\\') === text;
  return isPlain
    ? { text: `/${text}`, isEscaped: false }
    : { text: pathText(path), isEscaped: true };
}

/** Operands of a command line, and the flag that they need when not every one is plain text. */
export function pathWords(...paths: readonly Buffer[]): readonly string[] {
  const plain = paths.every((path) => isUtf8(path) && escapeBytes(path) === path.toString());
  const words = paths.map(pathText);
  return plain ? words : ['--escaped-paths', ...words];
}

/** What a person has typed as a path: from the root with a slash, else from `directory`. */
export function typedPath(typed: string, directory: Buffer): Buffer {
  const bytes = Buffer.from(typed.trim());
  const path = bytes[0] === slash ? bytes : joinPath(directory, bytes);
  const parts: string[] = [];
  for (const part of path.toString('latin1').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return Buffer.from(parts.join('/'), 'latin1');
}
