/** `vault restore` and `vault undelete`: what was comes back. */
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Changed } from '../../protocol/messages/control.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { nameOf } from '../output/entry-row.ts';
import { formatCount } from '../output/format.ts';
import { text, usageError } from '../parse/command-line.ts';
import { findDestination, pathIn } from '../paths/destination.ts';
import { findVersion } from '../paths/version.ts';

export const restore: Handler = async (invocation) => {
  const { line } = invocation;
  const typed = line.operands[0] ?? '';
  const client = await invocation.client();
  const { path, version } = await findVersion(client, line, typed);
  if (version === undefined) {
    const detail = `no version is named; vault log ${shellWord(typed)} lists them`;
    throw usageError(line.command, typed, detail);
  }
  const destination = await destinationOf(invocation, client, path.bytes);
  const result = await client.restore({ path: path.bytes, version, destination });
  report(invocation, destination ?? path.bytes, result);
  return 0;
};

export const undelete: Handler = async (invocation) => {
  const { line } = invocation;
  const path = vaultPath(line, line.operands[0] ?? '').bytes;
  const version = text(line, 'version')?.toLowerCase();
  const client = await invocation.client();
  const destination = await destinationOf(invocation, client, path);
  report(invocation, destination ?? path, await client.undelete({ path, version, destination }));
  return 0;
};

/** The exact place; undefined: where it was. */
async function destinationOf(
  { line }: Invocation,
  client: ControlClient,
  source: Buffer,
): Promise<Buffer | undefined> {
  const typed = line.operands[1];
  if (typed === undefined) return undefined;
  const rules = { op: `cli.${line.command.name}`, sources: 1, parents: false };
  return pathIn(await findDestination(client, vaultPath(line, typed), rules), nameOf(source));
}

function report({ output }: Invocation, path: Buffer, { entries, version }: Changed): void {
  if (output.json) output.value({ entries, version: version ?? null });
  else if (entries === 0) output.note(`${escapeBytes(path)} is that version already`);
  else if (entries === 1) output.note(`${escapeBytes(path)} is back`);
  else output.note(`${escapeBytes(path)} is back: ${formatCount(entries, 'entry', 'entries')}`);
}
