/** The two things that are compared: what was typed, found in the vault. */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import type { LogRow } from '../../protocol/messages/control-history.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { text } from '../parse/command-line.ts';
import { clientAt } from '../paths/moment.ts';
import { findVersion } from '../paths/version.ts';

export interface Side {
  /** Reads it as it was at its moment. */
  readonly client: ControlClient;
  readonly path: Buffer;
  readonly version: string | undefined;
  readonly entry: Entry;
  /** For people, escaped. */
  readonly label: string;
}

const op = 'cli.diff';

/** @throws VaultError `not-found`, `usage`, `is-directory` */
export async function findSides(invocation: Invocation): Promise<readonly [Side, Side]> {
  const { line } = invocation;
  const [first = '', second] = line.operands;
  const now = await invocation.client();
  const then = await clientAt(invocation);
  if (second !== undefined) {
    return [await sideOf(invocation, then, first), await sideOf(invocation, then, second)];
  }
  if (text(line, 'at') !== undefined) {
    const before = await sideOf(invocation, then, first);
    const after = await sideOf(invocation, now, first);
    return [{ ...before, label: `${before.label} (then)` }, after];
  }
  const found = await findVersion(now, line, first);
  if (found.version !== undefined) {
    const { path } = found;
    return [await sideOf(invocation, now, first), await sideAt(now, path.bytes, undefined)];
  }
  return lastTwo(now, vaultPath(line, first).bytes);
}

async function sideOf(invocation: Invocation, client: ControlClient, typed: string): Promise<Side> {
  const { path, version } = await findVersion(client, invocation.line, typed);
  return sideAt(client, path.bytes, version);
}

async function sideAt(
  client: ControlClient,
  path: Buffer,
  version: string | undefined,
): Promise<Side> {
  const entry = await client.stat({ path, version });
  const shown = path.length === 0 ? '/' : escapeBytes(path);
  const label = entry.version === undefined ? shown : `${shown}@${entry.version}`;
  return { client, path, version: entry.version ?? version, entry, label };
}

/** The version before the current one, and the current one. */
async function lastTwo(client: ControlClient, path: Buffer): Promise<readonly [Side, Side]> {
  const current = await sideAt(client, path, undefined);
  const subject = `/${path.toString()}`;
  if (current.entry.kind !== 'file') {
    throw new VaultError(current.entry.kind === 'directory' ? 'is-directory' : 'not-supported', {
      op,
      subject,
      detail: 'only files have versions',
      next: 'give another path to compare it with, or --at WHEN',
    });
  }
  const before = await versionBefore(client, path, current);
  if (before === undefined) {
    throw new VaultError('not-found', {
      op,
      subject,
      detail: 'it has no earlier version',
      next: `vault log ${shellWord(subject)} shows what it has`,
    });
  }
  return [await sideAt(client, path, before), current];
}

async function versionBefore(
  client: ControlClient,
  path: Buffer,
  { version }: Side,
): Promise<string | undefined> {
  let isPast = false;
  try {
    for await (const row of client.log({ path })) {
      if (isPast && isVersion(row)) return row.version;
      if (row.version === version) isPast = true;
    }
  } catch (error) {
    // A history without this path has no version before.
    if (!isVaultError(error, 'not-found')) throw error;
  }
  return undefined;
}

function isVersion({ version, what }: LogRow): boolean {
  // One that only repeats the content shows no difference.
  return version !== undefined && what !== 'touched';
}
