/**
 * Screens that are kept as text files in `test/fixtures/screens/`. With `UPDATE_SCREENS=1` they are
 * written anew, to be looked at before they are committed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';

const folder = join(import.meta.dirname, '../fixtures/screens');

export function sameAsKept(t: ExecutionContext, name: string, lines: readonly string[]): void {
  const file = join(folder, `${name}.txt`);
  const text = `${lines.join('\n')}\n`;
  if (process.env['UPDATE_SCREENS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  t.true(existsSync(file), `${name} is not kept: run with UPDATE_SCREENS=1 and look at it`);
  t.is(text, readFileSync(file, 'utf8'), name);
}
