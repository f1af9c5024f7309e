import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { probeIndex } from '../../../agent/host/index-probe.ts';
import { createLevelIndexHost } from '../../../agent/host/level-index.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { indexSuite } from '../../suites/index.ts';

indexSuite(test, 'LevelDB', async (t) =>
  createLevelIndexHost(join(await temporaryDirectory(t), 'index')).open(),
);

const pair = { key: Buffer.from('key'), value: Buffer.from('value') };

/** An index with one pair that was closed, then looks as if it had not been. */
async function uncleanIndex(t: ExecutionContext): Promise<string> {
  const directory = join(await temporaryDirectory(t), 'index');
  const index = await createLevelIndexHost(directory).open();
  await index.write([pair]);
  await index.close();
  await writeFile(`${directory}.open`, '');
  return directory;
}

test('the marker stands while the index is open, and goes when it is closed', async (t) => {
  const directory = join(await temporaryDirectory(t), 'index');
  const index = await createLevelIndexHost(directory).open();
  await t.notThrowsAsync(stat(`${directory}.open`));
  await index.close();
  await t.throwsAsync(stat(`${directory}.open`));
});

test('an index that was not closed is probed in a child and opened when it is healthy', async (t) => {
  const directory = await uncleanIndex(t);
  t.deepEqual(await probeIndex(directory, { timeoutMs: 20_000 }), { healthy: true });
  const index = await createLevelIndexHost(directory).open();
  t.deepEqual(index.get(pair.key), pair.value);
  await index.close();
});

test('a sick index that was not closed is damaged; destroyed, it opens empty', async (t) => {
  const directory = await uncleanIndex(t);
  await writeFile(join(directory, 'CURRENT'), 'nonsense\n');
  const verdict = await probeIndex(directory, { timeoutMs: 20_000 });
  t.false(verdict.healthy);
  const host = createLevelIndexHost(directory);
  t.true(isVaultError(await t.throwsAsync(host.open()), 'damaged'));
  await host.destroy();
  const index = await host.open();
  t.is(index.get(pair.key), undefined);
  await index.close();
});

test('a sick index that was closed is damaged too', async (t) => {
  const directory = join(await temporaryDirectory(t), 'index');
  const host = createLevelIndexHost(directory);
  const index = await host.open();
  await index.write([pair]);
  await index.close();
  const manifest = (await readdir(directory)).find((name) => name.startsWith('MANIFEST')) ?? '';
  const bytes = await readFile(join(directory, manifest));
  await writeFile(join(directory, manifest), bytes.fill(0x55));
  t.true(isVaultError(await t.throwsAsync(host.open()), 'damaged'));
});

test('a probe that takes too long counts as sick', async (t) => {
  const directory = await uncleanIndex(t);
  const verdict = await probeIndex(directory, { timeoutMs: 1 });
  t.deepEqual(verdict, { healthy: false, reason: 'the probe ended with SIGKILL' });
});

test('an index that somebody else has open is not damaged', async (t) => {
  const directory = join(await temporaryDirectory(t), 'index');
  const host = createLevelIndexHost(directory);
  const index = await host.open();
  const error = await t.throwsAsync(createLevelIndexHost(directory).open());
  t.true(isVaultError(error, 'agent-running'), String(error));
  await index.close();
});
