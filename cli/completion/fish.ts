/** The completion of fish, which has its own way to say what follows what. Pure. */
import { commands } from '../definitions/all.ts';
import { globalOptions } from '../definitions/globals.ts';
import type { CommandDefinition, OptionDefinition } from '../definitions/types.ts';

const vaultPaths = '(vault completion paths (commandline -ct) 2>/dev/null)';

export function fishScript(twoWordStarts: readonly string[]): string {
  return [
    fishHead(twoWordStarts),
    ...globalOptions.map((option) => optionLine(option, undefined)),
    ...firstWords().map(([word, summary]) => wordLine('', word, summary)),
    ...commands.flatMap(linesOf),
    '',
  ].join('\n');
}

function fishHead(twoWordStarts: readonly string[]): string {
  return `# Completion of vault. Use it with: vault completion fish | source
function __vault_command
  set -l words (commandline -opc)
  set -l command
  for word in $words[2..-1]
    string match -q -- '-*' $word; and continue
    set -a command $word
    contains -- "$command" ${twoWordStarts.map(quoted).join(' ')}; or break
  end
  echo "$command"
end
function __vault_is
  set -l command (__vault_command)
  test "$command" = "$argv[1]"
end
complete -c vault -f`;
}

function firstWords(): (readonly [string, string])[] {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = name] = name.split(' ', 1);
    if (!words.has(first)) words.set(first, summary);
  }
  return [...words];
}

function linesOf(command: CommandDefinition): string[] {
  const { name, options, completes } = command;
  const below = commands
    .filter((other) => other.name.startsWith(`${name} `))
    .map((other) => wordLine(name, other.name.slice(name.length + 1), other.summary));
  const shells = ['bash', 'zsh', 'fish'].map((shell) => wordLine(name, shell, 'shell'));
  return [
    ...(name === 'completion' ? shells : below),
    ...options.map((option) => optionLine(option, name)),
    ...(completes?.includes('vault') ? [`${when(name)} -a ${quoted(vaultPaths)}`] : []),
    ...(completes?.includes('local') ? [`${when(name)} -F`] : []),
  ];
}

function wordLine(command: string, word: string, summary: string): string {
  return `${when(command)} -a ${quoted(word)} -d ${quoted(summary)}`;
}

function optionLine(option: OptionDefinition, command: string | undefined): string {
  const { name, short, value, choices, describe } = option;
  return [
    command === undefined ? 'complete -c vault' : when(command),
    `-l ${name}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...(choices === undefined
      ? value === undefined
        ? []
        : ['-r']
      : [`-x -a ${quoted(choices.join(' '))}`]),
    `-d ${quoted(describe)}`,
  ].join(' ');
}

function when(command: string): string {
  return `complete -c vault -n ${quoted(`__vault_is ${quoted(command)}`)}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
