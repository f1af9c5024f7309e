/** Completion scripts, written from the definitions of the commands. Pure. */
import { commands } from '../definitions/all.ts';
import { globalOptions } from '../definitions/globals.ts';
import type { CommandDefinition, OptionDefinition } from '../definitions/types.ts';
import { fishScript } from './fish.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell): string {
  if (shell === 'fish') return fishScript(twoWordStarts());
  return shell === 'bash' ? bashScript() : `${zshHead}${bashScript()}`;
}

/** zsh understands the functions of bash. */
const zshHead = `# zsh runs the completion of bash.
autoload -Uz bashcompinit && bashcompinit
`;

function bashScript(): string {
  const first = [...new Set(commands.map(({ name }) => name.split(' ', 1).join('')))];
  const globals = optionWords(globalOptions);
  return `# Completion of vault. Use it with: source <(vault completion bash)
_vault() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) ;;
      *) command="\${command:+$command }$word"
         case $command in ${alternatives(twoWordStarts())}) ;; *) break ;; esac ;;
    esac
  done
  local options='${globals}' words= kind=
  case $command in
    '') words='${first.join(' ')}' ;;
${commands.map(caseOf).join('\n')}
  esac
  local IFS=$'\\n'
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "\${options// /$'\\n'}" -- "$current"))
    return
  fi
  COMPREPLY=()
  [[ -n $words ]] && COMPREPLY+=($(compgen -W "\${words// /$'\\n'}" -- "$current"))
  [[ $kind == *vault* ]] && COMPREPLY+=($(vault completion paths "$current" 2>/dev/null))
  [[ $kind == *local* ]] && COMPREPLY+=($(compgen -f -- "$current"))
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _vault vault
`;
}

function caseOf(command: CommandDefinition): string {
  const options = optionWords(command.options);
  const below = commands
    .filter(({ name }) => name.startsWith(`${command.name} `))
    .map(({ name }) => name.slice(command.name.length + 1));
  const words = command.name === 'completion' ? shells : below;
  const parts = [
    ...(options === '' ? [] : [`options+=' ${options}'`]),
    ...(words.length === 0 ? [] : [`words='${words.join(' ')}'`]),
    ...(command.completes === undefined ? [] : [`kind=${command.completes}`]),
  ];
  return `    '${command.name}') ${parts.length === 0 ? ':' : parts.join('; ')} ;;`;
}

function twoWordStarts(): string[] {
  return [
    ...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? name.split(' ', 1) : []))),
  ];
}

function alternatives(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join('|');
}

function optionWords(options: readonly OptionDefinition[]): string {
  return options
    .flatMap(({ name, short }) =>
      short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`],
    )
    .join(' ');
}
