/** Settings: showing them, and changing `config.toml`. */
import type {
  ConfigChangeReport,
  ConfigReport,
  ConfigRow,
} from '../../protocol/control/reports.ts';
import type { ConfigRequest, ConfigSetRequest } from '../../protocol/messages/control.ts';
import { configFileBytesMax } from '../config/toml-file.ts';
import { homeFiles } from '../home/layout.ts';
import { readSmallFile, replaceFile } from '../members/durable-file.ts';
import type { ControlContext } from './context.ts';

/** One after the other: each reads what the one before has written. */
let changing: Promise<unknown> = Promise.resolve();

/** @throws VaultError `not-found` with the nearest key */
export function configReport({ config }: ControlContext, { key }: ConfigRequest): ConfigReport {
  const settings = key === undefined ? config.describe() : [config.explain(key)];
  return { file: config.file, settings };
}

/**
 * The agent goes on with what it was started with; the file counts from its next start.
 * @throws VaultError `not-found`, `usage`, `config-invalid`, `not-supported` as `editConfig`; `io`, `disk-full`
 */
export function setConfig(
  context: ControlContext,
  request: ConfigSetRequest,
): Promise<ConfigChangeReport> {
  const done = changing.then(() => changeFile(context, request));
  changing = done.catch(() => undefined);
  return done;
}

async function changeFile(
  { config, disk, events }: ControlContext,
  { key, value }: ConfigSetRequest,
): Promise<ConfigChangeReport> {
  const { editConfig, valueInFile } = await import('../config/edit.ts');
  const { file } = config;
  const before =
    (await readSmallFile(disk, homeFiles.config, configFileBytesMax)) ?? Buffer.alloc(0);
  const text = before.toString('utf8');
  const edited = editConfig(text, { key, value }, file);
  if (edited !== text) {
    await replaceFile(disk, homeFiles.config, Buffer.from(edited, 'utf8'));
    events.add({
      type: 'config-changed',
      message: `the setting ${key} was changed; it counts from the next start`,
      subject: key,
    });
  }
  return {
    file,
    changed: edited !== text,
    before: valueInFile(text, key, file),
    stronger: strongerThanFile(config.explain(key)),
  };
}

/** What the file cannot beat. */
function strongerThanFile({ source, origin }: ConfigRow): string | null {
  return source === 'flag' || source === 'environment' ? (origin ?? source) : null;
}
