/** Which version of a path is meant: `--version V`, or `PATH@V` where no file has that very name. */
import type { ControlClient } from '../../protocol/control/client.ts';
import { vaultPath } from '../invocation.ts';
import { text } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';
import { kindAt } from './destination.ts';
import { splitVersion } from './vault-path.ts';
import type { VaultPath } from './vault-path.ts';

export interface VersionedPath {
  readonly path: VaultPath;
  readonly version: string | undefined;
}

export async function findVersion(
  client: ControlClient,
  line: CommandLine,
  typed: string,
): Promise<VersionedPath> {
  const path = vaultPath(line, typed);
  const asked = text(line, 'version');
  if (asked !== undefined) return { path, version: asked.toLowerCase() };
  const split = splitVersion(typed);
  if (split === undefined || (await kindAt(client, path.bytes)) !== undefined) {
    return { path, version: undefined };
  }
  return { path: vaultPath(line, split.path), version: split.version };
}
