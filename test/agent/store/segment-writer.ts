import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { Disk } from '../../../agent/ports.ts';
import { openDiskStore } from '../../../agent/store/disk-store.ts';
import { segmentPath } from '../../../agent/store/paths.ts';
import { readFooterBody } from '../../../agent/store/segment-file.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { createSimStoreMachine, silentLog, smallOptions } from '../../helpers/sim-store.ts';
import { chunkOf } from '../../suites/chunk-store.ts';

test('a full segment is synced while the next one is written, and then gets its footer', async (t) => {
  const machine = createSimStoreMachine(1);
  const gate = Promise.withResolvers<undefined>();
  const disk = machine.disk.boot();
  const options = { ...smallOptions, segmentBytesMax: 10_000 };
  const ports = { index: machine.index, clock: createManualClock(), log: silentLog };
  const slow = withSlowSyncs(disk, gate.promise);
  const store = await openDiskStore({ disk: slow, ...ports, options });

  const all = Array.from({ length: 10 }, (_, at) => chunkOf(at, 3000));
  for (const chunk of all) await store.chunks.write([chunk]);
  const names = (await disk.list('segments')).filter((name) => name.endsWith('.seg'));
  t.is(names.length, 4, 'nothing waited for a sync');
  for (const { id, body } of all) t.true((await store.chunks.read(id)).equals(body));

  let isIn = false;
  const late = store.chunks.write([chunkOf('late', 3000)]).then(() => (isIn = true));
  await setImmediate();
  t.false(isIn, 'three full ones wait for a sync: so do writers');
  gate.resolve(undefined);
  await late;
  await store.chunks.commit();
  for (const [number, sealed] of [true, true, true, false].entries()) {
    const path = segmentPath(number + 1);
    const file = await disk.open(path, 'read');
    const footer = await readFooterBody(file, await file.size());
    t.is(footer !== undefined, sealed, path);
    await file.close();
  }
  await store.close();
});

test('a full segment that fails to close keeps no other one from its sync', async (t) => {
  const machine = createSimStoreMachine(2, { store: { segmentBytesMax: 10_000 } });
  const store = await machine.open();
  const all = Array.from({ length: 10 }, (_, at) => chunkOf(at, 3000));
  await store.chunks.write(all);
  machine.disk.fault = (call, path) =>
    call === 'close' && path === segmentPath(1) ? 'io' : undefined;
  await store.chunks.commit().catch(() => undefined);
  machine.disk.fault = undefined;
  await store.chunks.commit();
  machine.crash();

  const again = await machine.open();
  for (const { id, body } of all) t.true((await again.chunks.read(id)).equals(body));
  await again.close();
});

/** The same disk; syncs of segments end after `gate`. */
function withSlowSyncs(disk: Disk, gate: Promise<undefined>): Disk {
  return {
    ...disk,
    open: async (path, ...how) => {
      const file = await disk.open(path, ...how);
      if (!path.endsWith('.seg')) return file;
      const sync = async (): Promise<void> => {
        await gate;
        await file.sync();
      };
      return { ...file, sync };
    },
  };
}
