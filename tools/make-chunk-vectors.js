// Made the frozen files in test/vectors/{chunker,chunk-v1,manifest-v1} once. A file that exists is
// never written again: a format that changes gets a new folder, because data in the old one exists.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { gearTable } from '../agent/chunks/gear.ts';
import { createManifestWriter } from '../agent/chunks/manifest-writer.ts';
import { encodePage } from '../agent/chunks/manifest.ts';
import { sealSmall } from '../agent/chunks/small.ts';
import { cutOffsets } from '../agent/chunks/split.ts';
import { blake3 } from '../protocol/hash.ts';
import { byteStreamOf, textOf } from '../test/helpers/byte-stream-of.ts';
import { inventedRef, sealAlone, testKeys } from '../test/helpers/chunk-keys.ts';

const MiB = 2 ** 20;
const hex = (bytes) => Buffer.from(bytes).toString('hex');

freeze('chunker/gear', chunkerVectors());
freeze('chunk-v1/chunks', chunkVectors());
freeze('chunk-v1/small', smallVectors());
freeze('manifest-v1/pages', await manifestVectors());

function freeze(name, content) {
  const file = new URL(`../test/vectors/${name}.json`, import.meta.url);
  if (existsSync(file)) return;
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

function chunkerVectors() {
  const gear = gearTable(testKeys.gearKey);
  const table = Buffer.alloc(1024);
  for (const [byte, word] of gear.entries()) table.writeInt32BE(word, byte * 4);
  const files = [
    { stream: 'long file', length: 8 * MiB },
    { stream: 'middle file', length: 300_000 },
    { stream: 'short file', length: 65_536 },
    { repeat: '00', length: 2 * MiB + 1 },
    { repeat: hex(byteStreamOf('period', 37)), length: 3 * MiB },
  ];
  return {
    about:
      'stream: SHA-256(name, u32 BE block number), block after block. repeat: these bytes again and again. cuts: where chunks end.',
    gearKey: hex(testKeys.gearKey),
    tableBlake3: hex(blake3(table)),
    files: files.map((file) => {
      const bytes = bytesOf(file);
      return {
        ...file,
        cuts: cutOffsets(gear, bytes, { start: 0, end: bytes.length, final: true }),
      };
    }),
  };
}

function bytesOf({ stream, repeat, length }) {
  if (stream !== undefined) return byteStreamOf(stream, length);
  return Buffer.alloc(length, Buffer.from(repeat, 'hex'));
}

function chunkVectors() {
  const plains = [
    ['content', byteStreamOf('one byte', 1)],
    ['content', byteStreamOf('padded', 1000)],
    ['manifest', byteStreamOf('padded', 1000)],
    ['content', textOf('text', 3000)],
    ['content', Buffer.alloc(MiB)],
    ['content', byteStreamOf('two segments', 65_537)],
    ['content', byteStreamOf('largest', MiB)],
  ];
  return {
    about:
      'plain and body in hex, or the BLAKE3 of either when it is long; a long plain is the stream of the name or zeros.',
    dedupKey: hex(testKeys.dedupKey),
    chunkKey: hex(testKeys.chunkKey),
    chunks: plains.map(([kind, plain]) => {
      const { ref, body } = sealAlone(plain, kind);
      const { pid, cid, format, plainLength, sealedLength } = ref;
      const shown = { kind, pid, cid, format, plainLength, sealedLength };
      const short = (name, bytes) =>
        bytes.length <= 4096 ? { [name]: hex(bytes) } : { [`${name}Blake3`]: hex(blake3(bytes)) };
      return { ...shown, ...short('plain', plain), ...short('body', body) };
    }),
  };
}

function smallVectors() {
  const salt = byteStreamOf('salt', 32);
  return {
    chunkKey: hex(testKeys.chunkKey),
    salt: hex(salt),
    records: [0, 1, 62, 63, 1000].map((length) => {
      const content = byteStreamOf('small content', length);
      const { record, ref } = sealSmall({ content, salt, chunkKey: testKeys.chunkKey });
      return {
        content: hex(content),
        record: record.id,
        hash: hex(ref.hash),
        body: hex(record.body),
      };
    }),
  };
}

async function manifestVectors() {
  const other = 'e1'.repeat(32);
  const refs = [inventedRef('a'), inventedRef('b', other), inventedRef('c')];
  const leaf = [
    { type: 'ref', ref: refs[0], bytes: refs[0].plainLength },
    { type: 'hole', bytes: 4096 },
    { type: 'ref', ref: refs[1], bytes: refs[1].plainLength },
    { type: 'ref', ref: refs[2], bytes: refs[2].plainLength },
  ];
  const inner = refs
    .slice(0, 2)
    .map((ref, index) => ({ type: 'ref', ref, bytes: 2 ** 40 + index }));
  const pages = [];
  const writer = createManifestWriter((bytes) => {
    pages.push(hex(blake3(bytes)));
    return Promise.resolve(sealAlone(bytes, 'manifest').ref);
  });
  const count = 5000;
  for (let i = 0; i < count; i += 1) await writer.add(inventedRef(`chunk ${i}`));
  const content = await writer.finish();
  return {
    about:
      'tree: the references named "chunk 0" and on, as test/helpers/chunk-keys.ts invents them; BLAKE3 of each page in the order of writing, the root last.',
    leaf: { entries: leaf, page: hex(encodePage(0, leaf)) },
    inner: { entries: inner, page: hex(encodePage(1, inner)) },
    tree: { count, size: content.size, pages, root: content.manifest.pid },
  };
}
