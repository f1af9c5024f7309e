import test from 'ava';
import fc from 'fast-check';
import { FileData, sizeOf } from '../../../fuse/operations/file-data.ts';
import type { Content, NodeId, VaultPort } from '../../../fuse/operations/port.ts';
import { memoryScratch } from '../../helpers/memory-scratch.ts';

/** Contents are kept by a number that stands in the place of a size's record. */
class Store implements Pick<VaultPort, 'read'> {
  readonly #contents = new Map<Content, Buffer>();

  add(bytes: Buffer): Content {
    if (bytes.length === 0) return { type: 'empty' };
    const content = { type: 'small', size: bytes.length, small: {} } as unknown as Content;
    this.#contents.set(content, bytes);
    return content;
  }

  async read(content: Content, offset: number, length: number): Promise<Buffer[]> {
    await Promise.resolve();
    return [(this.#contents.get(content) ?? Buffer.alloc(0)).subarray(offset, offset + length)];
  }
}

type Step =
  | { readonly type: 'write'; readonly offset: number; readonly length: number }
  | { readonly type: 'truncate'; readonly size: number }
  | {
      readonly type: 'zero';
      readonly start: number;
      readonly length: number;
      readonly grow: boolean;
    }
  | { readonly type: 'snapshot' | 'publish' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('write' as const), offset: fc.nat(200), length: fc.nat(60) }),
  fc.record({ type: fc.constant('truncate' as const), size: fc.nat(250) }),
  fc.record({
    type: fc.constant('zero' as const),
    start: fc.nat(200),
    length: fc.nat(80),
    grow: fc.boolean(),
  }),
  fc.record({ type: fc.constantFrom('snapshot' as const, 'publish' as const) }),
);

test('a file reads as a plain array of bytes would, while versions of it are made', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(120), fc.array(step, { maxLength: 40 }), async (size, steps) => {
      const store = new Store();
      const scratch = memoryScratch();
      let model = Buffer.alloc(size, 1);
      let count = 0;
      const base = store.add(model);
      const data = new FileData(store, base, {
        identity: () => ({ node: 'node' as NodeId, base: undefined, content: base }),
        newFile: (_identity, shared) => scratch.create(`data-${String((count += 1))}`, { shared }),
      });
      let open: Awaited<ReturnType<FileData['snapshot']>> | undefined;
      let opened = Buffer.alloc(0);
      for (const [index, one] of steps.entries()) {
        if (one.type === 'write') {
          const bytes = Buffer.alloc(one.length, 2 + index);
          await data.write(one.offset, bytes);
          if (one.length > 0)
            model = resized(model, Math.max(model.length, one.offset + one.length));
          bytes.copy(model, one.offset);
        } else if (one.type === 'truncate') {
          await data.truncate(one.size);
          model = resized(model, one.size);
        } else if (one.type === 'zero') {
          const end = one.grow
            ? one.start + one.length
            : Math.min(model.length, one.start + one.length);
          await data.zero(one.start, one.start + one.length, one.grow);
          if (end > one.start) {
            model = resized(model, Math.max(model.length, end));
            model.fill(0, one.start, end);
          }
        } else if (one.type === 'snapshot' && open === undefined) {
          open = await data.snapshot();
          opened = Buffer.from(model);
        } else if (one.type === 'publish' && open !== undefined) {
          const bytes = await open.read(0, open.size);
          if (!bytes.equals(opened)) return false;
          await data.rebase(open, store.add(bytes));
          open = undefined;
        }
        const read = Buffer.concat(await data.read(0, 1000));
        if (data.size !== model.length || !read.equals(model)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('nothing is left of scratch files when all of it is published', async (t) => {
  const store = new Store();
  const scratch = memoryScratch();
  const data = new FileData(
    store,
    { type: 'empty' },
    {
      identity: () => ({ node: 'node' as NodeId, base: undefined, content: { type: 'empty' } }),
      newFile: () => scratch.create('data-1', { shared: false }),
    },
  );
  await data.write(0, Buffer.from('abc'));
  t.true(data.isDirty);
  const snapshot = await data.snapshot();
  await data.rebase(snapshot, store.add(await snapshot.read(0, 3)));
  t.false(data.isDirty);
  t.is(scratch.files.size, 0);
  t.is(sizeOf(data.base), 3);
});

function resized(bytes: Buffer, size: number): Buffer<ArrayBuffer> {
  const next = Buffer.alloc(size);
  bytes.copy(next);
  return next;
}
