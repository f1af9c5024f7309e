/** The main job with real processes: three agents, real sockets, a real folder in and out again. */
import { mkdir, symlink, utimes, writeFile, chmod, lutimes } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { compareFolders } from '../../demo/folders.ts';
import { mustSucceed, RealDevice, settle, temporaryFolder } from '../helpers/real-device.ts';

async function makeFolder(folder: string): Promise<void> {
  await mkdir(join(folder, 'empty', 'deeper'), { recursive: true });
  await mkdir(join(folder, 'Ünïcødé'));
  await writeFile(join(folder, 'nothing'), '');
  await writeFile(join(folder, 'small.txt'), 'hello\n');
  await writeFile(join(folder, 'Ünïcødé', '名前.txt'), 'こんにちは');
  await writeFile(join(folder, 'border-4096'), randomBytes(4096));
  await writeFile(join(folder, 'border-4097'), randomBytes(4097));
  await writeFile(join(folder, 'medium.bin'), randomBytes(300_000));
  await writeFile(join(folder, 'large.bin'), randomBytes(9_000_001));
  await writeFile(join(folder, 'text.log'), 'the same line again and again\n'.repeat(50_000));
  await symlink('small.txt', join(folder, 'link'));
  await symlink('../nowhere', join(folder, 'dangling'));
  await chmod(join(folder, 'small.txt'), 0o755);
  await chmod(join(folder, 'empty'), 0o700);
  await utimes(join(folder, 'medium.bin'), 1_000_000_000.123, 1_000_000_000.123456);
  await lutimes(join(folder, 'link'), 1_111_111_111, 1_111_111_111);
  await utimes(join(folder, 'empty', 'deeper'), 999_999_999, 999_999_999);
}

test('a folder stored through one agent is read back byte for byte from another that joined', async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source');
  await mkdir(source);
  await makeFolder(source);
  const [laptop, nas, vps] = ['laptop', 'nas', 'vps'].map(
    (name) => new RealDevice(t, folder, name),
  );
  if (laptop === undefined || nas === undefined || vps === undefined)
    throw new Error('unreachable');
  await laptop.init();
  await laptop.start();
  for (const device of [nas, vps]) {
    await device.join(await laptop.invite());
    await device.start();
  }

  mustSucceed(await laptop.vault('put', '-r', source, 'docs'));
  const statuses = await settle([laptop, nas, vps]);
  t.is(statuses[2]?.files, 8);
  mustSucceed(await vps.vault('get', '-r', 'docs', join(folder, 'back')));
  t.deepEqual(await compareFolders(source, join(folder, 'back')), []);

  await t.notThrowsAsync(laptop.stop());
  mustSucceed(await vps.vault('get', '-r', 'docs', join(folder, 'again')));
  t.deepEqual(
    await compareFolders(source, join(folder, 'again')),
    [],
    'the first device is not needed any more',
  );
});
