/** `vault-tui --plain`: standard output is all that it needs. */
import { placeOf } from '../agent/place.ts';
import type { Options } from '../options.ts';
import { createTheme } from '../theme/theme.ts';
import { plainSize } from './frame.ts';
import { showPlain } from './show.ts';

/**
 * @throws VaultError why there is no agent, unless it watches
 */
export async function plainProgram(options: Options): Promise<void> {
  endQuietlyWithoutReader();
  const { open } = await placeOf(options);
  const size = plainSize(process.stdout.isTTY ? process.stdout.columns : undefined);
  const nowMs = Date.now();
  await showPlain({
    settings: { size, nowMs, view: options.view, readOnly: options.readOnly, mouse: false },
    theme: createTheme({ ...options.theme, glyphs: 'plain' }),
    open,
    repeat: options.watch,
    write(lines) {
      process.stdout.write(`${lines.join('\n')}\n`);
    },
    nowMs: () => Date.now(),
    after(delayMs, action) {
      const timer = setTimeout(action, delayMs);
      return { cancel: () => void clearTimeout(timer) };
    },
  });
}

/** `vault-tui --plain | head`: nobody reads on, and that is no failure. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
