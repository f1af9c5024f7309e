/**
 * Paths of the vault as they are typed. `docs/a.txt` and `/docs/a.txt` are the same; the root is `/`.
 * What is typed is text; names of the vault are bytes, and those that are not UTF-8 can only be named
 * with `--escaped-paths`.
 */
import { VaultError } from '../../protocol/errors.ts';
import { names } from '../../protocol/limits.ts';
import { unescapeToBytes } from '../../protocol/text/escape.ts';

export interface VaultPath {
  /** Names joined by `/`, from the root; empty: the root. */
  readonly bytes: Buffer;
  /** It ended in `/`: a directory is meant. */
  readonly asDirectory: boolean;
  /** As it was typed, for messages. */
  readonly typed: string;
}

/**
 * @throws VaultError `name-invalid`, `name-too-long`, `usage`
 */
export function parseVaultPath(typed: string, escaped = false): VaultPath {
  if (typed === '') {
    // Mostly a variable of a script that is not set: to take it for the root could cost files.
    throw new VaultError('usage', {
      op: 'cli.parseVaultPath',
      subject: 'path',
      detail: 'it is empty',
      next: 'write / for the root of the vault',
    });
  }
  const bytes = escaped ? unescapeToBytes(typed) : Buffer.from(typed, 'utf8');
  if (bytes === undefined) {
    throw new VaultError('usage', {
      op: 'cli.parseVaultPath',
      subject: typed,
      detail: 'a backslash begins \\xNN, \\u{N}, \\n, \\r, \\t or \\\\',
      next: 'write it as vault ls prints it, in single quotes',
    });
  }
  // latin1 keeps bytes as they are, so that they can be split like text.
  const parts = bytes.toString('latin1').split('/');
  const path = parts.filter((part) => part !== '' && part !== '.');
  for (const name of path) checkName(name, typed);
  const joined = Buffer.from(path.join('/'), 'latin1');
  if (joined.length > names.pathBytesMax) {
    throw pathError('name-too-long', typed, `a path may have ${String(names.pathBytesMax)} bytes`);
  }
  const last = parts.at(-1);
  return { bytes: joined, asDirectory: last === '' || last === '.', typed };
}

function checkName(name: string, typed: string): void {
  if (name === '..') throw pathError('name-invalid', typed, 'the path may not contain ".."');
  if (name.includes('\0')) throw pathError('name-invalid', typed, 'a name may not contain NUL');
  if (name.length > names.nameBytesMax) {
    const detail = `a name may have ${String(names.nameBytesMax)} bytes`;
    throw pathError('name-too-long', typed, detail);
  }
}

function pathError(
  code: 'name-invalid' | 'name-too-long',
  typed: string,
  detail: string,
): VaultError {
  const next = code === 'name-invalid' ? 'write the path from the root of the vault' : 'shorten it';
  return new VaultError(code, { op: 'cli.parseVaultPath', subject: typed, detail, next });
}

const versionSuffix = /^(.+)@([0-9a-f]{4,64})$/i;

/** `PATH@VERSION` taken apart; undefined when it does not look like one. */
export function splitVersion(typed: string): { path: string; version: string } | undefined {
  const [, path, version] = versionSuffix.exec(typed) ?? [];
  return path === undefined || version === undefined
    ? undefined
    : { path, version: version.toLowerCase() };
}
