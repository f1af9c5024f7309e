import test from 'ava';
import { parseCommandLine } from '../../../agent/vaultd/command-line.ts';
import { commands } from '../../../agent/vaultd/commands.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { exitStatusMeanings } from '../../../protocol/exit-status.ts';

function parse(...words: string[]) {
  return parseCommandLine(words, { commands, version: '1.2.3', statuses: exitStatusMeanings });
}

/** Without the line breaks of a narrow terminal. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

async function lineOf(...words: string[]) {
  const parsed = await parse(...words);
  if (parsed.type !== 'command') throw new Error(parsed.text);
  return { usage: parsed.command.usage, ...parsed.line };
}

test('options come with their command and those of all commands', async (t) => {
  t.like(await lineOf('start', '--listen', ':0', '--detach', '--home', '/h', '--socket', '/s'), {
    usage: 'start',
    listen: ':0',
    detach: true,
    home: '/h',
    socket: '/s',
  });
  t.like(await lineOf('--home', '/h', 'init', '--recovery-file', 'f', '--name', '7'), {
    recoveryFile: 'f',
    name: '7',
  });
  t.like(await lineOf('status', '--json'), { json: true });
});

test('a ticket may be an argument, a dash or absent', async (t) => {
  t.is((await lineOf('join', 'pv1abc')).ticket, 'pv1abc');
  t.is((await lineOf('join', '-')).ticket, '-');
  t.is((await lineOf('join', '--ticket-file', 'f')).ticket, undefined);
});

test('an option given twice counts the last time', async (t) => {
  t.is((await lineOf('start', '--listen', ':1', '--listen', ':2')).listen, ':2');
});

for (const words of [
  [],
  ['destroy'],
  ['start', 'now'],
  ['start', '--listne', ':1'],
  ['start', '--listen'],
  ['start', '--home='],
  ['init', '--json'],
  ['join', 'a', 'b'],
  ['start', '--no-detach'],
]) {
  test(`"vaultd ${words.join(' ')}" is a usage error`, async (t) => {
    const error = await t.throwsAsync(() => parse(...words));
    t.true(isVaultError(error, 'usage'), String(error));
  });
}

test('help lists every command, and each help its options, examples and every exit status', async (t) => {
  const help = await parse('--help');
  t.is(help.type, 'text');
  for (const command of commands) {
    const [name = ''] = command.usage.split(' ');
    t.true(help.type === 'text' && flat(help.text).includes(command.summary), name);
    const own = await parse(name, '--help');
    if (own.type !== 'text') throw new Error('no help');
    for (const option of Object.keys(command.options)) t.true(own.text.includes(`--${option}`));
    for (const [example] of command.examples) t.true(flat(own.text).includes(example), example);
    for (const status of Object.keys(exitStatusMeanings)) t.true(own.text.includes(status));
  }
});

test('version says program and version', async (t) => {
  const parsed = await parse('--version');
  t.deepEqual(parsed, { type: 'text', text: 'vaultd 1.2.3' });
});
