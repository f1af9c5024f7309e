/** `vault rm`, `mv`, `cp` and `mkdir`: changes that read and write no content. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Changed } from '../../protocol/messages/control.ts';
import { vaultPath } from '../invocation.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { nameOf } from '../output/entry-row.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';
import { findDestination, kindAt, pathIn } from '../paths/destination.ts';
import { askedMoment } from '../paths/moment.ts';
import type { VaultPath } from '../paths/vault-path.ts';
import { findVersion } from '../paths/version.ts';
import type { VersionedPath } from '../paths/version.ts';

const defaultMode = 0o755;

export const rm: Handler = (invocation) =>
  changeEach(invocation, (client, path) =>
    client.remove({
      path: path.bytes,
      recursive: flag(invocation.line, 'recursive'),
      force: flag(invocation.line, 'force'),
    }),
  );

export const mkdir: Handler = (invocation) => {
  const mode = parseMode(invocation);
  const parents = flag(invocation.line, 'parents');
  return changeEach(invocation, (client, path) =>
    client.makeDirectory({ path: path.bytes, parents, mode }),
  );
};

export const mv: Handler = (invocation) =>
  relocate(invocation, withoutVersion, (client, { source, destination }) =>
    client.move({ source, destination, noReplace: flag(invocation.line, 'no-clobber') }),
  );

export const cp: Handler = async (invocation) => {
  const { line } = invocation;
  const at = await askedMoment(invocation, await invocation.client());
  const recursive = flag(line, 'recursive');
  return relocate(invocation, findVersion, (client, { source, version, destination }) =>
    version === undefined
      ? client.copy({ source, destination, recursive, at })
      : client.restore({ path: source, version, destination }),
  );
};

async function changeEach(
  invocation: Invocation,
  change: (client: ControlClient, path: VaultPath) => Promise<Changed>,
): Promise<0> {
  const paths = invocation.line.operands.map((each) => vaultPath(invocation.line, each));
  const client = await invocation.client();
  const changes: Changed[] = [];
  for (const path of paths) changes.push(await change(client, path));
  report(invocation, changes);
  return 0;
}

interface Relocation {
  readonly source: Buffer;
  /** Of the source; undefined: the current one. */
  readonly version: string | undefined;
  readonly destination: Buffer;
}

/** What is moved is moved with all its versions. */
function withoutVersion(
  _client: ControlClient,
  line: CommandLine,
  typed: string,
): Promise<VersionedPath> {
  return Promise.resolve({ path: vaultPath(line, typed), version: undefined });
}

async function relocate(
  invocation: Invocation,
  find: typeof findVersion,
  change: (client: ControlClient, relocation: Relocation) => Promise<Changed>,
): Promise<0> {
  const { line } = invocation;
  const last = line.operands.at(-1);
  if (last === undefined) throw usageError(line.command, 'DEST', 'an operand is missing');
  const typed = vaultPath(line, last);
  const op = `cli.${line.command.name}`;
  const client = await invocation.client();
  const sources: VersionedPath[] = [];
  for (const each of line.operands.slice(0, -1)) sources.push(await find(client, line, each));
  const paths = [...sources.map(({ path }) => path), typed];
  const rules = { op, sources: sources.length, parents: false };
  const destination = await findDestination(client, await newName(client, paths, typed), rules);
  const changes: Changed[] = [];
  for (const { path, version } of sources) {
    const source = path.bytes;
    if (source.length === 0) throw rootRefusal(line.command.name);
    const target = pathIn(destination, nameOf(source));
    changes.push(await change(client, { source, version, destination: target }));
  }
  report(invocation, changes);
  return 0;
}

function rootRefusal(command: string): VaultError {
  const isCopy = command === 'cp';
  return new VaultError('denied', {
    op: `cli.${command}`,
    subject: '/',
    detail: isCopy ? 'the root cannot be copied into itself' : 'the root stays where it is',
    next: `name what is to be ${isCopy ? 'copied' : 'moved'} in it; vault ls shows it`,
  });
}

/** `mv dir new/` may give a directory a new name; `mv file new/` may not. */
async function newName(
  client: ControlClient,
  [source, ...more]: readonly VaultPath[],
  typed: VaultPath,
): Promise<VaultPath> {
  if (!typed.asDirectory || source === undefined || more.length > 1) return typed;
  const isDirectory = (await kindAt(client, source.bytes)) === 'directory';
  return isDirectory ? { ...typed, asDirectory: false } : typed;
}

function parseMode({ line }: Invocation): number {
  const typed = text(line, 'mode');
  if (typed === undefined) return defaultMode;
  if (!/^[0-7]{1,4}$/.test(typed)) {
    throw usageError(line.command, `--mode ${typed}`, 'up to four octal digits are needed');
  }
  return Number.parseInt(typed, 8);
}

function report({ output }: Invocation, changes: readonly Changed[]): void {
  if (!output.json) return;
  const entries = changes.reduce((sum, change) => sum + change.entries, 0);
  output.value({ entries, version: changes.at(-1)?.version ?? null });
}
