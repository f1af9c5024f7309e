import test from 'ava';
import fc from 'fast-check';
import { parseCommandLine } from '../../../agent/vaultd/command-line.ts';
import { commands, commonOptions } from '../../../agent/vaultd/commands.ts';
import type { CommandLine } from '../../../agent/vaultd/commands.ts';
import { parseQuickly } from '../../../agent/vaultd/quick-line.ts';
import { exitStatusMeanings } from '../../../protocol/exit-status.ts';

const names = [
  ...['home', 'socket', 'name', 'recoveryFile', 'ticket', 'ticketFile', 'listen', 'mount'],
  ...['detach', 'passphraseFile', 'json'],
] as const satisfies readonly (keyof CommandLine)[];

interface Answer {
  readonly usage: string;
  readonly line: Record<string, unknown>;
}

function quickly(words: readonly string[]): Answer | undefined {
  const parsed = parseQuickly(words, commands);
  return parsed === undefined ? undefined : answerOf(parsed.command.usage, parsed.line);
}

async function fully(words: readonly string[]): Promise<Answer> {
  const version = '1.2.3';
  const parsed = await parseCommandLine(words, { commands, version, statuses: exitStatusMeanings });
  if (parsed.type !== 'command') throw new Error('it is a text');
  return answerOf(parsed.command.usage, parsed.line);
}

/** What a command can see of a line. */
function answerOf(usage: string, line: CommandLine): Answer {
  const seen = names.filter((name) => line[name] !== undefined && line[name] !== false);
  return { usage, line: Object.fromEntries(seen.map((name) => [name, line[name]])) };
}

const common: readonly (readonly string[])[] = [
  ['start'],
  ['start', '--detach'],
  ['start', '--home', '/h', '--listen', '127.0.0.1:0'],
  ['start', '--listen=:0', '--detach', '--socket=/s'],
  ['--home', '/h', 'status', '--json'],
  ['stop', '--home', '/h'],
  ['init', '--name', '7', '--recovery-file', 'f'],
  ['join', 'pv1abc', '--name', 'nas'],
  ['join', '-'],
  ['join', '--ticket-file', 'f'],
  ['start', '--listen', ':1', '--listen', ':2'],
];

test('what is common is understood at once, and as the full parser does', async (t) => {
  for (const words of common) t.deepEqual(quickly(words), await fully(words), words.join(' '));
});

test('help, version and what is not plainly right are left to the full parser', (t) => {
  for (const words of [
    [],
    ['--help'],
    ['start', '-h'],
    ['--version'],
    ['destroy'],
    ['start', 'now'],
    ['start', '--listne', ':1'],
    ['start', '--listen'],
    ['start', '--home='],
    ['init', '--json'],
    ['join', 'a', 'b'],
    ['join', ''],
    ['start', '--no-detach'],
    ['start', '--detach=true'],
    ['start', '--', 'x'],
    ['start', '-d'],
    ['--json', 'status'],
  ]) {
    t.is(quickly(words), undefined, words.join(' '));
  }
});

const optionNames = [commonOptions, ...commands.map(({ options }) => options)].flatMap(Object.keys);
const commandName = fc.constantFrom(...commands.map(({ usage }) => usage.split(' ')[0] ?? ''));
const word = fc.oneof(
  commandName,
  fc.constantFrom(...optionNames.map((name) => `--${name}`)),
  fc.constantFrom(...optionNames.map((name) => `--${name}=value`)),
  fc.constantFrom('-', 'x', ':0', '5', '0x10', '1e3', 'true', 'a b', '-5', 'null', '/h'),
);
/** Any words; half of the lines begin as a person's would, so that many of them are understood. */
const line = fc.oneof(
  fc.array(word, { maxLength: 6 }),
  fc.tuple(commandName, fc.array(word, { maxLength: 2 })).map(([name, rest]) => [name, ...rest]),
);

test('whatever is understood at once means the same to the full parser', async (t) => {
  let understood = 0;
  await fc.assert(
    fc.asyncProperty(line, async (words) => {
      const answer = quickly(words);
      if (answer === undefined) return;
      understood += 1;
      t.deepEqual(answer, await fully(words), words.join(' '));
    }),
    { numRuns: 2000 },
  );
  t.true(understood > 100, String(understood));
});
