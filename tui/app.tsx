/** What the terminal library does for the console: keys and pasted texts. Rows are drawn by `drawing.ts`. */
import type { ReactNode } from 'react';
import { useInput, usePaste } from 'ink';
import { keysOf } from './keymap/keys.ts';
import type { Runtime } from './runtime.ts';

export function App({ runtime }: { readonly runtime: Runtime }): ReactNode {
  useInput((input, key) => {
    for (const name of keysOf(input, key)) runtime.key(name);
  });
  usePaste((text) => {
    runtime.paste(text);
  });
  return null;
}
