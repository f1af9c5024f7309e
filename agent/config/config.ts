/**
 * The configuration that won. Four sources, the stronger first: flag, environment, `config.toml`,
 * default. Every value keeps where it came from and what it beat, so that `vault config explain` is
 * the truth and not a second calculation.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { ConfigRow, ConfigValue } from '../../protocol/control/reports.ts';
import { nearestOf } from '../../protocol/text/nearest.ts';
import { configKeys, isConfigKey, settings } from './settings.ts';
import type { ConfigKey, ConfigValues, Setting } from './settings.ts';
import { readTomlItems } from './toml-file.ts';

export interface ConfigSources {
  /** Values of flags by key, as typed. */
  readonly flags: Readonly<Partial<Record<ConfigKey, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** undefined: there is no file. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** Path of the file even where it does not exist, for `vault config`. */
  readonly filePath: string;
  /** What the machine decides. */
  readonly defaults: { readonly name: string };
}

export interface Config {
  /** Path of `config.toml`. */
  readonly file: string;
  value<Key extends ConfigKey>(key: Key): ConfigValues[Key];
  /**
   * One setting: its value, its source and why that source won.
   * @throws VaultError `not-found` with the nearest known key
   */
  explain(key: string): ConfigRow;
  /** All settings, in the order of the table. */
  describe(): readonly ConfigRow[];
}

/**
 * Reads all sources and decides.
 * @throws VaultError `config-invalid`: which source, where in it, and what is allowed
 */
export function resolveConfig(sources: ConfigSources): Config {
  const fromFile = readFile(sources);
  const rows = new Map(configKeys.map((key) => [key, decide(key, sources, fromFile.get(key))]));
  const explain = (key: string): ConfigRow => {
    const row = isConfigKey(key) ? rows.get(key) : undefined;
    if (row === undefined) throw unknownKey('not-found', key, undefined);
    return row;
  };
  return {
    file: sources.filePath,
    // Sound: the row of a key was read by the kind of that key.
    value: <Key extends ConfigKey>(key: Key) => explain(key).value as ConfigValues[Key],
    explain,
    describe: () => [...rows.values()],
  };
}

/** A value that one source gave, checked. */
interface Candidate {
  readonly source: ConfigRow['source'];
  readonly origin: string | null;
  readonly value: ConfigValue;
}

function decide(key: ConfigKey, sources: ConfigSources, file: Candidate | undefined): ConfigRow {
  const setting: Setting<unknown> = settings[key];
  const fallback = (setting.default ?? sources.defaults[key as 'name']) as ConfigValue;
  const candidates = [fromFlag(key, sources), fromEnvironment(key, sources), file].filter(
    (candidate) => candidate !== undefined,
  );
  const winner = candidates[0] ?? { source: 'default', origin: null, value: fallback };
  return {
    key,
    value: winner.value,
    source: winner.source,
    origin: winner.origin,
    default: fallback,
    type: setting.kind.type,
    allowed: setting.kind.allowed,
    environment: setting.environment,
    flag: setting.flag,
    description: setting.description,
    overridden: candidates
      .slice(1)
      .map((loser) => ({ source: loser.origin ?? loser.source, value: loser.value })),
  };
}

function fromFlag(key: ConfigKey, sources: ConfigSources): Candidate | undefined {
  const text = sources.flags[key];
  if (text === undefined) return undefined;
  const origin = settings[key].flag ?? key;
  const reading = settings[key].kind.fromText(text);
  if ('problem' in reading) throw badValue(key, origin, reading.problem);
  return { source: 'flag', origin, value: reading.value };
}

function fromEnvironment(key: ConfigKey, sources: ConfigSources): Candidate | undefined {
  const origin = settings[key].environment;
  const text = sources.environment[origin];
  // An empty variable is the shell's way to have none.
  if (text === undefined || text === '') return undefined;
  const reading = settings[key].kind.fromText(text);
  if ('problem' in reading) throw badValue(key, origin, reading.problem);
  return { source: 'environment', origin, value: reading.value };
}

function readFile(sources: ConfigSources): Map<ConfigKey, Candidate> {
  const found = new Map<ConfigKey, Candidate>();
  if (sources.file === undefined) return found;
  const { path, text } = sources.file;
  for (const item of readTomlItems(text, { path, hasSettingsBelow })) {
    const where = `${path}:${String(item.place.line)}:${String(item.place.column)}`;
    if (!isConfigKey(item.key)) throw unknownKey('config-invalid', item.key, where);
    const reading = settings[item.key].kind.fromToml(item.raw);
    if ('problem' in reading) throw badValue(item.key, where, reading.problem);
    const origin = `config.toml:${String(item.place.line)}`;
    found.set(item.key, { source: 'file', origin, value: reading.value });
  }
  return found;
}

function hasSettingsBelow(table: string): boolean {
  return configKeys.some((key) => key.startsWith(`${table}.`));
}

function badValue(key: ConfigKey, where: string, problem: string): VaultError {
  const { type, allowed } = settings[key].kind;
  return new VaultError('config-invalid', {
    op: 'config.read',
    subject: where,
    detail: `${key} ${problem}`,
    next: `give ${key} ${allowed === null ? `a ${type}` : `one of: ${allowed}`}`,
  });
}

function unknownKey(
  code: 'config-invalid' | 'not-found',
  key: string,
  where: string | undefined,
): VaultError {
  const nearest = nearestOf(key, configKeys);
  const shown = JSON.stringify(key.slice(0, 80));
  return new VaultError(code, {
    op: 'config.read',
    subject: where ?? shown,
    detail: code === 'not-found' ? 'no setting has this name' : `there is no setting ${shown}`,
    next:
      nearest === undefined
        ? `known settings: ${configKeys.join(', ')}`
        : `did you mean ${nearest}?`,
  });
}
