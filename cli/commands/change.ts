/** `vault rm`, `mv`, `cp` and `mkdir`: changes that read and write no content. */
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Changed } from '../../protocol/messages/control.ts';
import { vaultPath } from '../invocation.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { nameOf } from '../output/entry-row.ts';
import { flag, text, usageError } from '../parse/command-line.ts';
import { findDestination, kindAt, pathIn } from '../paths/destination.ts';
import type { VaultPath } from '../paths/vault-path.ts';

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
  relocate(invocation, (client, paths) =>
    client.move({ ...paths, noReplace: flag(invocation.line, 'no-clobber') }),
  );

export const cp: Handler = (invocation) =>
  relocate(invocation, (client, paths) =>
    client.copy({ ...paths, recursive: flag(invocation.line, 'recursive') }),
  );

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

async function relocate(
  invocation: Invocation,
  change: (
    client: ControlClient,
    paths: { readonly source: Buffer; readonly destination: Buffer },
  ) => Promise<Changed>,
): Promise<0> {
  const { line } = invocation;
  const paths = line.operands.map((each) => vaultPath(line, each));
  const typed = paths.at(-1);
  if (typed === undefined) throw usageError(line.command, 'DEST', 'an operand is missing');
  const sources = paths.slice(0, -1);
  const op = `cli.${line.command.name}`;
  const client = await invocation.client();
  const rules = { op, sources: sources.length, parents: false };
  const destination = await findDestination(client, await newName(client, paths, typed), rules);
  const changes: Changed[] = [];
  for (const source of sources) {
    if (source.bytes.length === 0) {
      throw new VaultError('denied', { op, subject: '/', detail: 'the root stays where it is' });
    }
    const target = pathIn(destination, nameOf(source.bytes));
    changes.push(await change(client, { source: source.bytes, destination: target }));
  }
  report(invocation, changes);
  return 0;
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
