import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const file = join(import.meta.dirname, '../../../agent/vaultd/compile-cache.ts');
const program = `
  import { enableCompileCache } from 'node:module';
  const [file, directory] = process.argv.slice(1);
  if (directory !== undefined) enableCompileCache(directory);
  const { compileCacheEnvironment } = await import(file);
  console.log(JSON.stringify(compileCacheEnvironment()));`;

function environmentOfChildren(...directory: string[]): unknown {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const words = ['--input-type=module', '--eval', program, file, ...directory];
  return JSON.parse(execFileSync(process.execPath, words, { env, encoding: 'utf8' }));
}

test('processes that are started keep compiled code in the directory of the one that starts them', async (t) => {
  const directory = await temporaryDirectory(t);
  t.deepEqual(environmentOfChildren(directory), { NODE_COMPILE_CACHE: directory });
  t.deepEqual(environmentOfChildren(), {}, 'where it keeps none, they keep none');
});
