/** The list of all commands, in the order of the help. */
import { conflictCommands } from './conflicts.ts';
import { contentCommands } from './content.ts';
import { deviceCommands } from './devices.ts';
import { historyCommands } from './history.ts';
import { keyCommands } from './keys.ts';
import { memberCommands } from './members.ts';
import { noteCommands } from './notes.ts';
import { pastCommands } from './past.ts';
import { mountCommands } from './mounts.ts';
import { retentionCommands } from './retention.ts';
import { treeCommands } from './trees.ts';
import type { CommandDefinition } from './types.ts';

const definitions = [
  ...contentCommands,
  ...conflictCommands,
  ...treeCommands,
  ...historyCommands,
  ...pastCommands,
  ...retentionCommands,
  ...mountCommands,
  ...memberCommands,
  ...deviceCommands,
  ...noteCommands,
  ...keyCommands,
] as const;

export type CommandName = (typeof definitions)[number]['name'];

export const commands: readonly CommandDefinition<CommandName>[] = definitions;

/** The command of exactly this name. */
export function findCommand(name: string): CommandDefinition<CommandName> | undefined {
  return commands.find((command) => command.name === name);
}

/** Whether `name` is the first word of commands of two words. */
export function hasSubcommands(name: string): boolean {
  return commands.some((command) => command.name.startsWith(`${name} `));
}
