/**
 * Entry of `vault-tui`: reads the command line, takes the terminal, draws until it is left, gives the
 * terminal back. The only place that ends the process.
 */
import { homedir } from 'node:os';
import { render } from 'ink';
import type { Instance } from 'ink';
import { findSocketPath } from '../protocol/control/socket-path.ts';
import { VaultError, toVaultError } from '../protocol/errors.ts';
import { exitStatusOf } from '../protocol/exit-status.ts';
import { openSocket } from './agent/connect.ts';
import { failureOf } from './agent/failure.ts';
import { runVault } from './agent/run-vault.ts';
import { App } from './app.tsx';
import type { Terminal } from './keymap/action.ts';
import { helpText, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { createRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';
import type { Size } from './state/state.ts';
import { MouseInput } from './terminal/mouse-input.ts';
import { clearScreen, copySequence, mouseOff, mouseOn } from './terminal/sequences.ts';
import { createTheme } from './theme/theme.ts';
import type { Theme } from './theme/theme.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(words, process.env);
    if (options.help) {
      process.stdout.write(`${helpText()}\n`);
      return 0;
    }
    requireTerminal();
    await show(options);
    // Timers and the socket of the agent would keep the process.
    process.exit(0);
  } catch (error) {
    const failure = toVaultError(error, 'tui');
    const { message, next } = failureOf(failure);
    const stack =
      failure.code === 'internal' && error instanceof Error ? `${error.stack ?? ''}\n` : '';
    process.stderr.write(`vault-tui: ${message}\n${stack}`);
    if (next !== undefined) process.stderr.write(`  try: ${next}\n`);
    process.exit(exitStatusOf(failure));
  }
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new VaultError('usage', {
    op: 'tui.main',
    detail: 'it needs a terminal',
    next: 'use vault, which works in scripts and pipes',
  });
}

/** Resolves when it is left; rejects when it cannot be drawn. */
async function show(options: Options): Promise<void> {
  const theme = createTheme(options.theme);
  const socket = socketPath(options);
  const screen: { instance?: Instance } = {};
  const terminal = createTerminal(screen, theme);
  const runtime = createRuntime({
    settings: {
      size: sizeOf(process.stdout),
      nowMs: Date.now(),
      view: options.view,
      readOnly: options.readOnly,
      mouse: options.mouse,
    },
    theme,
    open: openSocket(socket),
    vault: (words, signal) => runVault([...words, '--socket', socket], signal),
    terminal,
    nowMs: () => Date.now(),
    after(delayMs, action) {
      const timer = setTimeout(action, delayMs);
      return { cancel: () => void clearTimeout(timer) };
    },
  });
  const stdin = new MouseInput(process.stdin, (event) => {
    runtime.mouse(event);
  });
  endWithoutTerminal();
  // Before the first frame: the library does it some time after, and until then the line discipline has
  // the keys, and Ctrl-C ends whoever is on the terminal. What comes meanwhile waits in the reader.
  stdin.setRawMode(true);
  try {
    const instance = render(<App runtime={runtime} theme={theme} />, {
      stdin: stdin as unknown as NodeJS.ReadStream,
      alternateScreen: true,
      incrementalRendering: true,
      // Not what the library guesses from variables of build machines.
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: true,
    });
    screen.instance = instance;
    if (options.mouse) terminal.mouse(true);
    followSize(instance, runtime);
    await instance.waitUntilExit();
  } finally {
    process.stdout.write(mouseOff);
    stdin.setRawMode(false);
    runtime.close();
  }
}

function socketPath({ home, socket }: Options): string {
  return findSocketPath({ socket, home, environment: process.env, userHome: homedir() });
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}

function createTerminal(screen: { readonly instance?: Instance }, theme: Theme): Terminal {
  return {
    asciiOnly: theme.asciiText,
    copy(text) {
      const sequence = copySequence(text);
      if (sequence === undefined) {
        throw new VaultError('too-large', { op: 'tui.copy', subject: 'clipboard' });
      }
      process.stdout.write(sequence);
    },
    redraw() {
      screen.instance?.clear();
      process.stdout.write(clearScreen);
      process.stdout.emit('resize');
    },
    mouse(on) {
      process.stdout.write(on ? mouseOn : mouseOff);
    },
    quit() {
      screen.instance?.unmount();
    },
  };
}

/**
 * Before the library draws: it would draw the old layout at the new size first, and then believe that
 * what has wrapped around still stands where it was.
 */
function followSize(instance: Instance, runtime: Runtime): void {
  process.stdout.prependListener('resize', () => {
    instance.clear();
    process.stdout.write(clearScreen);
    runtime.resize(sizeOf(process.stdout));
  });
}

/** A terminal that is gone must not leave a process that writes to it for ever. */
function endWithoutTerminal(): void {
  process.stdout.on('error', () => {
    process.exit(129);
  });
}
