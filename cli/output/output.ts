/**
 * Where results and notes go: results to standard output, everything else to standard error. Text
 * that holds somebody else's characters is escaped by whoever makes it; JSON is made safe here.
 */
import type { VaultError } from '../../protocol/errors.ts';
import { escapeJson } from '../../protocol/text/escape.ts';
import { failureJson, failureText } from './failure.ts';

export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether a progress bar may be shown. */
  readonly progress: boolean;
}

export interface Output extends OutputOptions {
  /** Width of the terminal that shows the results; undefined when it is none. */
  readonly columns: number | undefined;
  /** Its height. */
  readonly rows: number | undefined;
  /** Lines of the result for people. */
  lines(lines: readonly string[]): void;
  /** The result for scripts, one value. */
  value(value: unknown): void;
  /** One line of a stream of values. */
  record(value: unknown): void;
  /** Raw text of the result. */
  raw(text: string): void;
  /** A remark; not with `--quiet`, not with `--json`. */
  note(text: string): void;
  /** Something went wrong with one item, and the rest goes on. */
  warn(error: VaultError): void;
  fail(error: VaultError): void;
}

export function createOutput(
  streams: { readonly out: OutputStream; readonly err: OutputStream },
  options: OutputOptions,
): Output {
  const { out, err } = streams;
  const isTerminal = out.isTTY === true;
  const complain = (key: 'error' | 'warning', error: VaultError): void => {
    err.write(
      options.json ? `${jsonText({ [key]: failureJson(error) })}\n` : `${failureText(error)}\n`,
    );
  };
  return {
    ...options,
    progress: options.progress && err.isTTY === true && !options.quiet,
    columns: isTerminal ? (out.columns ?? 80) : undefined,
    rows: isTerminal ? (out.rows ?? 24) : undefined,
    lines(lines) {
      if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
    },
    value(value) {
      out.write(`${jsonText(value, isTerminal ? 2 : undefined)}\n`);
    },
    record(value) {
      out.write(`${jsonText(value)}\n`);
    },
    raw(text) {
      out.write(text);
    },
    note(text) {
      if (!options.quiet && !options.json) err.write(`${text}\n`);
    },
    warn(error) {
      complain('warning', error);
    },
    fail(error) {
      complain('error', error);
    },
  };
}

/** JSON without characters that could drive a terminal. */
export function jsonText(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, undefined, indent));
}
