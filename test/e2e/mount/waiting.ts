/**
 * Programs that read what only another device has, in whole copies: they can be interrupted, they get an
 * error in the end, and every place that people look at says why.
 */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndedRow } from '../../../protocol/control/mount-reports.ts';
import type { WhyReport } from '../../../protocol/control/reports.ts';
import { contentOf, openControlSession } from '../../helpers/control-session.ts';
import { freeAddress } from '../../helpers/free-address.ts';
import { eventually, RealDevice, settle, temporaryFolder } from '../../helpers/real-device.ts';
import { hasProgram, mountedDevice, shell, whyNoMount } from '../../helpers/real-mount.ts';

const missing = whyNoMount();
const maybe = missing === undefined ? test.serial : test.skip;
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

const far = contentOf('far', 1_500_000);

interface Failure {
  readonly subject: string;
  readonly code: string;
}
interface Reports {
  readonly status: { readonly failures: readonly Failure[] };
  readonly trace: { readonly running: readonly { readonly op: string; readonly pid: number }[] };
}

function reportOf<Name extends keyof Reports>(mount: string, name: Name): Reports[Name] {
  return JSON.parse(readFileSync(join(mount, '.vault', name), 'utf8')) as Reports[Name];
}

function tracedOf(line: string): EndedRow {
  return JSON.parse(line) as EndedRow;
}

/** One bit in every 16 KiB of each segment. */
async function damageSegments({ home }: RealDevice): Promise<void> {
  for (const name of await readdir(join(home, 'segments'))) {
    if (!name.endsWith('.seg')) continue;
    const path = join(home, 'segments', name);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    for (let at = 8_000; at < size; at += 16_384) {
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, at);
      await file.write(Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, at);
    }
    await file.close();
  }
}

maybe(
  'a read that waits for another device can be interrupted, fails in the end, and says why',
  async (t) => {
    t.timeout(120_000);
    const folder = await temporaryFolder(t);
    const other = new RealDevice(t, folder, 'other', { listen: await freeAddress() });
    await other.init();
    await other.start();
    const session = await openControlSession(other.socket);
    await session.put(new Map([['far', far]]));
    session.close();
    const { device, mount } = await mountedDevice(t, 'here', {
      folder,
      ticket: await other.invite(),
    });
    await settle([other, device]);
    await damageSegments(device);
    await other.freeze();
    const follower = device.launch('vault', ['trace', '--follow', '--json']);
    const followed: string[] = [];
    follower.child.stdout.on('data', (piece: Buffer) => followed.push(piece.toString()));
    const isWaiting = (process: number | undefined): Promise<void> =>
      eventually('a read of it waits', () => {
        const { running } = reportOf(mount, 'trace');
        return Promise.resolve(running.some(({ op, pid }) => op === 'read' && pid === process));
      });

    const interrupt = async (how: string): Promise<void> => {
      const reader = spawn('sh', ['-c', `exec ${how}`], { cwd: mount, stdio: 'ignore' });
      const ended = once(reader, 'close');
      await isWaiting(reader.pid);
      const startMs = performance.now();
      reader.kill('SIGINT');
      t.deepEqual((await ended)[1], 'SIGINT', how);
      t.true(performance.now() - startMs < 2000, how);
    };
    const direct = 'dd if=far iflag=direct bs=64k';
    await interrupt('cat far');
    await interrupt(direct);
    // It tells what ends after its first look, whenever that is.
    await eventually('who follows hears of a read that was interrupted', async () => {
      await interrupt(direct);
      // The last line may be half of one.
      const rows = followed.join('').split('\n').slice(0, -1).map(tracedOf);
      return rows.some(({ op, path, failed }) => op === 'read' && path === '/far' && failed);
    });
    follower.child.kill('SIGINT');
    t.is((await follower.outcome).code, 130);
    const perl = spawn(
      'perl',
      [
        '-e',
        '$SIG{INT} = sub {}; sysopen(F, "far", 040000); defined sysread(F, $b, 65536) or print $! + 0',
      ],
      { cwd: mount, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await isWaiting(perl.pid);
    const waiting = (await device.json('why', '/far')) as WhyReport;
    t.true(waiting.reasons.some(({ code }) => code === 'mount-waiting'));
    perl.kill('SIGINT');
    t.is((await perl.stdout.toArray()).join(''), '4', 'EINTR for whoever handles the signal');

    await other.kill();
    const failing = spawn('cat', ['far'], { cwd: mount, stdio: ['ignore', 'ignore', 'pipe'] });
    t.regex((await failing.stderr.toArray()).join(''), /Input\/output error|timed out/);
    const { failures } = reportOf(mount, 'status');
    t.true(
      failures.some(({ subject, code }) => subject === '/far' && code === 'damaged'),
      JSON.stringify(failures),
    );
    await eventually('the log names the file', () =>
      Promise.resolve(device.log.includes('"subject":"/far"')),
    );
    const why = (await device.json('why', '/far')) as WhyReport;
    const reason = why.reasons.find(({ code }) => code === 'mount-error');
    // What was damaged is set aside by now: whoever asks again is told what would help.
    t.regex(reason?.message ?? '', /no other device gave a good copy|is not on this device/);
    t.truthy(reason?.next);
    t.is(why.health, 'attention');
    if (hasProgram('getfattr')) {
      const said = await shell(mount, 'getfattr --only-values -n user.vault.why far');
      t.regex(said, /pieces are not on this device.*an error at /);
      t.regex(await attribute('state'), /^(elsewhere|partly)$/);
    }

    await other.start();
    await settle([other, device]);
    await writeFile(join(folder, 'whole'), far);
    await shell(mount, `cmp far ${join(folder, 'whole')}`);
    const after = (await device.json('why', '/far')) as WhyReport;
    t.is(after.health, 'ok', JSON.stringify(after.reasons));
    if (hasProgram('getfattr')) {
      t.is(await attribute('state'), 'here');
      t.regex(await attribute('copies'), /^[12]$/);
      t.regex(await attribute('why'), /^everything is on this device/);
    }

    function attribute(name: string): Promise<string> {
      return shell(mount, `getfattr --only-values -n user.vault.${name} far`);
    }
  },
);
