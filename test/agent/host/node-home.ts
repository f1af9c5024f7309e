import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { homeDirectories } from '../../../agent/home/layout.ts';
import {
  abandonStaging,
  finishStaging,
  inspectHome,
  openHome,
  openStaging,
  prepareHome,
  readConfigFile,
  writeStaged,
} from '../../../agent/host/node-home.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

async function makeHome(home: string): Promise<void> {
  await prepareHome(home);
  const staging = await openStaging(home);
  await writeStaged(staging, 'config.toml', 'name = "a"\n');
  await finishStaging(home);
}

test('a home is made in one move, with private directories and files', async (t) => {
  const home = join(await temporaryDirectory(t), 'deep', 'home');
  t.is(await inspectHome(home), 'missing');
  await makeHome(home);
  t.is(await inspectHome(home), 'complete');
  await openHome(home);
  t.deepEqual(await readdir(home), [...homeDirectories, 'config.toml', 'format'].sort());
  for (const name of ['', ...homeDirectories]) {
    t.is((await stat(join(home, name))).mode & 0o777, 0o700, name);
  }
  for (const name of ['config.toml', 'format']) {
    t.is((await stat(join(home, name))).mode & 0o777, 0o600, name);
  }
  t.is(await readConfigFile(home), 'name = "a"\n');
});

test('an attempt that failed leaves nothing, not even the directory it made', async (t) => {
  const parent = await temporaryDirectory(t);
  const home = join(parent, 'home');
  const { made } = await prepareHome(home);
  const staging = await openStaging(home);
  await writeFile(join(staging, 'identity', 'device.json'), '{}');
  await abandonStaging(home, made);
  t.deepEqual(await readdir(parent), []);
});

test('an attempt in a directory that was there leaves that directory, empty', async (t) => {
  const home = await temporaryDirectory(t);
  const { made } = await prepareHome(home);
  await openStaging(home);
  await abandonStaging(home, made);
  t.deepEqual(await readdir(home), []);
});

test('what a killed attempt left counts as empty, and the next attempt starts clean', async (t) => {
  const home = await temporaryDirectory(t);
  await prepareHome(home);
  await writeStaged(await openStaging(home), 'half', 'x');
  t.is(await inspectHome(home), 'empty');
  t.false((await readdir(await openStaging(home))).includes('half'));
});

test('a move that was interrupted is finished when the home is opened', async (t) => {
  const home = await temporaryDirectory(t);
  await prepareHome(home);
  const staging = await openStaging(home);
  await writeStaged(staging, 'config.toml', 'name = "a"\n');
  await writeStaged(staging, 'format', 'peervault home 1\n');
  await mkdir(join(home, 'other'), { recursive: true });
  t.is(await inspectHome(home), 'complete');
  await openHome(home);
  t.is(await readConfigFile(home), 'name = "a"\n');
  t.false((await readdir(home)).includes('.new'));
});

test('a directory with something else in it is foreign', async (t) => {
  const home = await temporaryDirectory(t);
  t.is(await inspectHome(home), 'empty');
  await writeFile(join(home, 'photo.jpg'), '');
  t.is(await inspectHome(home), 'foreign');
  const error = await t.throwsAsync(() => openHome(home));
  t.true(isVaultError(error, 'home-invalid'));
});

test('a file where the home should be is an error that says so', async (t) => {
  const home = join(await temporaryDirectory(t), 'file');
  await writeFile(home, '');
  const error = await t.throwsAsync(() => inspectHome(home));
  t.true(isVaultError(error, 'home-invalid'));
});

test('a newer home is refused and left untouched', async (t) => {
  const home = await temporaryDirectory(t);
  await writeFile(join(home, 'format'), 'peervault home 99\n');
  t.true(isVaultError(await t.throwsAsync(() => openHome(home)), 'home-newer'));
  t.deepEqual(await readdir(home), ['format']);
});

test('a home that others may write to is refused; one that others may read is closed', async (t) => {
  const home = join(await temporaryDirectory(t), 'home');
  await makeHome(home);
  await chmod(home, 0o777);
  t.true(isVaultError(await t.throwsAsync(() => openHome(home)), 'home-invalid'));
  await chmod(home, 0o755);
  await chmod(join(home, 'identity'), 0o755);
  await openHome(home);
  t.is((await stat(home)).mode & 0o777, 0o700);
  t.is((await stat(join(home, 'identity'))).mode & 0o777, 0o700);
});

test('the path is judged without its symbolic links', async (t) => {
  const parent = await temporaryDirectory(t);
  await mkdir(join(parent, 'open'), { mode: 0o700 });
  await mkdir(join(parent, 'open', 'home'), { mode: 0o700 });
  await symlink(join(parent, 'open', 'home'), join(parent, 'link'));
  t.is((await prepareHome(join(parent, 'link'))).path, join(parent, 'open', 'home'));
  await chmod(join(parent, 'open'), 0o777);
  const error = await t.throwsAsync(() => prepareHome(join(parent, 'link')));
  t.true(isVaultError(error, 'home-invalid') && error.subject === join(parent, 'open'));
});

test('a file is staged once only', async (t) => {
  const home = await temporaryDirectory(t);
  const staging = await openStaging(home);
  await writeStaged(staging, 'a', '1');
  await t.throwsAsync(() => writeStaged(staging, 'a', '2'));
  t.is(await readFile(join(staging, 'a'), 'utf8'), '1');
});
