/** The program of a mutant: runs seeds until the checkers find something, and prints what that is. */
import { runSimulation } from './run.ts';
import type { Mutant } from './mutants.ts';

const { seeds, options } = JSON.parse(process.env['MUTANT'] ?? '{}') as Mutant;

for (const seed of seeds) {
  const { violations } = await runSimulation({ ...options, seed: `mutant ${String(seed)}` });
  if (violations.length === 0) continue;
  process.stdout.write(`seed ${String(seed)}: ${violations.join('\n')}\n`);
  break;
}
