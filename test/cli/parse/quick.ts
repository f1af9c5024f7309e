import test from 'ava';
import fc from 'fast-check';
import { commands } from '../../../cli/definitions/all.ts';
import { globalOptions } from '../../../cli/definitions/globals.ts';
import type { OptionDefinition } from '../../../cli/definitions/types.ts';
import type { CommandLine } from '../../../cli/parse/command-line.ts';
import { checkCommandLine, count, flag, text, texts } from '../../../cli/parse/command-line.ts';
import { parseFully } from '../../../cli/parse/full.ts';
import { parseQuickly } from '../../../cli/parse/quick.ts';
import { VaultError } from '../../../protocol/errors.ts';

/** What a command would see of a line. */
function meaning(line: CommandLine): unknown {
  const options: readonly OptionDefinition[] = [...globalOptions, ...line.command.options];
  return {
    command: line.command.name,
    operands: line.operands,
    options: options.map(({ name, value, multiple }) => {
      if (value === undefined) return [name, flag(line, name)];
      return [name, multiple === true ? texts(line, name) : text(line, name)];
    }),
  };
}

/** Without "true" and "false": behind a flag, yargs takes them for its value; the quick parser never does. */
const operand = fc.constantFrom('-', 'a', 'dir/b c', 'ü', '12', '0x1f', '1e3', 'list', '');

/** A line that is right, with options before and between the operands. */
const rightLine = fc
  .constantFrom(...commands)
  .chain((command) => {
    const options: readonly OptionDefinition[] = [
      ...globalOptions.filter(({ name }) => name !== 'help'),
      ...command.options,
    ];
    const option = fc.constantFrom(...options).chain((definition): fc.Arbitrary<string[]> => {
      const long = `--${definition.name}`;
      const short = 'short' in definition ? `-${definition.short ?? ''}` : long;
      if (definition.value === undefined) return fc.constantFrom([long], [short]);
      const value = fc.constantFrom('7', 'x y', '755', 'ü');
      return value.chain((each) =>
        fc.constantFrom([long, each], [`${long}=${each}`], [short, each]),
      );
    });
    return fc.tuple(
      fc.constant(command),
      fc.array(command.operandsMax === 0 ? option : fc.oneof(option, fc.tuple(operand)), {
        maxLength: 6,
      }),
    );
  })
  .map(([command, parts]) => [...command.name.split(' '), ...parts.flat()]);

test('both parsers understand a line that is right in the same way', async (t) => {
  await fc.assert(
    fc.asyncProperty(rightLine, async (words) => {
      const quick = parseQuickly(words);
      t.truthy(quick, words.join(' '));
      const full = await parseFully(words);
      if (!('command' in full)) return t.fail(words.join(' '));
      t.deepEqual(meaning(quick!), meaning(full), JSON.stringify(words));
    }),
    { numRuns: 60 },
  );
});

test('options that every command has may come before it', (t) => {
  const line = parseQuickly(['--json', '--home', 'ls', 'peers', 'add', 'a:1']);
  t.is(line?.command.name, 'peers add');
  t.is(text(line!, 'home'), 'ls');
  t.deepEqual(line?.operands, ['a:1']);
});

test('a command that also begins other commands takes operands of its own', async (t) => {
  for (const operand of ['docs', 'sat']) {
    const words = ['retention', operand, '--json'];
    const quick = parseQuickly(words);
    t.is(quick?.command.name, 'retention');
    t.deepEqual(quick?.operands, [operand]);
    const full = await parseFully(words);
    if (!('command' in full)) return t.fail();
    t.deepEqual(meaning(quick!), meaning(full));
  }
});

test('what follows -- is an operand', async (t) => {
  for (const line of [parseQuickly(['rm', '--', '-r']), await parseFully(['rm', '--', '-r'])]) {
    t.true(line !== undefined && 'command' in line);
    if (line === undefined || !('command' in line)) return;
    t.deepEqual(line.operands, ['-r']);
    t.false(flag(line, 'recursive'));
  }
});

test('the quick parser leaves alone what is not plainly right', (t) => {
  const wrong = [[], ['lss'], ['ls', '--foo'], ['ls', '--help'], ['-h'], ['cat', '--offset']];
  for (const words of wrong) t.is(parseQuickly(words), undefined, words.join(' '));
});

test('a wrong line is a usage error that names the help of its command', async (t) => {
  const cases: [string[], string, string][] = [
    [['ls', '--foo'], 'cli.ls', 'vault ls --help'],
    [['lss'], 'cli', 'vault --help'],
    [['cat', '--offset'], 'cli.cat', 'vault cat --help'],
    [['--nonsense'], 'cli', 'vault --help'],
  ];
  for (const [words, op, next] of cases) {
    const error = await t.throwsAsync(parseFully(words), { instanceOf: VaultError });
    t.is(error?.code, 'usage', words.join(' '));
    t.is(error?.op, op);
    t.is(error?.next, next);
  }
});

test('every command has a help with its flags, its examples and the exit statuses', async (t) => {
  for (const command of commands) {
    const answer = await parseFully([...command.name.split(' '), '--help'], 200);
    if (!('help' in answer)) return t.fail(command.name);
    t.true(answer.help.startsWith(`vault ${command.name} [OPTION...]`), command.name);
    for (const option of [...globalOptions, ...command.options]) {
      t.true(answer.help.includes(`--${option.name}`), `${command.name} ${option.name}`);
    }
    for (const [line] of command.examples) t.true(answer.help.includes(line), line);
    t.regex(answer.help, /Exit status:\n {4}0 {2}done\n(.*\n)* {2}130 {2}interrupted/);
    t.notRegex(answer.help, /\[(boolean|string|array)\]/);
  }
});

test('the help without a command lists all commands', async (t) => {
  for (const words of [[], ['--help'], ['-h']]) {
    const answer = await parseFully(words);
    if (!('help' in answer)) return t.fail();
    for (const { name } of commands.filter((each) => !each.name.includes(' '))) {
      t.regex(answer.help, new RegExp(`^ {2}vault ${name} `, 'm'));
    }
  }
});

test('too few operands, too many, and a value off the list are usage errors', (t) => {
  const check = (...words: string[]) => checkCommandLine(parseQuickly(words)!);
  t.notThrows(() => check('peers', 'add', 'a:1'));
  t.throws(() => check('peers', 'add'), { message: /an operand is missing/ });
  t.throws(() => check('peers', 'add', 'a:1', 'b:2'), { message: /one operand too many/ });
  t.throws(() => check('put', 'only'), { message: /an operand is missing/ });
  t.notThrows(() => check('invite', '--role', 'blind'));
  t.throws(() => check('invite', '--role', 'king'), { message: /one of blind, reader/ });
});

test('a count is a whole number up to 2^53 - 1', (t) => {
  const of = (value: string) => count(parseQuickly(['cat', 'x', `--offset=${value}`])!, 'offset');
  t.is(of('0'), 0);
  t.is(of('9007199254740991'), Number.MAX_SAFE_INTEGER);
  for (const wrong of ['9007199254740992', '-1', '1.5', '', 'x', '0x10', '1e3', ' 1']) {
    t.throws(() => of(wrong), { message: /a whole number is needed/ }, wrong);
  }
});

test('options of every command may stand before it, and what follows -- is no option', (t) => {
  const words = [
    '--json',
    '--socket',
    'S',
    'snapshot',
    'diff',
    '--path',
    '/',
    '--',
    '--ssh=x',
    'y',
  ];
  const line = parseQuickly(words);
  t.is(line?.command.name, 'snapshot diff');
  t.deepEqual(line?.operands, ['--ssh=x', 'y']);
  t.is(line?.options['ssh'], undefined);
  t.is(parseQuickly(['get', '--at=-x', 'a', 'b'])?.options['at'], '-x');
});
