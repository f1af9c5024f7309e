/**
 * A program in a real pseudo-terminal with a terminal emulator behind it: what a person would see.
 * `screen()` is the text of the grid; `until` waits for what should be seen, without fixed pauses.
 */
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import type { ExecutionContext } from 'ava';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** How long `until` waits at most. */
  readonly timeoutMs?: number;
}

export interface TestTerminal {
  readonly pid: number;
  /** Lines of the visible screen, without spaces at their ends. */
  screen(): readonly string[];
  /** Waits until a line fits; answers with the screen. */
  until(pattern: RegExp): Promise<readonly string[]>;
  /** Waits until this line fits, or does not fit any more. */
  untilRow(row: number, pattern: RegExp): Promise<readonly string[]>;
  untilGoneRow(row: number, pattern: RegExp): Promise<readonly string[]>;
  /** Waits until no line fits. */
  untilGone(pattern: RegExp): Promise<readonly string[]>;
  /** Waits until nothing has been written for `quietMs`. */
  quiet(quietMs?: number): Promise<readonly string[]>;
  send(keys: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  /** What stands in the cell. */
  cell(x: number, y: number): string;
  /** Whether the cell is inverse. */
  isInverse(x: number, y: number): boolean;
  /** Whether the alternate screen is shown. */
  isAlternate(): boolean;
  /** All bytes that were written. */
  written(): string;
  /** Called after each piece of output with the screen that it made. */
  onFrame(listener: (lines: readonly string[]) => void): void;
  readonly exited: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>;
}

export const tuiProgram = join(import.meta.dirname, '../../bin/vault-tui');

export function startTerminal(
  t: Pick<ExecutionContext, 'teardown'>,
  words: readonly string[],
  options: TerminalOptions = {},
): TestTerminal {
  const { columns = 80, rows = 24, timeoutMs = 60_000 } = options;
  const [program = '', ...args] = words;
  const emulator = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 0,
  });
  const pty = spawn(program, args, {
    name: 'xterm-256color',
    cols: columns,
    rows,
    env: {
      PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
      HOME: process.env['HOME'] ?? '/',
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      TZ: 'UTC',
      // The terminal library must draw on build machines too.
      CI: 'true',
      ...options.environment,
    },
  });
  const pieces: string[] = [];
  const frameListeners: ((lines: readonly string[]) => void)[] = [];
  const waiting = new Set<() => void>();
  let running = true;
  pty.onData((data) => {
    pieces.push(data);
    emulator.write(data, () => {
      for (const listener of frameListeners) listener(screen());
      for (const check of [...waiting]) check();
    });
  });
  // Answers of the terminal, for example where the cursor is.
  emulator.onData((answer) => {
    if (running) pty.write(answer);
  });
  const exited = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    pty.onExit((end) => {
      running = false;
      resolve(end);
      for (const check of [...waiting]) check();
    });
  });
  t.teardown(async () => {
    if (running) pty.kill('SIGKILL');
    await exited;
    emulator.dispose();
  });

  function screen(): readonly string[] {
    const buffer = emulator.buffer.active;
    return Array.from({ length: emulator.rows }, (_, at) =>
      (buffer.getLine(buffer.viewportY + at)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  function wait(done: () => boolean, what: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        waiting.delete(check);
        if (error === undefined) resolve(screen());
        else reject(error);
      };
      const check = (): void => {
        if (done()) finish();
      };
      const timer = setTimeout(() => {
        finish(new Error(`${what} was not seen:\n${screen().join('\n')}`));
      }, timeoutMs);
      waiting.add(check);
      check();
    });
  }

  return {
    pid: pty.pid,
    screen,
    until: (pattern) => wait(() => screen().some((line) => pattern.test(line)), String(pattern)),
    untilGone: (pattern) =>
      wait(() => !screen().some((line) => pattern.test(line)), `the end of ${String(pattern)}`),
    untilRow: (row, pattern) =>
      wait(() => pattern.test(screen()[row] ?? ''), `${String(pattern)} in row ${String(row)}`),
    untilGoneRow: (row, pattern) =>
      wait(() => !pattern.test(screen()[row] ?? ''), `the end of ${String(pattern)}`),
    quiet(quietMs = 100) {
      return new Promise((resolve) => {
        let count = -1;
        const look = (): void => {
          if (pieces.length === count) resolve(screen());
          else {
            count = pieces.length;
            setTimeout(look, quietMs);
          }
        };
        look();
      });
    },
    send(keys) {
      pty.write(keys);
    },
    resize(newColumns, newRows) {
      emulator.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    kill(signal) {
      pty.kill(signal);
    },
    cell(x, y) {
      const buffer = emulator.buffer.active;
      return (
        buffer
          .getLine(buffer.viewportY + y)
          ?.getCell(x)
          ?.getChars() ?? ''
      );
    },
    isInverse(x, y) {
      const buffer = emulator.buffer.active;
      return (
        buffer
          .getLine(buffer.viewportY + y)
          ?.getCell(x)
          ?.isInverse() !== 0
      );
    },
    isAlternate: () => emulator.buffer.active.type === 'alternate',
    written: () => pieces.join(''),
    onFrame(listener) {
      frameListeners.push(listener);
    },
    exited,
  };
}
