/**
 * One setting changed in the text of `config.toml`, everything else as the person left it: comments,
 * order, blank lines. What comes out is read again before anybody gets it, so an edit that this simple
 * editor would get wrong is refused and never written. Pure.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ConfigValue } from '../../protocol/control/reports.ts';
import { resolveConfig } from './config.ts';
import { configKeys, isConfigKey, settings } from './settings.ts';
import type { ConfigKey, Setting } from './settings.ts';

export interface ConfigEdit {
  readonly key: string;
  /** As typed; undefined: the setting is taken out of the file. */
  readonly value: string | undefined;
}

/**
 * @param path for messages
 * @throws VaultError `not-found` no such setting; `usage` a value that it does not take; `config-invalid` the
 *   file is wrong already; `not-supported` the setting is written in a form that has to be changed by hand
 */
export function editConfig(text: string, edit: ConfigEdit, path: string): string {
  const before = settingsOf(text, path);
  const key = before.explain(edit.key).key;
  if (!isConfigKey(key)) throw new Error('explain answers for known keys');
  const value = edit.value === undefined ? undefined : readValue(key, edit.value);
  const edited = withLine(text, key, value);
  check({ before, edited, key, value, path });
  return edited;
}

/** What the file says of a setting; null: nothing. @throws VaultError `not-found`, `config-invalid` */
export function valueInFile(text: string, key: string, path: string): ConfigValue {
  const { source, value } = settingsOf(text, path).explain(key);
  return source === 'file' ? value : null;
}

function settingsOf(text: string, path: string) {
  return resolveConfig({
    flags: {},
    environment: {},
    file: { path, text },
    filePath: path,
    defaults: { name: '' },
  });
}

function readValue(key: ConfigKey, typed: string): ConfigValue {
  const { kind }: Setting<unknown> = settings[key];
  const reading = kind.fromText(typed);
  if ('value' in reading) return reading.value as ConfigValue;
  throw new VaultError('usage', {
    op: 'config.edit',
    subject: key,
    detail: `the value ${reading.problem}`,
    next: `give a ${kind.type}${kind.allowed === null ? '' : `: ${kind.allowed}`}`,
  });
}

/** The text with the setting on a line of its own, or without it. */
function withLine(text: string, key: ConfigKey, value: ConfigValue | undefined): string {
  const lines = text.split('\n');
  const at = lineOf(lines, key);
  if (value === undefined) {
    return at === undefined ? text : lines.toSpliced(at, 1).join('\n');
  }
  if (at !== undefined) {
    const [, head = '', comment = ''] = settingLine.exec(lines[at] ?? '') ?? [];
    return lines.with(at, head + literal(value) + comment).join('\n');
  }
  const { table, own } = split(key);
  const line = `${own} = ${literal(value)}`;
  // The form in which the template has it, so that it stands below its explanation.
  const commented = placesIn(lines).find(
    (each) => each.table === table && new RegExp(`^#\\s*${own}\\s*=`).test(each.line),
  );
  if (commented !== undefined) return lines.toSpliced(commented.at + 1, 0, line).join('\n');
  const header = placesIn(lines).find((each) => each.header && each.table === table);
  if (header !== undefined) return lines.toSpliced(header.at + 1, 0, line).join('\n');
  if (table === '') return [line, ...lines].join('\n');
  const end = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${end}\n[${table}]\n${line}\n`;
}

/** What stands before the value, the value on one line, and the comment behind it. */
const settingLine = /^([^=]*=\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]#]*\]|[^\s#"'[\]]+)?(\s*#.*)?/;

interface PlacedLine {
  readonly at: number;
  readonly line: string;
  /** That it belongs to; empty: none. */
  readonly table: string;
  readonly header: boolean;
}

function placesIn(lines: readonly string[]): readonly PlacedLine[] {
  let table = '';
  return lines.map((line, at) => {
    const header = /^\s*\[([A-Za-z0-9_.-]+)\]\s*(#.*)?$/.exec(line)?.[1];
    table = header ?? table;
    return { at, line: line.trim(), table, header: header !== undefined };
  });
}

function lineOf(lines: readonly string[], key: ConfigKey): number | undefined {
  const place = placesIn(lines).find(({ line, table, header }) => {
    const name = header ? undefined : /^([A-Za-z0-9_.-]+)\s*=/.exec(line)?.[1];
    return name !== undefined && (table === '' ? name : `${table}.${name}`) === key;
  });
  return place?.at;
}

function split(key: ConfigKey): { readonly table: string; readonly own: string } {
  const dot = key.indexOf('.');
  return dot < 0 ? { table: '', own: key } : { table: key.slice(0, dot), own: key.slice(dot + 1) };
}

/** Values of settings are written in TOML as in JSON: texts, whole numbers, true and false, lists of texts. */
function literal(value: ConfigValue): string {
  return JSON.stringify(value);
}

/** Exactly this setting is different now, and it is what it should be. */
function check(edit: {
  readonly before: ReturnType<typeof settingsOf>;
  readonly edited: string;
  readonly key: ConfigKey;
  readonly value: ConfigValue | undefined;
  readonly path: string;
}): void {
  const { before, key, value } = edit;
  const after = readAgain(edit.edited, edit.path, key);
  const right = configKeys.every((each) => {
    const row = after.explain(each);
    if (each !== key) return same(row.value, before.explain(each).value);
    return value === undefined ? row.source === 'default' : same(row.value, value);
  });
  if (!right) throw byHand(edit.path, key);
}

function readAgain(text: string, path: string, key: ConfigKey): ReturnType<typeof settingsOf> {
  try {
    return settingsOf(text, path);
  } catch (cause) {
    throw byHand(path, key, cause);
  }
}

function byHand(path: string, key: ConfigKey, cause?: unknown): VaultError {
  return new VaultError('not-supported', {
    op: 'config.edit',
    subject: path,
    detail: `${key} is written there in a form that is not changed automatically`,
    next: 'change the file with an editor; vault config explain says where it is set',
    cause,
  });
}

function same(left: ConfigValue, right: ConfigValue): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
