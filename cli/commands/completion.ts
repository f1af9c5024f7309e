/** `vault completion`: the script for a shell, and the paths that the script asks for. */
import { isVaultError } from '../../protocol/errors.ts';
import { completionScript, shells } from '../completion/script.ts';
import { textsOfNames } from '../../protocol/messages/control-names.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { vaultPath } from '../invocation.ts';
import { usageError } from '../parse/command-line.ts';

const pathsMax = 1000;

export const completion: Handler = async (invocation) => {
  const { line, output } = invocation;
  const [what, prefix] = line.operands;
  const shell = shells.find((each) => each === what);
  if (shell !== undefined) {
    if (output.json) output.value({ shell, script: completionScript(shell) });
    else output.raw(completionScript(shell));
    return 0;
  }
  if (what !== 'paths') throw usageError(line.command, what ?? '', 'bash, zsh, fish or paths');
  const paths = await findPaths(invocation, prefix ?? '');
  if (output.json) output.value(paths);
  else output.lines(paths);
  return 0;
};

/**
 * Paths that begin with what was typed. Names that a shell cannot be given as they are are left out.
 * Whatever fails completes nothing: a message in the middle of a command line helps nobody.
 */
async function findPaths(invocation: Invocation, prefix: string): Promise<string[]> {
  const cut = prefix.lastIndexOf('/') + 1;
  const directory = prefix.slice(0, cut);
  const paths: string[] = [];
  try {
    const path = vaultPath(invocation.line, directory === '' ? '/' : directory).bytes;
    for await (const page of (await invocation.client()).listNames({ path, recursive: false })) {
      for (const [index, name] of textsOfNames(page).entries()) {
        const shown = directory + name;
        if (!shown.startsWith(prefix) || /[\p{Cc}\ufffd]/u.test(shown)) continue;
        paths.push(page.kinds[index] === 'directory' ? `${shown}/` : shown);
        if (paths.length >= pathsMax) return paths;
      }
    }
  } catch (error) {
    if (!isVaultError(error)) throw error;
  }
  return paths;
}
