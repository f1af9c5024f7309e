/**
 * What a command is, apart from what it does: both parsers, the help, the shell completion and the
 * test of the man page read this and nothing else.
 */

export interface OptionDefinition {
  /** Long name, without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for its value in the help; a flag has none. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly choices?: readonly string[];
  readonly describe: string;
}

export interface CommandDefinition<Name extends string = string> {
  /** `ls`, `peers add`. */
  readonly name: Name;
  readonly summary: string;
  /** A paragraph for the help. */
  readonly details?: string;
  /** How the operands read in the usage line. */
  readonly operands: string;
  readonly operandsMin: number;
  readonly operandsMax: number;
  /** What the operands are, for the shell completion. @default nothing to complete */
  readonly completes?: 'vault' | 'local' | 'local-then-vault' | 'vault-then-local';
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly (readonly [line: string, what: string])[];
}

/** Has no upper bound. */
export const many = Number.MAX_SAFE_INTEGER;
