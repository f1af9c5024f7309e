// Strips the types of the files that tests run, before they do, and keeps the result where they look for it
// (ava.config.js): in one process, and not in that of each test, where loading the compiler takes longer than the
// file. Nothing of it is run: every import in those files leads to an empty module, so linking fails when all have
// been read. The sources of the agent are left to the simulations: they come early, and keep the code that was used.
import { globSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import config from '../ava.config.js';

const root = join(import.meta.dirname, '..');
const files = globSync('{test,cli,tui,fuse}/**/*.ts', { cwd: root });
const imports = files.map((file) => `import '${pathToFileURL(join(root, file)).href}';`);
const all = [...imports, "import { nothing } from 'empty';"].join('\n');

registerHooks({
  resolve: (wanted, context, next) =>
    /^(file|data):/.test(wanted)
      ? next(wanted, context)
      : { url: 'data:text/javascript,', shortCircuit: true },
});
enableCompileCache(config.environmentVariables.NODE_COMPILE_CACHE);
try {
  await import(`data:text/javascript,${encodeURIComponent(all)}`);
} catch (error) {
  if (!(error instanceof SyntaxError)) throw error;
}
