/**
 * Makes a home in one step, for `init` and `join`: locks the directory, lets `build` fill a staging
 * area, then makes that the home. When `build` throws, nothing of it is left.
 */
import { VaultError } from '../../protocol/errors.ts';
import type { Config } from '../config/config.ts';
import { configTemplate } from '../config/template.ts';
import { homeFiles } from '../home/layout.ts';
import { takeHomeLock } from '../host/home-lock.ts';
import {
  abandonStaging,
  finishStaging,
  inspectHome,
  openStaging,
  prepareHome,
  writeStaged,
} from '../host/node-home.ts';
import { createNodePorts } from '../host/node-host.ts';
import { createNodeLog } from '../host/pino-log.ts';
import type { Ports } from '../ports.ts';
import { loadConfig } from './load-config.ts';

export interface BuildOptions<Result> {
  readonly home: string;
  /** Name of the device, or undefined for the default. */
  readonly name: string | undefined;
  /** Fills `ports.disk`, which is rooted at the staging area. */
  build(ports: Ports, config: Config): Promise<Result>;
}

/** @throws VaultError `exists` unless the directory is missing or empty; whatever `build` throws */
export async function buildHome<Result>(options: BuildOptions<Result>): Promise<Result> {
  await refuseUsedHome(options.home);
  const { path: home, made } = await prepareHome(options.home);
  const lock = await takeHomeLock(home);
  try {
    // Once more, now that nobody else can change it.
    await refuseUsedHome(home);
    const result = await fill(home, options);
    await finishStaging(home);
    return result;
  } catch (error) {
    if ((await inspectHome(home)) === 'empty') await abandonStaging(home, made);
    throw error;
  } finally {
    await lock.release();
  }
}

async function fill<Result>(home: string, { name, build }: BuildOptions<Result>): Promise<Result> {
  const staging = await openStaging(home);
  const named = await loadConfig(home, name === undefined ? {} : { name });
  const chosen = { name: named.value('name') };
  await writeStaged(staging, homeFiles.config, configTemplate(chosen));
  const config = await loadConfig(staging, {});
  const { log } = createNodeLog({ level: 'warn', format: 'text' });
  const ports = createNodePorts({ home: staging, config, log });
  try {
    return await build(ports, config);
  } finally {
    await ports.work.close();
  }
}

async function refuseUsedHome(home: string): Promise<void> {
  const state = await inspectHome(home);
  if (state === 'missing' || state === 'empty') return;
  throw new VaultError('exists', {
    op: 'home.make',
    subject: home,
    detail: state === 'complete' ? 'there is a vault in it' : 'the directory is not empty',
    next: 'give another directory with --home or VAULT_HOME',
  });
}
