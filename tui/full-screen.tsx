/**
 * The console on a whole screen: takes the terminal, draws until it is left, gives the terminal back. The
 * library holds the terminal and reads its keys; what is on the screen is written by `terminal/painter.ts`.
 */
import { render } from 'ink';
import { VaultError } from '../protocol/errors.ts';
import { placeOf } from './agent/place.ts';
import { readVault, runVault } from './agent/run-vault.ts';
import { App } from './app.tsx';
import type { Terminal } from './keymap/action.ts';
import { startDrawing } from './drawing.ts';
import type { Options } from './options.ts';
import { createRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';
import type { Size } from './state/state.ts';
import { MouseInput } from './terminal/mouse-input.ts';
import { createPainter } from './terminal/painter.ts';
import type { Painter } from './terminal/painter.ts';
import { copySequence, mouseOff, mouseOn } from './terminal/sequences.ts';
import { holdOutput } from './terminal/stray-output.ts';
import { createTheme } from './theme/theme.ts';
import type { Theme } from './theme/theme.ts';

/**
 * Resolves when it is left.
 * @throws VaultError `usage` without a terminal; and what cannot be drawn
 */
export async function fullScreen(options: Options): Promise<void> {
  requireTerminal();
  const { open, words, shown } = await placeOf(options);
  const theme = createTheme(options.theme);
  const painter = createPainter((text) => {
    process.stdout.write(text);
  });
  const end = Promise.withResolvers<undefined>();
  const terminal = createTerminal(theme, () => {
    end.resolve(undefined);
  });
  const runtime = createRuntime({
    settings: {
      size: sizeOf(process.stdout),
      nowMs: Date.now(),
      view: options.view,
      readOnly: options.readOnly,
      mouse: options.mouse,
      reach: shown,
      remote: options.ssh !== undefined,
    },
    theme,
    open,
    vault: (command, signal, input) => runVault([...words, ...command], signal, input),
    read: (command, signal) => readVault([...words, ...command], signal),
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
  const release = holdOutput();
  // Before the first frame: the library does it some time after, and until then the line discipline has
  // the keys, and Ctrl-C ends whoever is on the terminal. What comes meanwhile waits in the reader.
  stdin.setRawMode(true);
  const instance = render(<App runtime={runtime} />, {
    stdin: stdin as unknown as NodeJS.ReadStream,
    alternateScreen: true,
    // Not what the library guesses from variables of build machines.
    interactive: true,
    exitOnCtrlC: false,
    // What is said meanwhile is held by us.
    patchConsole: false,
  });
  if (options.mouse) terminal.mouse(true);
  const stopDrawing = startDrawing({ runtime, painter, theme, failed: end.reject });
  followSize(painter, runtime);
  try {
    await Promise.race([instance.waitUntilExit(), end.promise]);
  } finally {
    stopDrawing();
    instance.unmount();
    process.stdout.write(mouseOff);
    stdin.setRawMode(false);
    runtime.close();
    release();
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

function createTerminal(theme: Theme, quit: () => void): Terminal {
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
      process.stdout.emit('resize');
    },
    mouse(on) {
      process.stdout.write(on ? mouseOn : mouseOff);
    },
    quit,
  };
}

/** After the library, which wipes what it believes to be its own; and every row is written anew. */
function followSize(painter: Painter, runtime: Runtime): void {
  process.stdout.on('resize', () => {
    painter.forget();
    runtime.resize(sizeOf(process.stdout));
  });
}

/** A terminal that is gone must not leave a process that writes to it for ever. */
function endWithoutTerminal(): void {
  process.stdout.on('error', () => {
    process.exit(129);
  });
}
