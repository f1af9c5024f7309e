/** Code that was compiled when a program was built: taken when it fits, never when it does not. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { projectRoot } from '../helpers/project-files.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const helper = JSON.stringify(join(projectRoot, 'bin/compiled.cjs'));
const flags = ['--disallow-code-generation-from-strings', '--disable-warning=ExperimentalWarning'];

function evaluate(expression: string, options: readonly string[] = flags) {
  const script = `const fs = require('fs'); const compiled = require(${helper}); console.log(${expression})`;
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '-e', script], {
    encoding: 'utf8',
  });
  return { stdout, stderr };
}

/** A program with its code. */
async function makeProgram(t: ExecutionContext): Promise<{ file: string; run: string }> {
  const file = join(await temporaryDirectory(t), 'program.cjs');
  writeFileSync(
    file,
    `const path = require('path'); console.log(path.basename(__filename)); import('node:os').then((os) => console.log(typeof os.cpus));\n//${'a'.repeat(32)}\n`,
  );
  const place = JSON.stringify(file.replace('.cjs', '.compiled'));
  const kept = `require('fs').writeFileSync(${place}, compiled.make(${JSON.stringify(file)}))`;
  t.is(evaluate(kept).stderr, '');
  return { file, run: `compiled.run(${JSON.stringify(file)})` };
}

test('a program runs with its code, and what it imports later is found', async (t) => {
  const { run } = await makeProgram(t);
  t.deepEqual(evaluate(run), { stdout: 'program.cjs\ntrue\nfunction\n', stderr: '' });
});

test('code of another build, of other flags, damaged code and none are not taken, and nothing runs', async (t) => {
  const { file, run } = await makeProgram(t);
  const place = file.replace('.cjs', '.compiled');
  t.is(evaluate(run, [...flags, '--no-opt']).stdout, 'false\n');
  const kept = readFileSync(place);
  writeFileSync(place, kept.subarray(0, 60));
  t.is(evaluate(run).stdout, 'false\n');
  writeFileSync(place, kept);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('a'.repeat(32), 'b'.repeat(32)));
  t.is(evaluate(run).stdout, 'false\n', 'as long as before, and not the same');
  writeFileSync(place, '');
  t.is(evaluate(run).stdout, 'false\n');
  writeFileSync(file, text);
  t.is(
    evaluate(`compiled.run(${JSON.stringify(file.replace('program', 'other'))})`).stdout,
    'false\n',
  );
});

test('code in which any one bit is another is not taken', async (t) => {
  const { file } = await makeProgram(t);
  const place = file.replace('.cjs', '.compiled');
  const kept = readFileSync(place);
  const tries = `[${flippable(kept.length).join()}].filter((at) => {
    const bytes = fs.readFileSync(${JSON.stringify(place)});
    bytes[at] ^= 16;
    fs.writeFileSync(${JSON.stringify(place)}, bytes);
    const taken = compiled.run(${JSON.stringify(file)});
    bytes[at] ^= 16;
    fs.writeFileSync(${JSON.stringify(place)}, bytes);
    return taken;
  }).length`;
  t.deepEqual(evaluate(tries), { stdout: '0\n', stderr: '' });
});

/** In the mark, and all over the code. */
function flippable(length: number): number[] {
  const places = Array.from({ length: 40 }, (_, at) => 40 + Math.floor(((length - 40) * at) / 40));
  return [0, 34, ...places, length - 3, length - 2, length - 1];
}

test('code that cannot be read is not taken', async (t) => {
  const { file, run } = await makeProgram(t);
  const place = file.replace('.cjs', '.compiled');
  rmSync(place);
  mkdirSync(place);
  t.deepEqual(evaluate(run), { stdout: 'false\n', stderr: '' });
});

test('the client that was built has code that its runtime takes', (t) => {
  const file = join(projectRoot, 'dist/vault.cjs');
  const { stdout } = evaluate(
    `(process.argv.push('--help'), compiled.run(${JSON.stringify(file)}))`,
  );
  t.regex(stdout, /^true\n/);
});
