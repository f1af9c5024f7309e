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
      const found = healed.all().map((body) => Buffer.from(body).toString()).sort();
      t.deepEqual(found, statements.map(String).sort(), `byte ${String(offset)}`);
      await healed.close();
    }
  });
}
