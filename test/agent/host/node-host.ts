import { join } from 'node:path';
import test from 'ava';
import { resolveConfig } from '../../../agent/config/config.ts';
import { createNodePorts } from '../../../agent/host/node-host.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

function configOf(environment: Record<string, string> = {}) {
  return resolveConfig({
    flags: {},
    environment,
    file: undefined,
    filePath: '/none',
    defaults: { name: 'a' },
  });
}

test('the ports of a home work on that home', async (t) => {
  const home = await temporaryDirectory(t);
  const config = configOf({ VAULT_PEERS_BEACON: 'false', VAULT_WORK_THREADS: '3' });
  const ports = createNodePorts({ home, config, log: createCollectedLog().log });
  await ports.disk.makeDirectory('sub');
  t.deepEqual(await ports.disk.list(''), ['sub']);
  const index = await ports.index.open();
  await index.write([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
  t.is(index.get(Buffer.from('k'))?.toString(), 'v');
  await index.close();
  t.true((await ports.disk.list('')).includes('index'));
  t.is(ports.work.width, 3);
  t.is(await ports.network.openBeacon(() => undefined), undefined);
  await ports.work.close();
});

test('zero threads are as many as suit the machine', async (t) => {
  const home = await temporaryDirectory(t);
  const { work } = createNodePorts({
    home: join(home),
    config: configOf(),
    log: createCollectedLog().log,
  });
  t.true(work.width >= 1);
  await work.close();
});
