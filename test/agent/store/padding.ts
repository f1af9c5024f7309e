/** Zeros behind the last record of a segment, as a crash leaves them: nobody loses or hears anything. */
import test, { type ExecutionContext } from 'ava';
import { encodeFooter } from '../../../agent/store/footer.ts';
import { cutPadding, isPadding } from '../../../agent/store/padding.ts';
import type { StoreEvent } from '../../../agent/store/store.ts';
import { store as limits } from '../../../protocol/limits.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { createSimStoreMachine, type SimStoreMachine } from '../../helpers/sim-store.ts';
import { chunkOf } from '../../suites/chunk-store.ts';

const block = limits.diskBlockBytes;
const chunks = Array.from({ length: 12 }, (_, at) => chunkOf(`pad ${String(at)}`, 900 + at));
const first = 'segments/00000001.seg';

test('padding is zeros, some of them and less than a block', async (t) => {
  const disk = memoryDisk();
  disk.poke('file', Buffer.concat([Buffer.from('end'), Buffer.alloc(2 * block)]));
  const file = await disk.open('file', 'write');
  t.false(await isPadding(file, 3, 3));
  t.true(await isPadding(file, 3, 4));
  t.true(await isPadding(file, 3, 3 + block - 1));
  t.false(await isPadding(file, 3, 3 + block));
  t.false(await isPadding(file, 2, 50));
});

test('the end of a sealed segment is found by its trailer, whatever that ends with', async (t) => {
  const disk = memoryDisk();
  let endedWithZero = false;
  for (let at = 0; at < 600; at += 1) {
    const footer = Buffer.concat(encodeFooter(at * 7, []));
    endedWithZero ||= footer.at(-1) === 0;
    for (const padding of [0, 1, block - 1]) {
      const bytes = Buffer.concat([Buffer.alloc(at, 1), footer, Buffer.alloc(padding)]);
      disk.poke('file', bytes);
      const file = await disk.open('file', 'write');
      const end = await cutPadding(file, { size: bytes.length, knownEnd: undefined });
      if (end !== at + footer.length) t.fail(`${String(at)} ${String(padding)}: ${String(end)}`);
      if (disk.peek('file')?.length !== end) t.fail('it was not cut');
    }
  }
  t.true(endedWithZero);
});

async function filled(segmentBytesMax: number): Promise<SimStoreMachine> {
  const machine = createSimStoreMachine(1, { store: { segmentBytesMax } });
  const store = await machine.open();
  await store.chunks.write(chunks);
  await store.close();
  return machine;
}

/** Opens, reads all, writes one chunk more, and again. */
async function goesOn(t: ExecutionContext, machine: SimStoreMachine): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  const more = chunkOf('more', 5000);
  for (const wanted of [chunks, [...chunks, more]]) {
    const store = await machine.open((event) => events.push(event));
    for (const { id, body } of wanted) t.true((await store.chunks.read(id)).equals(body));
    t.is(store.report().chunks, wanted.length);
    await store.chunks.write([more]);
    await store.chunks.commit();
    await store.close();
  }
  return events.filter(({ type }) => type !== 'index-rebuilt');
}

for (const indexLost of [false, true]) {
  for (const [kind, segmentBytesMax] of [
    ['open', 1_000_000],
    ['sealed', 4000],
  ] as const) {
    const title = `${kind} segment ${indexLost ? 'without' : 'with'} index`;

    test(`${title}: zeros of less than a block are nothing`, async (t) => {
      for (const padding of [1, 15, 16, 17, block - 1]) {
        const machine = await filled(segmentBytesMax);
        const whole = machine.disk.peek(first) ?? Buffer.alloc(0);
        machine.disk.plant(first, Buffer.concat([whole, Buffer.alloc(padding)]));
        if (indexLost) await machine.index.destroy();
        t.deepEqual(await goesOn(t, machine), []);
        t.is(machine.disk.paths.filter((path) => path.startsWith('quarantine/0')).length, 0);
        const now = machine.disk.peek(first) ?? Buffer.alloc(0);
        t.true(now.subarray(0, whole.length).equals(whole));
        if (kind === 'sealed') t.is(now.length, whole.length);
      }
    });

    test(`${title}: other bytes, or more zeros, are reported`, async (t) => {
      for (const tail of [Buffer.alloc(block), Buffer.from([0, 0, 7, 0])]) {
        const machine = await filled(segmentBytesMax);
        const whole = machine.disk.peek(first) ?? Buffer.alloc(0);
        machine.disk.plant(first, Buffer.concat([whole, tail]));
        if (indexLost) await machine.index.destroy();
        t.true((await goesOn(t, machine)).length > 0);
      }
    });
  }
}
