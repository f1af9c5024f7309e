import test from 'ava';
import { isVaultError } from '../../../protocol/errors.ts';
import {
  journalId,
  type DeviceId,
  type EpochId,
  type IncarnationId,
  type NodeId,
} from '../../../protocol/ids.ts';
import { state as limits } from '../../../protocol/limits.ts';
import { readStatePage, StatePageWriter } from '../../../protocol/messages/state-page.ts';
import type { StateItem, StateNode } from '../../../protocol/messages/state.ts';
import { peervault } from '../../../protocol/proto/state.js';
import { exampleOps, laterOps } from '../../helpers/op-examples.ts';
import { Dice } from '../../helpers/dice.ts';

const dice = new Dice(5);
const journals = Array.from({ length: 40 }, () =>
  journalId(dice.hex(16) as DeviceId, dice.hex(8) as IncarnationId),
);

function someNode(): StateNode {
  const op = { journal: dice.pick(journals), sequence: dice.between(1, 9), index: 0 };
  const epoch = dice.hex(32) as EpochId;
  const chunk = { format: 1, plainLength: 9, sealedLength: 25, epoch };
  const ids = { cid: dice.hex(32), pid: dice.hex(32) } as never as { cid: never; pid: never };
  return {
    type: 'node',
    id: dice.hex(16) as NodeId,
    kind: 'file',
    isDirectory: false,
    lineage: undefined,
    hasKin: dice.chance(0.5),
    target: undefined,
    ops: [
      {
        op,
        stamp: { wallMs: dice.between(0, 2 ** 40), counter: 0 },
        place: undefined,
        attributes: { mode: 0, mtime: { seconds: -1, nanoseconds: 0 } },
        content: { type: 'chunk', size: 9, chunk: { ...chunk, ...ids } },
        own: undefined,
        isSign: false,
      },
    ],
    entries: [],
    waiting: [],
    buried: [op],
    superseded: [],
    covered: [],
    outdated: [],
  };
}

function written(items: readonly StateItem[], bytesMax?: number): Buffer[] {
  const writer = new StatePageWriter(bytesMax);
  const pages = [...items.map((item) => writer.add(item)), writer.finish()];
  return pages.filter((page) => page !== undefined);
}

test('items come back as they were, from pages of any size that are never longer', (t) => {
  const items = Array.from({ length: 300 }, someNode);
  for (const bytesMax of [600, 2000, 30_000, undefined]) {
    const pages = written(items, bytesMax);
    t.deepEqual(
      pages.flatMap((page) => [...readStatePage(page)]),
      items,
    );
    for (const page of pages) t.true(page.length <= (bytesMax ?? limits.pageBytesMax));
    if (bytesMax !== undefined) t.true(pages.length > 1);
  }
});

test('a page ends only where the next item does not fit', (t) => {
  const items = Array.from({ length: 100 }, someNode);
  const pages = written(items, 4000);
  const counts = pages.map((page) => [...readStatePage(page)].length);
  let start = 0;
  for (const count of counts.slice(0, -1)) {
    const more = written(items.slice(start, start + count + 1));
    t.true((more[0]?.length ?? 0) > 4000, 'one more would have been too much');
    start += count;
  }
});

test('a note of each kind comes back', (t) => {
  const notes = [...exampleOps, ...laterOps].flatMap((op) => (op.type === 'note' ? [op] : []));
  t.true(notes.length > 0);
  const items = notes.map((note, index) => ({
    type: 'note' as const,
    op: { journal: journals[0]!, sequence: 1, index },
    stamp: { wallMs: 5, counter: 6 },
    note,
  }));
  t.deepEqual(
    written(items).flatMap((page) => [...readStatePage(page)]),
    items,
  );
});

test('a page of another version, one that is too long, and numbers without their tables are damaged', (t) => {
  const { StatePage } = peervault.state;
  const [page] = written([someNode()]);
  const wire = StatePage.decode(page!);
  const encode = (change: object): Uint8Array => StatePage.encode({ ...wire, ...change }).finish();
  const refused: Uint8Array[] = [
    encode({ version: 2 }),
    encode({ journals: [] }),
    encode({ epochs: [] }),
    encode({ journals: [Buffer.alloc(23)] }),
    Buffer.alloc(limits.pageBytesMax + 1),
    Buffer.from('ff', 'hex'),
  ];
  for (const [at, bytes] of refused.entries()) {
    const error = t.throws(() => [...readStatePage(bytes)], undefined, String(at));
    t.true(isVaultError(error, 'damaged'), String(at));
  }
});
