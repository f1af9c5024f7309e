/** Agreeing on what old history amounts to: two devices that write, and one that only stores. */
import test from 'ava';
import type { DoctorReport } from '../../protocol/control/reports.ts';
import type { FoldReport } from '../../protocol/control/retention-reports.ts';
import { SharedCleanup } from '../helpers/cleanup.ts';
import {
  eventually,
  mustSucceed,
  RealDevice,
  settle,
  temporaryFolder,
} from '../helpers/real-device.ts';

const shared = new SharedCleanup();
test.after.always(shared.run);

let laptop: RealDevice;
let nas: RealDevice;
let cellar: RealDevice;

test.before(async () => {
  const folder = await temporaryFolder(shared);
  [laptop, nas, cellar] = ['laptop', 'nas', 'cellar'].map(
    (name) => new RealDevice(shared, folder, name),
  ) as [RealDevice, RealDevice, RealDevice];
  await laptop.init();
  await laptop.start();
  for (const [device, role] of [
    [nas, 'writer'],
    [cellar, 'blind'],
  ] as const) {
    await device.join(await laptop.invite(role));
    await device.start();
  }
});

/** What has to stay at the moment of the agreement is looked at again after a minute. */
const askedAgainMs = 150_000;

async function put(device: RealDevice, path: string, text: string): Promise<void> {
  mustSucceed(await device.run('vault', ['put', '-p', '-', path], { input: text }));
}

function fold(device: RealDevice, ...words: string[]): Promise<FoldReport> {
  return device.json('retention', 'fold', ...words) as Promise<FoldReport>;
}

test.serial('what all have seen can be folded, and all agree on what it amounts to', async (t) => {
  for (let turn = 0; turn < 3; turn++) {
    await put(laptop, `docs/${String(turn)}.txt`, `by laptop ${String(turn)}`);
    await settle([laptop, nas]);
    await put(nas, `docs/nas ${String(turn)}.txt`, `by nas ${String(turn)}`);
    await settle([laptop, nas]);
  }
  let dry = await fold(laptop, '--dry-run');
  await eventually('nas says that it has everything', async () => {
    dry = await fold(laptop, '--dry-run');
    return dry.waitsFor.length === 0;
  });
  t.true(dry.batches >= 6 && dry.bytesBack > 0 && dry.bytesBack < dry.bytes);
  t.is(dry.batches + dry.batchesKept, dry.batchesAll);
  t.truthy(dry.visibleFrom);
  t.is(dry.issued, null);
  t.is(dry.checkpoint, null);
  const refused = await nas.vault('retention', 'fold');
  t.is(refused.code, 5, 'a writer is no admin');

  const folded = await fold(laptop);
  t.truthy(folded.issued);
  t.is(folded.checkpoint?.id, folded.issued ?? '');
  t.is(folded.checkpoint?.here, null);
  for (const device of [laptop, nas]) {
    await eventually(`${device.name} knows that all agree`, async () => {
      const { checkpoint } = await fold(device, '--dry-run');
      return checkpoint?.isAgreed === true;
    });
  }
  const doctor = (await cellar.json('doctor')) as DoctorReport;
  t.true(doctor.checks.some(({ name }) => name === 'checkpoint'));
  t.is((await fold(laptop)).issued, null, 'nothing more can be folded');
  t.regex(
    mustSucceed(await laptop.vault('retention', 'fold', '-n')).stdout,
    /all devices .* agree/,
  );
});

test.serial('a device that is away holds it up by name, and agrees when it is back', async (t) => {
  const before = (await fold(laptop, '--dry-run')).checkpoint?.id;
  await nas.stop();
  await put(laptop, 'docs/later.txt', 'nobody else has seen this');
  const waiting = await fold(laptop, '--dry-run');
  t.deepEqual(
    waiting.waitsFor.map(({ name, online }) => [name, online]),
    [['nas', false]],
  );
  t.true((waiting.waitsFor[0]?.batches ?? 0) > 0);
  t.regex(
    (await laptop.vault('retention', 'fold', '-n')).stdout,
    /nas \(away since .* has not seen/,
  );
  await nas.start();
  await settle([laptop, nas]);
  await eventually('all of it can be folded', async () => {
    const { waitsFor } = await fold(laptop, '--dry-run');
    return waitsFor.length === 0;
  });
  const { issued } = await fold(laptop);
  t.truthy(issued);
  t.not(issued, before);
  // An agent that starts anew knows what was agreed to from the journals.
  await laptop.stop();
  await laptop.start();
  await eventually('both agree', async () => {
    const { checkpoint } = await fold(laptop, '--dry-run');
    return checkpoint?.id === issued && checkpoint.isAgreed;
  });
  const [one, other] = await settle([laptop, nas]);
  t.is(one?.health, 'ok');
  t.is(other?.treeHash, one?.treeHash);
});

test.serial(
  'then what was folded goes from the journals, and who joins begins at the state',
  async (t) => {
    t.timeout(360_000);
    mustSucceed(
      await laptop.vault('retention', 'set', '/', '--keep-last', '1', '--trash-days', '0'),
    );
    for (let turn = 0; turn < 12; turn++)
      await put(laptop, 'docs/0.txt', `version ${String(turn)}`);
    await settle([laptop, nas]);
    const before = (await fold(laptop, '--dry-run')).bytesAll;
    // It lets go first what the rules let go, and the other device answers to that: until then it waits.
    await eventually('all of it is folded', async () => (await fold(laptop)).issued !== null);
    for (const device of [laptop, nas]) {
      const isDone = async (): Promise<boolean> => {
        const { folded, bytesAll, batchesAll, batches } = await fold(device, '--dry-run');
        if (folded?.here !== 'done') return false;
        if (bytesAll < before && batchesAll - batches < 12) return true;
        // What the other device had not said it had seen then is left to the next one.
        await fold(laptop);
        return false;
      };
      await eventually(`${device.name} has taken the bodies away`, isDone, askedAgainMs);
    }
    await nas.stop();
    await nas.start();
    t.is(mustSucceed(await nas.vault('get', 'docs/0.txt', '-')).stdout, 'version 11');
    const phone = new RealDevice(shared, await temporaryFolder(shared), 'phone');
    await phone.join(await laptop.invite('reader'));
    await phone.start();
    const hashes = (await settle([laptop, nas, phone])).map((status) => status.treeHash);
    t.is(new Set(hashes).size, 1);
    const refused = await phone.vault('ls', '--at', '2020-01-01T00:00', '/');
    t.regex(refused.stderr, /was folded/);
  },
);
