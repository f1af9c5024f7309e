/**
 * A blind device alone with a newcomer: it stores and serves what it cannot read, to a reader that joined and finds
 * every device gone that could read.
 */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { JournalRow } from '../../protocol/control/reports.ts';
import type { PeerRow } from '../../protocol/control/reports.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

async function journalsOf(device: RealDevice): Promise<string> {
  const rows = (await device.json('journal')) as JournalRow[];
  return JSON.stringify(rows.map(({ journal, sequence }) => [journal, sequence]).sort());
}

test('a reader that joins gets all of it from a blind device, while every other reader is away', async (t) => {
  const folder = await temporaryFolder(t);
  const [laptop, desk, vps, phone] = ['laptop', 'desk', 'vps', 'phone'].map(
    (name) => new RealDevice(t, folder, name),
  ) as [RealDevice, RealDevice, RealDevice, RealDevice];
  await laptop.init();
  await laptop.start();
  await vps.join(await laptop.invite('blind'));
  await vps.start();
  await desk.join(await laptop.invite('writer'));
  await desk.start();
  const large = randomBytes(3_000_000).toString('base64');
  const put = async (device: RealDevice, path: string, input: string): Promise<void> => {
    mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input }));
  };
  await put(laptop, 'a/b/small', 'of a few bytes');
  await put(laptop, 'large', large);
  await put(desk, 'of-desk', 'by another writer');
  mustSucceed(await laptop.vault('keys', 'rotate'));
  await put(laptop, 'a/later', 'with the next keys');
  mustSucceed(await laptop.vault('rm', 'of-desk'));
  const written = await (async () => {
    await eventually(
      'laptop and desk are at one',
      async () => (await journalsOf(laptop)) === (await journalsOf(desk)),
    );
    return journalsOf(laptop);
  })();
  await eventually('vps has it all', async () => {
    const { behindBytes } = await vps.status();
    return behindBytes === 0 && (await journalsOf(vps)) === written;
  });
  t.is((await vps.vault('ls')).code, 5, 'it reads nothing of it');

  await phone.join(await laptop.invite('reader'));
  // vps has to hear that it is a member, from whoever admitted it.
  await eventually(
    'vps knows the newcomer',
    async () => ((await vps.json('members')) as { deviceId: string }[]).length === 4,
  );
  await laptop.stop();
  await desk.stop();
  await phone.start();
  await eventually('phone has it all', async () => {
    const { behindBytes, behindOps } = await phone.status();
    return behindBytes === 0 && behindOps === 0 && (await journalsOf(phone)) === written;
  });
  const peers = (await phone.json('peers')) as PeerRow[];
  t.deepEqual(
    peers.filter(({ online }) => online).map(({ name }) => name),
    ['vps'],
  );
  const cat = async (...words: string[]): Promise<string> =>
    mustSucceed(await phone.vault('cat', ...words)).stdout;
  t.is(await cat('a/b/small'), 'of a few bytes');
  t.is(await cat('a/later'), 'with the next keys');
  t.true((await cat('large')) === large);
  t.is((await phone.vault('cat', 'of-desk')).code, 3);
  t.regex(mustSucceed(await phone.vault('trash')).stdout, /of-desk/, 'and the past');
  const refused = await phone.run('vault', ['put', '-', 'mine'], { input: 'x' });
  t.is(refused.code, 5, 'it reads, and says nothing');
});
