/** The configuration of a home on this machine: its file, this process's environment, the flags. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { members } from '../../protocol/limits.ts';
import { resolveConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import type { ConfigKey } from '../config/settings.ts';
import { homeFiles } from '../home/layout.ts';
import { readConfigFile } from '../host/node-home.ts';

export type Flags = Readonly<Partial<Record<ConfigKey, string>>>;

/** @throws VaultError `config-invalid` */
export async function loadConfig(home: string, flags: Flags): Promise<Config> {
  const path = join(home, homeFiles.config);
  const text = await readConfigFile(home);
  return resolveConfig({
    flags,
    environment: process.env,
    file: text === undefined ? undefined : { path, text },
    filePath: path,
    defaults: { name: machineName() },
  });
}

/** Name of the machine without its domain, as long as it is one. */
export function machineName(): string {
  const [name = ''] = hostname().split('.');
  return name === '' || name.length > members.labelBytesMax ? 'device' : name;
}
