import test from 'ava';
import fc from 'fast-check';
import { createSimDisk } from '../../simulation/world/sim-disk.ts';
import { decodeBatchBody, encodeBatchPrefix } from '../../../agent/store/batch-record.ts';
import { decodeFileHeader, encodeFileHeader, noTag } from '../../../agent/store/file-header.ts';
import { decodeFooterBody, decodeTrailer, encodeFooter } from '../../../agent/store/footer.ts';
import * as keyspace from '../../../agent/store/keyspace.ts';
import {
  journalPath,
  parseJournalName,
  segmentNumber,
  segmentPath,
} from '../../../agent/store/paths.ts';
import {
  decodeRecordHeader,
  encodeRecordHeader,
  hashedRecord,
  recordHeaderBytes,
  recordMarker,
} from '../../../agent/store/record.ts';
import { scanRecords } from '../../../agent/store/record-scan.ts';
import type { ChunkId } from '../../../protocol/ids.ts';
import { seededFraction } from '../../helpers/sim-store.ts';
import { hashOf, journalA } from '../../suites/journal-store.ts';

const id = 'ab'.repeat(32) as ChunkId;
const header = { kind: 'chunk', flags: 0, length: 1234, id } as const;

test('a record header reads back, and with any bit flipped it is none', (t) => {
  const bytes = encodeRecordHeader(header);
  t.is(bytes.length, 48);
  t.deepEqual(decodeRecordHeader(bytes), header);
  t.deepEqual(decodeRecordHeader(Buffer.concat([Buffer.alloc(7), bytes]), 7), header);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.is(decodeRecordHeader(flipped), undefined, `bit ${String(bit)}`);
  }
  t.is(decodeRecordHeader(bytes.subarray(0, 47)), undefined);
});

test('a file header reads back for its own kind only, and with any bit flipped not at all', (t) => {
  const fields = { kind: 'journal', number: 7, base: 2 ** 40, tag: journalA, revision: 3 } as const;
  const bytes = encodeFileHeader(fields);
  t.is(bytes.length, 64);
  t.deepEqual(decodeFileHeader('journal', bytes), fields);
  t.is(decodeFileHeader('segment', bytes), undefined);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.is(decodeFileHeader('journal', flipped), undefined);
  }
  t.is(
    decodeFileHeader('segment', encodeFileHeader({ ...fields, kind: 'log', tag: noTag })),
    undefined,
  );
});

test('a batch body reads back, and with any bit flipped it is none', (t) => {
  const bytes = Buffer.from('a batch');
  for (const previous of [undefined, hashOf('before')]) {
    const prefix = { sequence: 2 ** 33, previous, smallCount: 3 };
    const body = Buffer.concat([encodeBatchPrefix(prefix, bytes), bytes]);
    t.deepEqual(decodeBatchBody(body), { prefix, bytes });
    for (let bit = 0; bit < body.length * 8; bit++) {
      const flipped = Buffer.from(body);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.is(decodeBatchBody(flipped), undefined);
    }
  }
  t.is(decodeBatchBody(Buffer.alloc(79)), undefined);
});

test('a footer lists what it was given and is found from the end', (t) => {
  const entries = [
    { id, offset: 64, length: 100 },
    { id: 'cd'.repeat(32) as ChunkId, offset: 212, length: 0 },
  ];
  const bytes = Buffer.concat(encodeFooter(777, entries));
  t.is(decodeTrailer(bytes.subarray(-16)), 777);
  t.deepEqual(decodeFooterBody(bytes.subarray(recordHeaderBytes, -16)), entries);
  t.is(decodeFooterBody(Buffer.alloc(41)), undefined);
  t.is(decodeTrailer(Buffer.alloc(16)), undefined);
  t.is(decodeTrailer(bytes.subarray(-15)), undefined);
});

test('index values read back under their own key only, and with no bit flipped', (t) => {
  const key = keyspace.chunkKey(id);
  const place = { segment: 3, offset: 4_000_000_000, length: 5 };
  const value = keyspace.encodeChunkPlace(key, place);
  t.deepEqual(keyspace.decodeChunkPlace(key, value), place);
  t.is(keyspace.decodeChunkPlace(keyspace.smallKey(id), value), undefined);
  t.is(keyspace.decodeChunkPlace(key, undefined), undefined);
  t.is(keyspace.decodeChunkPlace(key, value.subarray(1)), undefined);
  for (let bit = 0; bit < value.length * 8; bit++) {
    const flipped = Buffer.from(value);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.is(keyspace.decodeChunkPlace(key, flipped), undefined);
  }
  const inJournal = { journal: journalA, file: 1, offset: 2, length: 3 };
  const small = keyspace.smallKey(id);
  t.deepEqual(
    keyspace.decodeJournalPlace(small, keyspace.encodeJournalPlace(small, inJournal)),
    inJournal,
  );
  const meta = keyspace.metaKey('name');
  t.deepEqual(keyspace.decodeMeta(meta, keyspace.encodeMeta(meta, { a: [1] })), { a: [1] });
  t.is(keyspace.decodeMeta(meta, Buffer.from('{"a":1}xxxx')), undefined);
});

test('file names read back, and strange ones are nobody’s', (t) => {
  t.is(segmentNumber(segmentPath(12).slice('segments/'.length)), 12);
  const name = journalPath(journalA, 3).slice('journals/'.length);
  t.deepEqual(parseJournalName(name), { journal: journalA, number: 3 });
  for (const strange of [
    '',
    '1.seg',
    '00000001.seg.new',
    '0000000x.seg',
    'members.log',
    `x${name}`,
  ]) {
    t.is(segmentNumber(strange), undefined);
    t.is(parseJournalName(strange), undefined);
  }
});

test('a scan covers every byte once and finds every intact record, whatever stands between', async (t) => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((body) => ({ good: true, body: Buffer.from(body) })),
    fc.uint8Array({ maxLength: 60 }).map((body) => ({ good: false, body: Buffer.from(body) })),
    fc.constant({ good: false, body: recordMarker }),
    fc.constant({ good: false, body: encodeRecordHeader({ ...header, length: 0 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const disk = createSimDisk({ fraction: seededFraction(1) });
      const expected: number[] = [];
      let offset = 0;
      const file = await disk.open('file', 'create');
      for (const { good, body } of pieces) {
        const parts = good ? hashedRecord('chunk', body) : [body];
        if (good) expected.push(offset);
        await file.write(offset, parts);
        offset += parts.reduce((sum, part) => sum + part.length, 0);
      }
      let end = 0;
      const found: number[] = [];
      for await (const one of scanRecords(file, { from: 0, to: offset, bodies: true })) {
        t.is(one.offset, end);
        t.true(one.end > one.offset);
        end = one.end;
        if (one.type === 'record') found.push(one.offset);
      }
      t.is(end, offset);
      t.deepEqual(found, expected);
    }),
    { numRuns: 150 },
  );
});
