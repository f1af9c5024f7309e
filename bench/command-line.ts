/** What the user asks for. Pure. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

export interface Command {
  /** Names of rows; empty: all. */
  readonly rows: readonly string[];
  readonly scale: number;
  readonly rounds: number | undefined;
  readonly without: readonly string[];
  /** How long the memory of the console is watched. */
  readonly minutes: number;
  readonly json: string | undefined;
  /** Where temporary files go: on the disk that is measured. */
  readonly directory: string;
  readonly help: boolean;
}

/** @throws Error that says what is wrong */
export function parseCommand(words: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      without: { type: 'string', multiple: true, default: [] },
      minutes: { type: 'string', default: '2' },
      json: { type: 'string' },
      dir: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    rows: positionals,
    scale: numberOf('--scale', values.scale, 0.001),
    rounds: values.rounds === undefined ? undefined : numberOf('--rounds', values.rounds, 1),
    without: values.without,
    minutes: numberOf('--minutes', values.minutes, 0.1),
    json: values.json,
    directory: values.dir,
    help: values.help,
  };
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new Error(`${option} takes a number of at least ${String(least)}, not ${text}`);
}
