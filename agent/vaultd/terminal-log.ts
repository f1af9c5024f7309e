/**
 * What a person at a terminal sees of the log. A start that fails is told in two clear lines, so until
 * the first agent is ready lines wait for a moment, and errors with their stacks go to the log file,
 * as does everything that the runtime itself writes when it dies. From then on all lines show.
 */
import { textOfLine } from '../host/log-line.ts';
import type { Clock, Timer } from '../ports.ts';

export interface TerminalLogParts {
  readonly clock: Clock;
  /** How a line is shown. Lines come as JSON. */
  readonly format: 'json' | 'text';
  /** Writes to the terminal. */
  show(text: string): void;
  /** Writes to the log file. */
  keep(text: string): void;
}

export interface TerminalLog {
  /** Lines of the log, in pieces as they come. */
  write(bytes: Uint8Array | string): void;
  /** An agent is ready. */
  started(): void;
  /** Nothing more comes. What still waits belongs to a start that failed. */
  close(): void;
}

/** A start that takes longer shows what it is doing. */
export const patienceMs = 1_000;
/** A line is cut there: the log makes none so long. */
const lineCharactersMax = 1024 * 1024;

export function createTerminalLog({ clock, format, show, keep }: TerminalLogParts): TerminalLog {
  const decoder = new TextDecoder();
  let partial = '';
  let waiting: string[] | undefined = [];
  let isStarted = false;
  const patience: Timer = clock.after(patienceMs, release);

  function release(): void {
    for (const line of waiting ?? []) showLine(line);
    waiting = undefined;
  }

  function showLine(line: string): void {
    show(`${format === 'text' ? textOfLine(line) : line}\n`);
  }

  function take(line: string): void {
    if (isStarted) showLine(line);
    else if (isTrouble(line)) keep(`${line}\n`);
    else if (waiting === undefined) showLine(line);
    else waiting.push(line);
  }

  return {
    write(bytes) {
      const text = partial + (typeof bytes === 'string' ? bytes : decoder.decode(bytes, streaming));
      const lines = text.split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) take(line);
      if (partial.length <= lineCharactersMax) return;
      take(partial);
      partial = '';
    },
    started() {
      isStarted = true;
      patience.cancel();
      release();
    },
    close() {
      patience.cancel();
      if (partial !== '') take(partial);
      for (const line of waiting ?? []) keep(`${line}\n`);
      waiting = undefined;
    },
  };
}

const streaming = { stream: true } as const;

/** An error of the log, or no line of the log at all. */
function isTrouble(line: string): boolean {
  return !line.startsWith('{') || /^\{"level":"(?:error|fatal)"/.test(line);
}
