import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { commands } from '../../cli/definitions/all.ts';
import { globalOptions } from '../../cli/definitions/globals.ts';
import type { OptionDefinition } from '../../cli/definitions/types.ts';
import { exitStatusMeanings } from '../../protocol/exit-status.ts';

const lines = readFileSync(join(import.meta.dirname, '../../man/vault.1'), 'utf8').split('\n');

function heading({ name, short, value }: OptionDefinition): string {
  const letter = short === undefined ? '' : `Fl ${short} , `;
  return `.It ${letter}Fl -${name}${value === undefined ? '' : ` Ar ${value.toLowerCase()}`}`;
}

/** Lines from the head of one command to the head of the next. */
function entryOf(name: string): readonly string[] {
  const head = `.It ${name
    .split(' ')
    .map((word) => `Cm ${word}`)
    .join(' ')}`;
  const isHead = (line: string): boolean =>
    line === head || (line.startsWith(`${head} `) && !line.startsWith(`${head} Cm `));
  const start = lines.findIndex((line) => isHead(line) || line.startsWith(`${head} Cm bash |`));
  const end = lines.findIndex((line, at) => at > start && /^\.It Cm |^\.Sh /.test(line));
  return start < 0 ? [] : lines.slice(start, end);
}

test('every command has an entry with every one of its flags', (t) => {
  for (const command of commands) {
    const entry = entryOf(command.name);
    t.true(entry.length > 1, command.name);
    for (const option of command.options) {
      t.true(entry.includes(heading(option)), `${command.name} --${option.name}`);
    }
  }
});

test('every flag that all commands have is there', (t) => {
  for (const option of globalOptions) t.true(lines.includes(heading(option)), option.name);
});

test('the page describes no flag that the program does not have', (t) => {
  const options: readonly OptionDefinition[] = [
    ...globalOptions,
    ...commands.flatMap((command) => command.options),
  ];
  const known = new Set(['version', ...options.map(({ name }) => name)]);
  const described = lines.flatMap((line) =>
    [...line.matchAll(/Fl -([a-z-]+)/g)].map((match) => match[1]!),
  );
  t.true(described.length > globalOptions.length);
  for (const name of described) t.true(known.has(name), name);
});

test('every exit status is there with its meaning', (t) => {
  const start = lines.indexOf('.Sh EXIT STATUS');
  for (const [status, meaning] of Object.entries(exitStatusMeanings)) {
    const at = lines.indexOf(`.It ${status}`, start);
    t.true(at > start, status);
    t.is(lines[at + 1]?.toLowerCase(), `${meaning.toLowerCase()}.`);
  }
});
