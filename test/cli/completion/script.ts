import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { completionScript, shells } from '../../../cli/completion/script.ts';
import { commands } from '../../../cli/definitions/all.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

for (const shell of shells) {
  test(`the script for ${shell} knows every command and every option`, (t) => {
    const script = completionScript(shell);
    for (const { name, options } of commands) {
      for (const word of name.split(' ')) t.true(script.includes(word), name);
      for (const option of options) {
        t.regex(script, new RegExp(`-(-|l )${option.name}\\b`), `${name} --${option.name}`);
      }
    }
  });

  test(`${shell} takes its script`, async (t) => {
    const file = join(await temporaryDirectory(t), 'script');
    await writeFile(file, completionScript(shell));
    const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    if (checked.error !== undefined) {
      t.log(`left out: there is no ${shell} here`);
      t.pass();
      return;
    }
    t.is(checked.status, 0, checked.stderr);
    t.is(checked.stderr, '');
  });
}

test('fish completes commands, words below them, options and paths', (t) => {
  const ask = (line: string): string =>
    spawnSync('fish', ['-c', `${completionScript('fish')}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
      env: { ...process.env, HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' },
    }).stdout;
  if (spawnSync('fish', ['--version']).error !== undefined) {
    t.log('left out: there is no fish here');
    t.pass();
    return;
  }
  t.regex(ask('vault pe'), /^peers\t/m);
  t.regex(ask('vault --json peers '), /^add\t/m);
  t.notRegex(ask('vault peers '), /^put\t/m);
  t.regex(ask('vault ls --rec'), /^--recursive\t/m);
});
