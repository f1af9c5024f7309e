/**
 * `config.toml` as a flat list of keys with the place of each, so that every complaint about a value
 * names a line and a column. The parser knows where syntax breaks, but not where a good value stood:
 * `placeOf` finds the line again.
 */
import { TomlError, parse } from 'smol-toml';
import { VaultError } from '../../protocol/errors.ts';

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface TomlItem {
  /** Dotted, for example `log.level`. */
  readonly key: string;
  readonly raw: unknown;
  readonly place: Place;
}

/** Of the whole file. */
export const configFileBytesMax = 256 * 1024;

export interface TomlOptions {
  /** For messages. */
  readonly path: string;
  /** Whether settings live below this dotted name; any other table is an item, and refused as one. */
  hasSettingsBelow(key: string): boolean;
}

/**
 * Reads the text of a whole file.
 * @throws VaultError `config-invalid` with line and column
 */
export function readTomlItems(text: string, options: TomlOptions): TomlItem[] {
  const { path } = options;
  if (text.length > configFileBytesMax) {
    throw new VaultError('config-invalid', {
      op: 'config.read',
      subject: path,
      detail: 'too large',
    });
  }
  const items: TomlItem[] = [];
  // Before the lines are made: what does not parse must not cost twice.
  const top = parseToml(text, path);
  const lines = text.split('\n');
  const collect = (table: Record<string, unknown>, above: readonly string[]): void => {
    for (const [name, raw] of Object.entries(table)) {
      const path = [...above, name];
      const key = path.join('.');
      if (isTable(raw) && options.hasSettingsBelow(key)) collect(raw, path);
      else items.push({ key, raw, place: placeOf(lines, path) });
    }
  };
  collect(top, []);
  return items;
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split('\n')[0] ?? '';
    throw new VaultError('config-invalid', {
      op: 'config.read',
      subject: `${path}:${String(cause.line)}:${String(cause.column)}`,
      detail: reason.replace(/^Invalid TOML document: /, ''),
      next: 'correct this line',
      cause,
    });
  }
}

function isTable(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

/**
 * Where a key is set: the deepest line that names it or a table above it. Exact for the forms people
 * write (`[table]`, `key =`, `a.b =`); for a key inside an inline table, the line of that table.
 */
function placeOf(lines: readonly string[], key: readonly string[]): Place {
  let table: string[] = [];
  let best: Place = { line: 1, column: 1 };
  let bestDepth = 0;
  for (const [index, line] of lines.entries()) {
    const header = /^(\s*\[+)([^\]]*)\]/.exec(line);
    const assignment = /^(\s*)([^=#[\]]+?)\s*=/.exec(line);
    if (header !== null) table = splitKey(header[2] ?? '');
    const named = header ?? assignment;
    if (named === null) continue;
    const full = header === null ? [...table, ...splitKey(assignment?.[2] ?? '')] : table;
    if (full.length > bestDepth && full.every((part, depth) => part === key[depth])) {
      bestDepth = full.length;
      best = { line: index + 1, column: (named[1]?.length ?? 0) + 1 };
    }
  }
  return best;
}

function splitKey(text: string): string[] {
  return text.split('.').map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'));
}
