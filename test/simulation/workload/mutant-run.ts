/** The program of a mutant: runs seeds until the checkers find something, and prints what that is. */
import { playAway } from './away.ts';
import { runSimulation } from './run.ts';
import type { Mutant } from './mutants.ts';

const { seeds, options } = JSON.parse(process.env['MUTANT'] ?? '{}') as Mutant;

for (const seed of seeds) {
  const name = `mutant ${String(seed)}`;
  const violations =
    options === 'away'
      ? await playAway(name)
      : (await runSimulation({ ...options, seed: name })).violations;
  if (violations.length === 0) continue;
  process.stdout.write(`seed ${String(seed)}: ${violations.join('\n')}\n`);
  break;
}
