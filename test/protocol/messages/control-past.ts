import test from 'ava';
import fc from 'fast-check';
import { VaultError } from '../../../protocol/errors.ts';
import { control as limits, names, rpc } from '../../../protocol/limits.ts';
import type { Codec } from '../../../protocol/messages/codec.ts';
import { momentDown, momentRequest } from '../../../protocol/messages/control-moment.ts';
import {
  comparePage,
  compareRequest,
  restoreAtRequest,
  rowsOfPage,
  snapshotRequest,
  usagePage,
  usageRequest,
  type Difference,
} from '../../../protocol/messages/control-past.ts';
import { getRequest } from '../../../protocol/messages/control-get.ts';
import { copyRequest, listRequest, pathRequest } from '../../../protocol/messages/control.ts';
import { peervault } from '../../../protocol/proto/control.js';

const path = Buffer.from('dir/na\xffme', 'latin1');
const snapshot = { type: 'snapshot', id: 'ab'.repeat(16) } as const;
const time = { type: 'time', timeMs: 1_795_000_000_123 } as const;
const changed: Difference = {
  type: 'changed',
  path,
  pathBefore: undefined,
  kind: 'file',
  sizeBefore: 1,
  sizeAfter: Number.MAX_SAFE_INTEGER,
};
const usage = {
  path,
  files: 1,
  directories: 2,
  bytes: 3,
  storedBytes: 4,
  filesUnknown: 5,
};

const examples: readonly (readonly [string, Codec<unknown>, unknown])[] = [
  ['moment', momentRequest, { text: 'yesterday', timeMs: time.timeMs }],
  ['moment without a time', momentRequest, { text: 'x', timeMs: undefined }],
  ['the first moment', momentRequest, { text: '1970-01-01T00:00Z', timeMs: 0 }],
  ['progress', momentDown, { type: 'progress', batchesDone: 0, batchesTotal: 9 }],
  ['ready', momentDown, { type: 'ready', moment: snapshot }],
  ['ready for a time', momentDown, { type: 'ready', moment: time }],
  ['snapshot', snapshotRequest, { name: 'vor dem Umzug ä' }],
  ['snapshot without a name', snapshotRequest, { name: '' }],
  ['compare with now', compareRequest, { before: snapshot, after: undefined, path }],
  ['compare', compareRequest, { before: time, after: snapshot, path: Buffer.alloc(0) }],
  [
    'differences',
    comparePage,
    [
      changed,
      { ...changed, type: 'added' },
      { ...changed, type: 'renamed', pathBefore: Buffer.from('old') },
    ],
  ],
  ['restore', restoreAtRequest, { at: snapshot, source: path, destination: path }],
  ['usage', usageRequest, { path, depthMax: undefined, at: undefined }],
  ['usage of the path itself', usageRequest, { path, depthMax: 0, at: time }],
  ['usage rows', usagePage, [usage, usage]],
  ['stat', pathRequest, { path, version: undefined, at: time }],
  ['list', listRequest, { path, recursive: false, depthMax: undefined, at: snapshot }],
  [
    'get',
    getRequest,
    { path, version: undefined, recursive: true, offset: 0, length: undefined, at: snapshot },
  ],
  ['copy', copyRequest, { source: path, destination: path, recursive: true, at: time }],
];

test('every message survives the wire', (t) => {
  for (const [name, codec, value] of examples) {
    t.deepEqual(codec.fromWire(codec.toWire(value)), value, name);
  }
});

test('mutated messages are refused with an error of ours, or are other messages', (t) => {
  const wires = examples.map(([, codec, value]) => ({ codec, bytes: codec.toWire(value) }));
  let refused = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: wires.length - 1 }),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
      (which, changes) => {
        const { codec, bytes } = wires[which]!;
        const mutated = Buffer.from(bytes);
        for (const [at, value] of changes)
          if (mutated.length > 0) mutated[at % mutated.length] = value;
        try {
          codec.fromWire(mutated);
        } catch (error) {
          refused += 1;
          t.true(error instanceof VaultError, String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
  t.true(refused > 500, String(refused));
});

test('a moment that is none, and what is too long, is refused', (t) => {
  const { Moment, CompareRequest } = peervault.control;
  const bad = [
    CompareRequest.encode({}).finish(),
    CompareRequest.encode({ before: {} }).finish(),
    CompareRequest.encode({ before: { snapshot: Buffer.alloc(15, 1) } }).finish(),
    CompareRequest.encode({ before: { snapshot: Buffer.alloc(17, 1) } }).finish(),
    CompareRequest.encode({ before: { timeMs: 2 ** 53 } }).finish(),
    Buffer.concat([Buffer.from([0x0a, 0x21, 0x0a, 0x20]), Buffer.alloc(32)]),
  ];
  for (const [at, bytes] of bad.entries()) {
    t.throws(() => compareRequest.fromWire(bytes), { code: 'malformed' }, String(at));
  }
  t.truthy(Moment);
  const long = 'x'.repeat(names.nameBytesMax + 1);
  t.throws(() => snapshotRequest.fromWire(snapshotRequest.toWire({ name: long })), {
    code: 'malformed',
  });
  const page = Array.from({ length: limits.listPageEntriesMax + 1 }, () => usage);
  t.throws(() => usagePage.fromWire(usagePage.toWire(page)), { code: 'malformed' });
});

test('a page holds as many rows as fit into one message', (t) => {
  const long = { ...changed, path: Buffer.alloc(names.pathBytesMax, 'x') };
  const rows = Array.from({ length: 600 }, (_, at) => (at % 7 === 0 ? long : changed));
  let seen = 0;
  for (let at = 0; at < rows.length; seen += 1) {
    const count = rowsOfPage(rows, at);
    t.true(count >= 1 && count <= limits.listPageEntriesMax);
    t.true(comparePage.toWire(rows.slice(at, at + count)).length <= rpc.messageBytesMax);
    at += count;
  }
  t.true(seen > 3);
});
