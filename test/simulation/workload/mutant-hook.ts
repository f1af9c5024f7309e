/**
 * Loaded before everything else (`--import`): gives sources of the product with a check taken out, so
 * that a control arm runs the product as it would be without it. What to replace is in `MUTANT`, as JSON.
 */
import { registerHooks } from 'node:module';
import type { Mutant } from './mutants.ts';

const { changes } = JSON.parse(process.env['MUTANT'] ?? '{}') as Mutant;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    for (const { file, from, to } of changes) {
      if (!url.endsWith(`/${file}`)) continue;
      const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      if (source.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
      return { ...loaded, source: source.replace(from, to) };
    }
    return loaded;
  },
});
