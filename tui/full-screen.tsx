/**
 * The console on a whole screen: takes the terminal, draws until it is left, gives the terminal back.
 */
import { render } from 'ink';
import type { Instance } from 'ink';
import { VaultError } from '../protocol/errors.ts';
import { placeOf } from './agent/place.ts';
import { runVault } from './agent/run-vault.ts';
import { App } from './app.tsx';
import type { Terminal } from './keymap/action.ts';
import type { Options } from './options.ts';
import { createRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';
import type { Size } from './state/state.ts';
import { MouseInput } from './terminal/mouse-input.ts';
import { clearScreen, copySequence, mouseOff, mouseOn } from './terminal/sequences.ts';
import { createTheme } from './theme/theme.ts';
import type { Theme } from './theme/theme.ts';

/**
 * Resolves when it is left.
 * @throws VaultError `usage` without a terminal; and what cannot be drawn
 */
export async function fullScreen(options: Options): Promise<void> {
  requireTerminal();
  const { open, words } = await placeOf(options);
  const theme = createTheme(options.theme);
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
    open,
    vault: (command, signal) => runVault([...command, ...words], signal),
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

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new VaultError('usage', {
    op: 'tui.main',
    detail: 'it needs a terminal',
    next: 'use vault-tui --plain, or vault, which work in scripts and pipes',
  });
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
