import test from 'ava';
import { openStatementLog } from '../../../agent/store/statement-log.ts';
import { openQuarantine } from '../../../agent/store/quarantine.ts';
import { createStoreNews } from '../../../agent/store/store-news.ts';
import { createSimDisk } from '../../simulation/world/sim-disk.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';

const statements = ['genesis', 'grant', 'epoch'].map((text) => Buffer.from(text.repeat(20)));

async function openOn(sim: ReturnType<typeof createSimDisk>) {
  const { log } = createCollectedLog();
  const disk = sim.boot();
  await disk.makeDirectory('journals');
  await disk.makeDirectory('quarantine');
  const quarantine = await openQuarantine(disk, log);
  return openStatementLog({ disk, quarantine, news: createStoreNews(log, undefined) });
}

for (const file of ['journals/members.log', 'journals/members.copy']) {
  test(`a flipped bit anywhere in ${file} loses no statement`, async (t) => {
    const length = 200;
    for (let offset = 0; offset < length; offset += 7) {
      const sim = createSimDisk({ fraction: () => 0.5 });
      const written = await openOn(sim);
      await written.append(statements);
      await written.close();
      sim.flipBit(file, offset * 8 + 3);
      const healed = await openOn(sim);
      const found = healed
        .all()
        .map((body) => Buffer.from(body).toString())
        .sort();
      t.deepEqual(found, statements.map(String).sort(), `byte ${String(offset)}`);
      await healed.close();
    }
  });
}

test('a copy that does not take a statement keeps none from counting, and gets it with the next one', async (t) => {
  const [genesis, grant, epoch] = statements as [Buffer, Buffer, Buffer];
  const textsOf = (log: { all(): readonly Uint8Array[] }): string[] =>
    log.all().map((body) => Buffer.from(body).toString());
  for (const code of ['io', 'disk-full'] as const) {
    for (const call of ['write', 'sync'] as const) {
      const sim = createSimDisk({ fraction: () => 0.5 });
      const log = await openOn(sim);
      await log.append([genesis]);
      sim.fault = (asked, path) =>
        asked === call && path.startsWith('journals/members.copy') ? code : undefined;
      // Its number is used: the issuer must not say something else with it.
      await log.append([grant]);
      t.deepEqual(textsOf(log), [genesis, grant].map(String));
      sim.fault = undefined;
      await log.append([epoch]);
      await log.close();
      // Bytes that only the copy can bring back.
      sim.flipBit('journals/members.log', 200 * 8);
      const healed = await openOn(sim);
      t.deepEqual(textsOf(healed).sort(), statements.map(String).sort());
      await healed.close();
    }
  }
});

test('a copy that cannot be mended stops no start', async (t) => {
  const sim = createSimDisk({ fraction: () => 0.5 });
  const written = await openOn(sim);
  await written.append(statements);
  await written.close();
  sim.flipBit('journals/members.copy', 150 * 8);
  sim.fault = (asked, path) =>
    asked === 'write' && path.startsWith('journals/members.copy') ? 'disk-full' : undefined;
  const log = await openOn(sim);
  t.is(log.all().length, statements.length);
  sim.fault = undefined;
  await log.append([Buffer.from('another one'.repeat(20))]);
  await log.close();
  sim.flipBit('journals/members.log', 150 * 8);
  t.is((await openOn(sim)).all().length, statements.length + 1);
});

test('a statement that the first file does not take does not count', async (t) => {
  const [genesis, grant, epoch] = statements as [Buffer, Buffer, Buffer];
  const sim = createSimDisk({ fraction: () => 0.5 });
  const log = await openOn(sim);
  await log.append([genesis]);
  sim.fault = (asked, path) =>
    asked === 'sync' && path.startsWith('journals/members.log') ? 'io' : undefined;
  await t.throwsAsync(log.append([grant]), { code: 'io' });
  sim.fault = undefined;
  await log.append([epoch]);
  await log.close();
  const after = (await openOn(sim)).all().map((body) => Buffer.from(body).toString());
  t.deepEqual(after, [genesis, epoch].map(String));
});
