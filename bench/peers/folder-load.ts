/**
 * What is done in a folder, as a process of its own: `folder-load.ts ACTION FOLDER COUNT`. Prints the
 * seconds that it took. All calls are synchronous, one after the other, as most programs do theirs.
 */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const actions: Readonly<Record<string, (folder: string, count: number) => number>> = {
  /** Makes a directory of empty files. */
  fill(folder, count) {
    mkdirSync(folder);
    for (const name of names(count)) closeSync(openSync(join(folder, name), 'wx'));
    return count;
  },
  stat(folder, count) {
    for (const name of names(count)) lstatSync(join(folder, name));
    return count;
  },
  open(folder, count) {
    for (const name of names(count)) closeSync(openSync(join(folder, name), 'r'));
    return count;
  },
  create(folder, count) {
    for (const name of names(count)) closeSync(openSync(join(folder, `new-${name}`), 'wx'));
    for (const name of names(count)) unlinkSync(join(folder, `new-${name}`));
    return count;
  },
  list(folder) {
    const found = readdirSync(folder);
    for (const name of found) lstatSync(join(folder, name));
    return found.length;
  },
  fsync(folder, count) {
    const file = openSync(join(folder, 'synced'), 'w');
    const bytes = Buffer.alloc(4096, 1);
    for (let index = 0; index < count; index += 1) {
      writeSync(file, bytes, 0, bytes.length, index * bytes.length);
      fsyncSync(file);
    }
    closeSync(file);
    return count;
  },
};

function names(count: number): string[] {
  return Array.from({ length: count }, (_item, index) => `file-${String(index)}`);
}

const [action = '', folder = '', count = '0'] = process.argv.slice(2);
const act = actions[action];
if (act === undefined) throw new Error(`there is no action ${action}`);
const startMs = performance.now();
const done = act(folder, Number(count));
const seconds = (performance.now() - startMs) / 1000;
if (done !== Number(count)) throw new Error(`${action}: ${String(done)} instead of ${count}`);
process.stdout.write(`${String(seconds)}\n`);
