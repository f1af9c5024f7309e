/**
 * Frozen files: what earlier versions have written must open and must be made again byte for byte.
 * Only a compressed chunk may be made differently, because compressors change; it must still open.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { ChunkKind } from '../../../agent/chunks/format.ts';
import { chunkKinds } from '../../../agent/chunks/format.ts';
import { gearTable } from '../../../agent/chunks/gear.ts';
import { createManifestWriter } from '../../../agent/chunks/manifest-writer.ts';
import { decodePage, encodePage } from '../../../agent/chunks/manifest.ts';
import type { PageEntry } from '../../../agent/chunks/manifest.ts';
import { openChunk } from '../../../agent/chunks/open.ts';
import { openSmall, sealSmall } from '../../../agent/chunks/small.ts';
import { cutOffsets } from '../../../agent/chunks/split.ts';
import { blake3, keyedBlake3 } from '../../../protocol/hash.ts';
import { parseId } from '../../../protocol/ids.ts';
import { byteStreamOf } from '../../helpers/byte-stream-of.ts';
import { inventedRef, sealAlone } from '../../helpers/chunk-keys.ts';
import { referenceCuts, referenceOpen } from '../../helpers/chunk-reference.ts';

function frozen<T>(name: string): T {
  const file = new URL(`../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

interface ChunkerFile {
  readonly stream?: string;
  readonly repeat?: string;
  readonly length: number;
  readonly cuts: readonly number[];
}

test('files are cut where they were cut before', (t) => {
  const { gearKey, tableBlake3, files } = frozen<{
    gearKey: string;
    tableBlake3: string;
    files: readonly ChunkerFile[];
  }>('chunker/gear');
  const gear = gearTable(bytes(gearKey));
  const table = Buffer.alloc(1024);
  for (const [byte, word] of gear.entries()) table.writeInt32BE(word, byte * 4);
  t.is(blake3(table).toString('hex'), tableBlake3);
  for (const { stream, repeat, length, cuts } of files) {
    const file =
      repeat === undefined ? byteStreamOf(stream!, length) : Buffer.alloc(length, bytes(repeat));
    t.deepEqual(cutOffsets(gear, file, { start: 0, end: length, final: true }), cuts);
    t.deepEqual(referenceCuts(bytes(gearKey), file), cuts);
  }
});

interface FrozenChunk {
  readonly kind: ChunkKind;
  readonly pid: string;
  readonly cid: string;
  readonly format: number;
  readonly plainLength: number;
  readonly sealedLength: number;
  readonly plain?: string;
  readonly plainBlake3?: string;
  readonly body?: string;
  readonly bodyBlake3?: string;
}

const frozenChunks = frozen<{
  dedupKey: string;
  chunkKey: string;
  chunks: readonly FrozenChunk[];
}>('chunk-v1/chunks');

test('chunks that were sealed before open, here and by the reference', async (t) => {
  const dedupKey = bytes(frozenChunks.dedupKey);
  const chunkKey = bytes(frozenChunks.chunkKey);
  let opened = 0;
  for (const { body, plain, plainLength, format, kind, ...ids } of frozenChunks.chunks) {
    if (body === undefined) continue;
    opened += 1;
    const common = { pid: bytes(ids.pid), cid: bytes(ids.cid), chunkKey, plainLength, format };
    const target = Buffer.alloc(plainLength);
    const request = { ...common, kind, sealed: bytes(body) };
    t.is(openChunk(request, target, await keyedBlake3(dedupKey)), undefined);
    const reference = { ...common, kind: chunkKinds[kind], body: bytes(body), dedupKey };
    t.true(target.equals(await referenceOpen(reference)));
    const shown = plain === undefined ? blake3(target) : target;
    t.is(shown.toString('hex'), plain ?? ids.plainBlake3 ?? '');
  }
  t.true(opened >= 5);
});

test('chunks that are not compressed are sealed as before', (t) => {
  const long = new Map([
    [65_537, byteStreamOf('two segments', 65_537)],
    [1_048_576, byteStreamOf('largest', 1_048_576)],
  ]);
  let made = 0;
  for (const chunk of frozenChunks.chunks) {
    if ((chunk.format & 0xff) !== 0) continue;
    const plain = chunk.plain === undefined ? long.get(chunk.plainLength)! : bytes(chunk.plain);
    const { ref, body } = sealAlone(plain, chunk.kind);
    const { pid, cid, format, plainLength, sealedLength } = ref;
    t.like(chunk, { pid, cid, format, plainLength, sealedLength });
    const shown = chunk.body === undefined ? blake3(body) : body;
    t.is(shown.toString('hex'), chunk.body ?? chunk.bodyBlake3 ?? '');
    made += 1;
  }
  t.is(made, 5);
});

test('small records are sealed and opened as before', (t) => {
  const { chunkKey, salt, records } = frozen<{
    chunkKey: string;
    salt: string;
    records: readonly { content: string; record: string; hash: string; body: string }[];
  }>('chunk-v1/small');
  const keys = { chunkKey: bytes(chunkKey), salt: bytes(salt) };
  for (const { content, record, hash, body } of records) {
    const ref = { record: parseId('chunk', record), salt: keys.salt, hash: bytes(hash) };
    const made = sealSmall({ ...keys, content: bytes(content) });
    t.deepEqual(made, { record: { id: ref.record, body: bytes(body) }, ref });
    t.is(openSmall({ ...keys, body: bytes(body), ref }).toString('hex'), content);
  }
  t.true(records.length >= 5);
});

interface FrozenPage {
  readonly entries: readonly PageEntry[];
  readonly page: string;
}

test('manifest pages and trees are written as before', async (t) => {
  const { leaf, inner, tree } = frozen<{
    leaf: FrozenPage;
    inner: FrozenPage;
    tree: { count: number; size: number; pages: readonly string[]; root: string };
  }>('manifest-v1/pages');
  for (const [level, { entries, page }] of [leaf, inner].entries()) {
    t.is(encodePage(level, entries).toString('hex'), page);
    t.deepEqual(decodePage(bytes(page)).entries, entries);
  }
  const pages: string[] = [];
  const writer = createManifestWriter((page) => {
    pages.push(blake3(page).toString('hex'));
    return Promise.resolve(sealAlone(page, 'manifest').ref);
  });
  for (let i = 0; i < tree.count; i += 1) await writer.add(inventedRef(`chunk ${String(i)}`));
  const content = await writer.finish();
  t.is(writer.size, tree.size);
  t.deepEqual(pages, tree.pages);
  t.is(content.type === 'manifest' ? content.manifest.pid : '', tree.root);
});
