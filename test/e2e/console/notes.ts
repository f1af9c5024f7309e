/** Notes between two real devices, in the console of one of them: marked, read, answered, pinned. */
import test from 'ava';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../../helpers/real-device.ts';
import { startTerminal, tuiProgram } from '../../helpers/terminal.ts';

test('a note that comes is marked and read; one is said to the device, and one about a path', async (t) => {
  t.timeout(180_000);
  const folder = await temporaryFolder(t);
  const [laptop, nas] = [new RealDevice(t, folder, 'laptop'), new RealDevice(t, folder, 'nas')];
  await laptop.init();
  await laptop.start();
  await nas.join(await laptop.invite());
  await nas.start();
  mustSucceed(await laptop.vault('mkdir', 'docs'));
  const terminal = startTerminal(t, [tuiProgram, '--attach', laptop.socket], {
    columns: 120,
    rows: 30,
  });
  await terminal.until(/1 of 1 devices online/);
  mustSucceed(await nas.vault('say', 'laptop', 'the key is in the drawer'));
  await terminal.until(/6 Activity\+1/);
  terminal.send('6n');
  await terminal.until(/▸.*nas to laptop: the key is in the drawer/);
  await terminal.untilGone(/Activity\+1/);

  terminal.send('3');
  await terminal.until(/ nas .*online/);
  terminal.send('j');
  await terminal.until(/▸ nas/);
  terminal.send('s');
  await terminal.until(/note to nas/);
  terminal.send('thank you\r');
  await terminal.until(/Said to nas/);
  terminal.send('2');
  await terminal.until(/▸ docs\//);
  terminal.send('a');
  await terminal.until(/note about \/docs/);
  terminal.send('not finished\r');
  await terminal.until(/Pinned to \/docs/);
  terminal.send('i');
  await terminal.until(/about \/docs: not finished/);
  await eventually('both come to the other device', async () => {
    const { stdout } = await nas.vault('notes');
    return (
      stdout.includes('laptop to nas: thank you') && stdout.includes('about /docs: not finished')
    );
  });
  t.regex((await nas.vault('notes')).stdout, /the key is in the drawer/);
});
