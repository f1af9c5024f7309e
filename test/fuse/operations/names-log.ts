import test from 'ava';
import type { NodeId } from '../../../fuse/operations/port.ts';
import { NamesLog, type NamesRecord } from '../../../fuse/operations/names-log.ts';
import { memoryScratch } from '../../helpers/memory-scratch.ts';

const node = '00'.repeat(16) as NodeId;

function record(number: number, padding = 0): NamesRecord {
  const name = Buffer.from(`name-${String(number)}`.padEnd(padding, '.'));
  return { op: 'remove', node, place: { parent: node, name } };
}

function append(log: NamesLog, number: number, padding = 0): Promise<number> {
  return log.append(record(number, padding), (serial) => serial);
}

test('what is on its way is recovered, and which of it went together', async (t) => {
  const scratch = memoryScratch();
  const log = new NamesLog(scratch);
  const serials = [await append(log, 1), await append(log, 2), await append(log, 3)];
  await log.begin(serials.slice(0, 2));
  log.done([serials[2] ?? 0]);
  await log.sync();
  const { records, begun } = await new NamesLog(scratch).recover();
  t.deepEqual(
    records.map(({ serial }) => serial),
    serials.slice(0, 2),
  );
  t.deepEqual(begun, [serials.slice(0, 2)]);
});

test('those that begin in one moment stand in one record, each by itself', async (t) => {
  const scratch = memoryScratch();
  const log = new NamesLog(scratch);
  const serials = [await append(log, 1), await append(log, 2)];
  const before = scratch.files.get('names-1')?.length ?? 0;
  const groups = serials.map((serial) => [serial]);
  await Promise.all(groups.map((group) => log.begin(group)));
  t.is(scratch.files.get('names-1')?.length, before + 1);
  t.deepEqual((await new NamesLog(scratch).recover()).begun, groups);
  // As it was written before.
  const old = { op: 'begun', serials };
  scratch.files.get('names-1')?.push(Buffer.from(`\x05${JSON.stringify(old)}`));
  t.deepEqual((await new NamesLog(scratch).recover()).begun, [...groups, serials]);
});

test('a log that has become long goes on with what is on its way', async (t) => {
  const scratch = memoryScratch();
  const log = new NamesLog(scratch);
  const kept = [await append(log, 1), await append(log, 2)];
  await log.begin(kept);
  const padding = 512 * 1024;
  for (let number = 3; number < 12; number += 1) log.done([await append(log, number, padding)]);
  while (scratch.files.has('names-1')) await new Promise((resolve) => setImmediate(resolve));
  kept.push(await append(log, 12));
  await log.sync();
  t.deepEqual([...scratch.files.keys()], ['names-2']);
  const { records, begun } = await new NamesLog(scratch).recover();
  t.deepEqual(
    records.map(({ serial }) => serial),
    kept,
  );
  t.deepEqual(begun, [kept.slice(0, 2)]);
});
