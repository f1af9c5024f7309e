/** `vaultd init`: a new vault, and its recovery words shown once. */
import { VaultError } from '../../../protocol/errors.ts';
import { initVault } from '../../assemble/init-vault.ts';
import { buildHome } from '../build-home.ts';
import type { CommandLine } from '../commands.ts';
import { chosenPassphrase } from '../passphrase.ts';
import { placesOf } from '../places.ts';
import { openWordsFile, showWords, terminalOut } from '../recovery-words.ts';
import { say } from '../say.ts';

/** @throws VaultError `usage` when there is nowhere to show the words */
export async function init(line: CommandLine): Promise<number> {
  const { home } = placesOf(line);
  const passphrase = await chosenPassphrase(line);
  const show = await chooseWhereWordsGo(line.recoveryFile);
  try {
    const { vault, device } = await buildHome({
      home,
      name: line.name,
      async build(ports, config) {
        const made = await initVault(ports, { name: config.value('name'), passphrase });
        // Before the home counts: a vault whose words nobody saw must not exist.
        await show.words(made.recoveryWords);
        return made;
      },
    });
    await say(`vault ${vault}\ndevice ${device}\nhome ${home}`);
    return 0;
  } catch (error) {
    await show.undo();
    throw error;
  } finally {
    passphrase?.wipe();
  }
}

interface WordsPlace {
  words(words: readonly string[]): Promise<void>;
  /** The vault was not made: its words are of no use. */
  undo(): Promise<void>;
}

async function chooseWhereWordsGo(file: string | undefined): Promise<WordsPlace> {
  if (file !== undefined) return openWordsFile(file);
  const terminal = terminalOut();
  if (terminal !== undefined) {
    return { words: (words) => showWords(terminal, words), undo: () => Promise.resolve() };
  }
  throw new VaultError('usage', {
    op: 'vaultd.init',
    detail: 'there is no terminal to show the recovery words on',
    next: 'name a new file for them with --recovery-file FILE',
  });
}
