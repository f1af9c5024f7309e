import test from 'ava';
import { gearTable } from '../../../agent/chunks/gear.ts';
import type { OpenRequest, SealedPiece, SplitSealOutput } from '../../../agent/chunks/jobs.ts';
import { createJobRunner } from '../../../agent/chunks/jobs-run.ts';
import { cutOffsets } from '../../../agent/chunks/split.ts';
import { isVaultError } from '../../../protocol/errors.ts';
import { idToBytes } from '../../../protocol/ids.ts';
import { KiB, MiB } from '../../../protocol/limits.ts';
import { byteStreamOf, textOf } from '../../helpers/byte-stream-of.ts';
import { sealAlone, testKeys } from '../../helpers/chunk-keys.ts';

const runner = createJobRunner();
const keys = testKeys;

function slabOf(...contents: readonly Uint8Array[]): SharedArrayBuffer {
  const slab = new SharedArrayBuffer(contents.reduce((sum, content) => sum + content.length, 0));
  Buffer.concat(contents).copy(Buffer.from(slab));
  return slab;
}

function requestFor(output: SplitSealOutput, piece: SealedPiece): OpenRequest {
  const sealed = new Uint8Array(output.sealed, piece.sealedOffset, piece.sealedLength);
  return { ...piece, sealed, kind: 'content', chunkKey: keys.chunkKey };
}

test('a slab of several files becomes chunks that open to them', async (t) => {
  const files = [byteStreamOf('a', 3 * MiB), textOf('b', 5000), Buffer.alloc(0), Buffer.from('c')];
  let start = 0;
  const parts = files.map((file) => {
    start += file.length;
    return { start: start - file.length, end: start, final: true };
  });
  const slab = slabOf(...files);
  const output = await runner.run('splitSeal', { slab, parts, keys, kind: 'content' });
  t.deepEqual(
    output.parts.map((part) => part.consumed),
    files.map((file) => file.length),
  );
  t.deepEqual(
    output.parts.map((part) => part.chunks.length > 0),
    [true, true, false, true],
  );
  const requests = output.parts
    .flatMap((part) => part.chunks)
    .map((piece) => requestFor(output, piece));
  const opened = await runner.run('open', { requests, dedupKey: keys.dedupKey });
  t.deepEqual(opened.failed, []);
  t.true(Buffer.from(opened.plain).equals(Buffer.concat(files)));
});

test('chunks are those of the splitter, sealed one behind the other as if alone', async (t) => {
  const file = byteStreamOf('a', 2 * MiB);
  const part = { start: 0, end: file.length, final: false };
  const slab = slabOf(file);
  const output = await runner.run('splitSeal', {
    slab,
    parts: [part],
    keys,
    kind: 'content',
  });
  const cuts = cutOffsets(gearTable(keys.gearKey), file, part);
  t.is(output.parts[0]!.consumed, cuts.at(-1)!);
  t.true(cuts.at(-1)! < file.length);
  let sealedOffset = 0;
  for (const [index, piece] of output.parts[0]!.chunks.entries()) {
    const { ref, body } = sealAlone(file.subarray(cuts[index - 1] ?? 0, cuts[index]));
    t.is(piece.sealedOffset, sealedOffset);
    sealedOffset += piece.sealedLength;
    t.true(body.equals(requestFor(output, piece).sealed));
    t.deepEqual(
      [Buffer.from(piece.cid), Buffer.from(piece.pid)],
      [idToBytes(ref.cid), idToBytes(ref.pid)],
    );
    t.is(piece.plainLength, ref.plainLength);
  }
});

test('a manifest page is sealed whole', async (t) => {
  const page = textOf('page', 300 * KiB);
  const parts = [{ start: 0, end: page.length, final: true }];
  const input = { slab: slabOf(page), parts, keys, kind: 'manifest', split: false } as const;
  const output = await runner.run('splitSeal', input);
  t.is(output.parts[0]!.chunks.length, 1);
  t.is(output.parts[0]!.chunks[0]!.format, 0x01011000, 'and never compressed');
  const { ref } = sealAlone(page, 'manifest');
  t.deepEqual(Buffer.from(output.parts[0]!.chunks[0]!.cid), idToBytes(ref.cid));
  for (const bad of [
    { start: 0, end: 0, final: true },
    { start: 0, end: 5, final: false },
  ]) {
    await t.throwsAsync(runner.run('splitSeal', { ...input, parts: [bad] }));
  }
  const tooLong = {
    ...input,
    slab: new SharedArrayBuffer(MiB + 1),
    parts: [{ start: 0, end: MiB + 1, final: true }],
  };
  await t.throwsAsync(runner.run('splitSeal', tooLong));
});

test('a part outside the slab is refused', async (t) => {
  const slab = new SharedArrayBuffer(10);
  const parts = [{ start: 0, end: 11, final: true }];
  await t.throwsAsync(runner.run('splitSeal', { slab, parts, keys, kind: 'content' }));
});

test('recycled buffers are used when they are long enough, whatever they hold', async (t) => {
  const file = byteStreamOf('a', 500_000);
  const input = {
    parts: [{ start: 0, end: file.length, final: true }],
    keys,
    kind: 'content',
  } as const;
  const fresh = await runner.run('splitSeal', { ...input, slab: slabOf(file) });
  const dirty = new SharedArrayBuffer(MiB);
  Buffer.from(dirty).fill(0xff);
  const again = await runner.run('splitSeal', { ...input, slab: slabOf(file), recycled: dirty });
  t.is(again.sealed, dirty);
  t.true(Buffer.from(dirty, 0, fresh.sealed.byteLength).equals(Buffer.from(fresh.sealed)));
  const short = new SharedArrayBuffer(10);
  const third = await runner.run('splitSeal', { ...input, slab: slabOf(file), recycled: short });
  t.not(third.sealed, short);

  const requests = fresh.parts[0]!.chunks.map((piece) => requestFor(fresh, piece));
  const plain = new SharedArrayBuffer(file.length + 5);
  const opened = await runner.run('open', { requests, recycled: plain });
  t.is(opened.plain, plain);
  t.true(Buffer.from(plain, 0, file.length).equals(file));
});

test('a chunk that does not open is named, leaves zeros, and does not hold up the others', async (t) => {
  const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => byteStreamOf(name, 1000));
  const parts = files.map((_, i) => ({ start: i * 1000, end: (i + 1) * 1000, final: true }));
  const output = await runner.run('splitSeal', {
    slab: slabOf(...files),
    parts,
    keys,
    kind: 'content',
  });
  const [a, b, c, d, e, f] = output.parts.map((part) => requestFor(output, part.chunks[0]!)) as [
    OpenRequest,
    OpenRequest,
    OpenRequest,
    OpenRequest,
    OpenRequest,
    OpenRequest,
  ];
  const requests = [
    a,
    { ...b, cid: a.cid },
    { ...c, pid: a.pid },
    { ...d, sealed: d.sealed.subarray(1) },
    { ...e, format: 7 },
    f,
  ];
  // Dirty memory, so that zeros are really written.
  const recycled = new SharedArrayBuffer(6000);
  Buffer.from(recycled).fill(0xff);
  const opened = await runner.run('open', { requests, recycled });
  t.deepEqual(opened.failed, [
    { index: 1, reason: 'wrong-cid' },
    { index: 2, reason: 'wrong-tag' },
    { index: 3, reason: 'wrong-length' },
    { index: 4, reason: 'unknown-format' },
  ]);
  const expected = Buffer.concat([files[0]!, Buffer.alloc(4000), files[5]!]);
  t.true(Buffer.from(opened.plain).equals(expected));
});

test('dedupKey finds a chunk whose pid is not that of its bytes', async (t) => {
  const file = byteStreamOf('a', 1000);
  const parts = [{ start: 0, end: 1000, final: true }];
  const output = await runner.run('splitSeal', {
    slab: slabOf(file),
    parts,
    keys,
    kind: 'content',
  });
  const requests = [requestFor(output, output.parts[0]!.chunks[0]!)];
  const dedupKey = byteStreamOf('another vault', 32);
  t.deepEqual((await runner.run('open', { requests, dedupKey })).failed, [
    { index: 0, reason: 'wrong-pid' },
  ]);
  t.deepEqual((await runner.run('open', { requests })).failed, []);
});

test('a request for more than a chunk can hold is refused before memory is taken', async (t) => {
  for (const plainLength of [MiB + 1, 2 ** 40, -1, Number.NaN]) {
    const request = {
      cid: Buffer.alloc(32),
      pid: Buffer.alloc(32),
      format: 0x01011000,
      kind: 'content',
      chunkKey: keys.chunkKey,
      plainLength,
      sealed: Buffer.alloc(17),
    } as const;
    const error = await t.throwsAsync(runner.run('open', { requests: [request] }));
    t.true(isVaultError(error, 'too-large'));
  }
});

test('more vaults than the runner remembers are served all the same', async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const dedupKey = byteStreamOf(`vault ${String(i % 10)}`, 32);
    const parts = [{ start: 0, end: 3, final: true }];
    const slab = slabOf(Buffer.from('abc'));
    const output = await runner.run('splitSeal', {
      slab,
      parts,
      keys: { ...keys, dedupKey },
      kind: 'content',
    });
    const requests = [requestFor(output, output.parts[0]!.chunks[0]!)];
    t.deepEqual((await runner.run('open', { requests, dedupKey })).failed, []);
  }
});

test('sealing at cuts that were found before gives the same chunks as finding them', async (t) => {
  const files = [textOf('first', 90_000), byteStreamOf('goes on', 3 * MiB)];
  const [first, second] = files.map((file) => file.length) as [number, number];
  const parts = [
    { start: 0, end: first, final: true },
    { start: first, end: first + second, final: false },
  ];
  const last = parts[1]!;
  const slab = slabOf(...files);
  const split = await runner.run('split', {
    slab,
    part: last,
    gearKey: keys.gearKey,
  });
  const { cuts } = split;
  t.true(cuts.length > 2);
  t.true(cuts.at(-1)! < last.end, 'what is not certain yet is left over');
  const known = await runner.run('splitSeal', {
    slab,
    parts,
    cuts: [undefined, cuts],
    keys,
    kind: 'content',
  });
  const found = await runner.run('splitSeal', {
    slab: slabOf(...files),
    parts,
    keys,
    kind: 'content',
  });
  t.deepEqual(known.parts, found.parts);
  t.true(Buffer.from(known.sealed).equals(Buffer.from(found.sealed)));
});
