/**
 * When a path is not in the vault: the name beside it that was probably meant. It is looked up only
 * after the failure, by listing the one directory where the path ends to exist.
 */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { textsOfNames } from '../../protocol/messages/control-names.ts';
import { nearestOf } from '../../protocol/text/nearest.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { vaultPath } from '../invocation.ts';
import type { CommandLine } from '../parse/command-line.ts';
import { kindAt } from './destination.ts';

/** A directory with more names is not searched to its end. */
const namesMax = 10_000;

/** The error, with a suggestion where there is one. Never fails itself. */
export async function withSuggestion(
  client: ControlClient,
  line: CommandLine,
  error: VaultError,
): Promise<VaultError> {
  if (error.code !== 'not-found') return error;
  try {
    const path = operandNamed(line, error.subject);
    const meant = path === undefined ? undefined : await nearestPath(client, path);
    if (meant === undefined) return error;
    const { code, op, subject, detail, next } = error;
    const question = `did you mean ${shellWord(meant)}?`;
    const both = next === undefined ? question : `${question} ${next}`;
    return new VaultError(code, { op, subject, detail, next: both, cause: error });
  } catch (cause) {
    // The first error is the one that counts.
    if (isVaultError(cause)) return error;
    throw cause;
  }
}

/** The operand that an error of the agent is about, as its path in the vault. */
function operandNamed(line: CommandLine, subject: string | undefined): string | undefined {
  const paths = line.operands.map((typed) => `/${vaultPath(line, typed).bytes.toString()}`);
  return paths.find((path) => path === subject);
}

async function nearestPath(client: ControlClient, path: string): Promise<string | undefined> {
  const names = path.split('/').slice(1);
  for (let length = names.length - 1; length >= 0; length--) {
    const above = names.slice(0, length).join('/');
    const known = await namesIn(client, above);
    if (known === undefined) continue;
    const nearest = nearestOf(names[length] ?? '', known);
    if (nearest === undefined || nearest === names[length]) return undefined;
    const meant = [...names.slice(0, length), nearest, ...names.slice(length + 1)].join('/');
    return (await kindAt(client, Buffer.from(meant))) === undefined ? undefined : `/${meant}`;
  }
  return undefined;
}

/** undefined: there is no such directory. */
async function namesIn(client: ControlClient, path: string): Promise<string[] | undefined> {
  const names: string[] = [];
  try {
    for await (const page of client.listNames({ path: Buffer.from(path), recursive: false })) {
      names.push(...textsOfNames(page));
      if (names.length >= namesMax) break;
    }
    return names;
  } catch (error) {
    if (isVaultError(error, 'not-found', 'not-directory')) return undefined;
    throw error;
  }
}
