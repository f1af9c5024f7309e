import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'ava';
import { configKeys, settings } from '../../agent/config/settings.ts';
import { homeDirectories, homeFiles } from '../../agent/home/layout.ts';
import { commands, commonOptions } from '../../agent/vaultd/commands.ts';
import { exitStatusMeanings } from '../../protocol/exit-status.ts';

const file = join(import.meta.dirname, '../../man/vaultd.8');
const lines = readFileSync(file, 'utf8').split('\n');

/** Lines of one section. */
function section(title: string): readonly string[] {
  const start = lines.indexOf(`.Sh ${title}`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith('.Sh '));
  return start < 0 ? [] : lines.slice(start + 1, end < 0 ? undefined : end);
}

function has(title: string, pattern: RegExp): boolean {
  return section(title).some((line) => pattern.test(line));
}

test('every command and every flag of the program has an entry, with its argument', (t) => {
  for (const { usage, options } of commands) {
    const [name = ''] = usage.split(' ');
    t.true(has('DESCRIPTION', new RegExp(`^\\.It Cm ${name}$`)), name);
    t.true(has('SYNOPSIS', new RegExp(`^\\.Cm ${name}$`)), name);
    for (const [flag, { type }] of Object.entries({ ...options, ...commonOptions })) {
      const argument = type === 'string' ? ' Ar \\S+' : '';
      t.true(has('DESCRIPTION', new RegExp(`^\\.It Fl -${flag}${argument}$`)), flag);
    }
  }
});

test('the page describes no flag that the program does not have', (t) => {
  const known = new Set(['help', 'version', ...Object.keys(commonOptions)]);
  for (const { options } of commands) for (const flag of Object.keys(options)) known.add(flag);
  for (const line of lines) {
    for (const [, flag = ''] of line.matchAll(/\bFl -([a-z-]+)/g)) t.true(known.has(flag), flag);
  }
});

test('every exit status is there with its meaning', (t) => {
  const rows = section('EXIT STATUS');
  for (const [status, meaning] of Object.entries(exitStatusMeanings)) {
    const at = rows.indexOf(`.It ${status}`);
    t.true(at >= 0, status);
    t.true(rows[at + 1]?.startsWith(meaning), status);
  }
  t.is(rows.filter((row) => row.startsWith('.It ')).length, Object.keys(exitStatusMeanings).length);
});

test('every setting is there with its variable', (t) => {
  const rows = section('ENVIRONMENT');
  for (const key of configKeys) {
    const at = rows.indexOf(`.It Ev ${settings[key].environment}`);
    t.is(rows[at + 1], `.Ql ${key}`);
  }
});

test('every place of a home is there', (t) => {
  for (const name of [
    ...homeDirectories.filter((name) => name !== 'log'),
    ...Object.values(homeFiles),
  ]) {
    t.true(has('FILES', new RegExp(`^\\.It Pa ${name}/?$`)), name);
  }
});

test('mandoc finds nothing to complain about', (t) => {
  const result = spawnSync('mandoc', ['-Tlint', '-Wall', basename(file)], {
    // It looks for the pages that this one refers to in the directory that it runs in.
    cwd: dirname(file),
    encoding: 'utf8',
  });
  if (result.error !== undefined) {
    t.log('mandoc is not installed: skipped');
    t.pass();
    return;
  }
  t.is(result.stdout, '');
});
