import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openRotatingFile } from '../../../agent/host/rotating-file.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

test('a file is set aside before it would grow beyond its bound, and one old file is kept', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  const file = openRotatingFile(path, 10);
  file.write('12345');
  file.write('67890');
  t.is(await readFile(path, 'utf8'), '1234567890');
  file.write('a');
  t.is(await readFile(path, 'utf8'), 'a');
  t.is(await readFile(`${path}.1`, 'utf8'), '1234567890');
  file.write('bcdefghij');
  file.write('k');
  t.is(await readFile(path, 'utf8'), 'k');
  t.is(await readFile(`${path}.1`, 'utf8'), 'abcdefghij');
  file.close();
});

test('what was there before counts, and is kept', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  await writeFile(path, '123456789');
  const file = openRotatingFile(path, 10);
  file.write('0');
  file.write('1');
  t.is(await readFile(path, 'utf8'), '1');
  t.is(await readFile(`${path}.1`, 'utf8'), '1234567890');
  file.close();
});

test('a line larger than the bound is written whole, into a file of its own', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  const file = openRotatingFile(path, 4);
  file.write('123456');
  file.write('7');
  t.is(await readFile(`${path}.1`, 'utf8'), '123456');
  file.close();
});

test('the file is private', async (t) => {
  const path = join(await temporaryDirectory(t), 'log');
  const file = openRotatingFile(path, 4);
  t.is((await stat(path)).mode & 0o777, 0o600);
  file.close();
});

test('a line that cannot be written is dropped and counted, and nothing is thrown', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'log');
  const file = openRotatingFile(path, 4);
  file.write('1234');
  await rm(directory, { recursive: true });
  t.notThrows(() => {
    file.write('5');
  });
  t.is(file.dropped, 1);
  file.close();
});
