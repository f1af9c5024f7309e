/** What every command is given, and what it gives back. */
import type { ControlClient } from '../protocol/control/client.ts';
import type { ExitStatus } from '../protocol/exit-status.ts';
import { flag } from './parse/command-line.ts';
import type { CommandLine } from './parse/command-line.ts';
import type { Output } from './output/output.ts';
import type { Progress } from './output/progress.ts';
import { parseVaultPath } from './paths/vault-path.ts';
import type { VaultPath } from './paths/vault-path.ts';

export interface Invocation {
  readonly line: CommandLine;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Connects to the agent, the first time. */
  client(): Promise<ControlClient>;
  /** A bar where one may be shown, else nothing; it counts bytes, or what `unit` says. */
  startProgress(unit?: string): Progress;
}

/** Failures are thrown; a status that is not 0 says that some items failed and were reported. */
export type Handler = (invocation: Invocation) => Promise<ExitStatus>;

/** An operand as a path of the vault. */
export function vaultPath(line: CommandLine, typed: string): VaultPath {
  return parseVaultPath(typed, flag(line, 'escaped-paths'));
}
