/**
 * What this process says while the screen is the console's, a library that warns for example: it would stand between
 * the rows until somebody draws them anew. It is kept, and said when the terminal is given back.
 */
import { Console } from 'node:console';
import { escapeText } from '../../protocol/text/escape.ts';

/** Whoever says more than this says the same again and again. */
const charactersMax = 64 * 1024;

/** @returns gives everything back, and says what was kept */
export function holdOutput(): () => void {
  const { stderr } = process;
  const before = { console: globalThis.console, warned: process.listeners('warning') };
  const write = Object.getOwnPropertyDescriptor(stderr, 'write');
  let kept = '';

  const keep = (text: string): void => {
    if (kept.length < charactersMax) kept += text.slice(0, charactersMax - kept.length);
  };
  const keepWarning = (warning: Error): void => {
    keep(`(node) ${warning.stack ?? String(warning)}\n`);
  };

  stderr.write = ((piece: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    keep(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => void (done as () => void)());
    return true;
  }) as typeof stderr.write;
  globalThis.console = new Console(stderr, stderr);
  process.removeAllListeners('warning');
  process.on('warning', keepWarning);

  return () => {
    process.off('warning', keepWarning);
    for (const listener of before.warned) process.on('warning', listener);
    globalThis.console = before.console;
    if (write === undefined) Reflect.deleteProperty(stderr, 'write');
    else Object.defineProperty(stderr, 'write', write);
    // It may repeat what came from outside.
    if (kept !== '') stderr.write(`${kept.trimEnd().split('\n').map(escapeText).join('\n')}\n`);
    kept = '';
  };
}
