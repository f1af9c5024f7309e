/** The program of a mutant: runs seeds until the checkers find something, and prints what that is. */
import { playApart } from './apart.ts';
import { playAway } from './away.ts';
import { playFolded } from './folded.ts';
import { runSimulation } from './run.ts';
import type { Mutant } from './mutants.ts';

const { seeds, options } = JSON.parse(process.env['MUTANT'] ?? '{}') as Mutant;

function play(seed: string): Promise<{ readonly violations: readonly string[] }> {
  if (options === 'away') return playAway(seed);
  if (options === 'folded') return playFolded(seed);
  return options === 'apart' ? playApart(seed) : runSimulation({ ...options, seed });
}

for (const seed of seeds) {
  const { violations } = await play(`mutant ${String(seed)}`);
  if (violations.length === 0) continue;
  process.stdout.write(`seed ${String(seed)}: ${violations.join('\n')}\n`);
  break;
}
