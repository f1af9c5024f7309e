import test from 'ava';
import fc from 'fast-check';
import { VaultError } from '../../../protocol/errors.ts';
import { control as limits, members, names, rpc } from '../../../protocol/limits.ts';
import type { Codec } from '../../../protocol/messages/codec.ts';
import { entriesOfPage, entry, listPage } from '../../../protocol/messages/control-entry.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import { getDown, getRequest, getUp } from '../../../protocol/messages/control-get.ts';
import {
  logRequest,
  logRow,
  restoreRequest,
  trashRow,
} from '../../../protocol/messages/control-history.ts';
import {
  isNeeded,
  needBitmap,
  putDown,
  putRequest,
  putUp,
} from '../../../protocol/messages/control-put.ts';
import type { PutItem } from '../../../protocol/messages/control-put.ts';
import {
  event,
  reportFromPieces,
  reportPiece,
  reportToWire,
} from '../../../protocol/messages/control-report.ts';
import {
  changed,
  configRequest,
  configSetRequest,
  copyRequest,
  empty,
  eventsRequest,
  inviteRequest,
  listRequest,
  makeDirectoryRequest,
  moveRequest,
  pathRequest,
  peerAddRequest,
  peerRemoveRequest,
  removeRequest,
  shutdownRequest,
} from '../../../protocol/messages/control.ts';
import { peervault } from '../../../protocol/proto/control.js';

const path = Buffer.from('dir/na\xffme', 'latin1');
const sample: Entry = {
  path,
  kind: 'file',
  size: Number.MAX_SAFE_INTEGER,
  mode: 0o7777,
  mtime: { seconds: -1, nanoseconds: 999_999_999 },
  target: undefined,
  version: 'ab'.repeat(32),
  state: 'conflict',
  author: 'läptop',
  deviceId: 'cd'.repeat(16),
  inode: 12,
  links: 3,
  chunks: 40_000,
  chunksHere: 39_999,
};
const link: Entry = {
  ...sample,
  kind: 'symlink',
  target: Buffer.from('../x'),
  version: undefined,
  author: undefined,
  deviceId: undefined,
  state: 'here',
};
const item: PutItem = {
  path,
  kind: 'file',
  size: 0,
  mode: 0o600,
  mtime: { seconds: 1_700_000_000, nanoseconds: 1 },
  target: undefined,
  fingerprint: Buffer.alloc(40, 7),
};

const refusal = new VaultError('is-directory', {
  op: 'put',
  subject: '/ä',
  detail: 'd',
  next: 'n',
});

const logged = {
  what: 'created',
  kind: 'directory',
  timeMs: 2 ** 48,
  author: 'läptop',
  deviceId: 'cd'.repeat(16),
  path,
  from: undefined,
  version: undefined,
  size: 7,
  isCurrent: true,
  mode: undefined,
  restored: undefined,
};
const trashed = {
  path,
  kind: 'file',
  size: Number.MAX_SAFE_INTEGER,
  entries: 3,
  timeMs: 1,
  author: 'a',
  deviceId: 'b',
};

const bootId = Buffer.alloc(16, 7);
const put = { destination: path, parents: true, into: false, checksum: true };

/** One example at least of every message. */
const examples: readonly (readonly [string, Codec<unknown>, unknown])[] = [
  ['empty', empty, undefined],
  ['path', pathRequest, { path, version: undefined }],
  ['path of a version', pathRequest, { path, version: 'beef' }],
  ['list', listRequest, { path, recursive: true, depthMax: undefined }],
  ['list with depth', listRequest, { path, recursive: true, depthMax: 2 }],
  ['mkdir', makeDirectoryRequest, { path, parents: true, mode: 0o755 }],
  ['remove', removeRequest, { path, recursive: true, force: false }],
  ['move', moveRequest, { source: path, destination: path, noReplace: true }],
  ['copy', copyRequest, { source: path, destination: path, recursive: true }],
  ['log', logRequest, { path, newest: undefined }],
  ['log of the latest', logRequest, { path, newest: 20 }],
  ['log row', logRow, logged],
  [
    'log row with all',
    logRow,
    { ...logged, what: 'touched', from: path, version: 'beef', mode: 0o644, restored: 'cafe' },
  ],
  ['restore', restoreRequest, { path, version: 'beef', destination: path }],
  ['undelete', restoreRequest, { path, version: undefined, destination: undefined }],
  ['trash row', trashRow, { ...trashed, version: undefined }],
  ['trash row of a file', trashRow, { ...trashed, version: 'beef' }],
  ['changed', changed, { entries: 5, version: 'aa' }],
  ['invite', inviteRequest, { role: 'blind', expiresS: 60, approve: true, addresses: ['a:1'] }],
  ['peer add', peerAddRequest, { device: 'nas', address: 'h:1' }],
  ['peer add for anyone', peerAddRequest, { device: undefined, address: 'h:1' }],
  ['peer remove', peerRemoveRequest, { address: 'h:1' }],
  ['events', eventsRequest, { follow: true, recent: 3 }],
  ['config', configRequest, { key: undefined }],
  ['config set', configSetRequest, { key: 'log.level', value: 'debug' }],
  ['config set to nothing', configSetRequest, { key: 'peers.addresses', value: '' }],
  ['config unset', configSetRequest, { key: 'log.level', value: undefined }],
  ['shutdown', shutdownRequest, { supervisor: true }],
  ['entry', entry, sample],
  ['symlink', entry, link],
  ['page', listPage, [sample, link]],
  ['put', putRequest, put],
  ['offer', putUp, { type: 'offer', items: [item, { ...item, size: undefined }] }],
  ['put by name', putRequest, { ...put, bootId }],
  ['body', putUp, { type: 'body', item: 7 }],
  ['body by name', putUp, { type: 'body', item: 7, localPath: path }],
  ['body end', putUp, { type: 'body-end', item: 7, aborted: true }],
  ['need', putDown, { type: 'need', bitmap: Buffer.from([5]) }],
  ['need by name', putDown, { type: 'need', bitmap: Buffer.from([5]), localFiles: true }],
  ['progress', putDown, { type: 'progress', durableItems: 1, durableBytes: 2, readBytes: 3 }],
  ['local read', putDown, { type: 'local', item: 3 }],
  ['local to be sent', putDown, { type: 'local', item: 3, send: true }],
  ['local failed', putDown, { type: 'local', item: 3, error: refusal }],
  ['put failed', putDown, { type: 'failed', item: 3, error: refusal }],
  ['get failed', getDown, { type: 'failed', error: refusal }],
  ['get', getRequest, { path, version: 'aa', recursive: true, offset: 3, length: undefined }],
  ['get a part', getRequest, { path, version: undefined, recursive: false, offset: 0, length: 9 }],
  [
    'get by name',
    getRequest,
    { path, version: 'aa', recursive: true, offset: 0, length: undefined, bootId },
  ],
  ['target', getDown, { type: 'target' }],
  ['get up', getUp, { localPath: path, fingerprint: Buffer.alloc(40, 1) }],
  ['get up without a place', getUp, { localPath: undefined, fingerprint: Buffer.alloc(0) }],
  ['get progress', getDown, { type: 'progress', writtenBytes: 3 }],
  ['get body end of what was written', getDown, { type: 'body-end', writtenBytes: 3 }],
  ['get failed at the target', getDown, { type: 'failed', error: refusal, target: true }],
  ['plan', getDown, { type: 'plan', files: 1, bytes: 2 }],
  ['get entry', getDown, { type: 'entry', entry: sample }],
  ['get body end', getDown, { type: 'body-end' }],
  ['event', event, { time: 't', type: 'x', message: 'm', extra: [1] }],
  ['report', reportPiece, Buffer.from('{}')],
] as const;

const done = {
  type: 'done',
  result: {
    files: 1,
    directories: 2,
    symlinks: 3,
    skipped: 4,
    bytes: 5,
    storedBytes: 6,
    chunksNew: 7,
    chunksReused: 8,
    version: 'ff',
  },
} as const;

test('every message survives the wire', (t) => {
  for (const [name, codec, value] of examples) {
    t.deepEqual(codec.fromWire(codec.toWire(value)), value, name);
  }
  t.deepEqual(putDown.fromWire(putDown.toWire(done)), done);
});

test('mutated messages are refused with an error of ours, or are other messages', (t) => {
  const wires = examples.map(([, codec, value]) => ({
    codec,
    bytes: codec.toWire(value),
  }));
  fc.assert(
    fc.property(
      fc.constantFrom(...wires),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (wire, changes, cut) => {
        const bytes = Buffer.from(wire.bytes);
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const mutated = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
        try {
          wire.codec.fromWire(mutated);
        } catch (error) {
          t.true(error instanceof VaultError && error.code === 'malformed', String(error));
        }
      },
    ),
    { numRuns: 10_000 },
  );
  t.pass();
});

const wire = peervault.control;
const finish = (writer: { finish(): Uint8Array }): Uint8Array => writer.finish();

test('values out of range are refused', (t) => {
  const good = { path, kind: 1, state: 1 };
  const cases: Record<string, object> = {
    'no kind': { ...good, kind: 0 },
    'an unknown kind': { ...good, kind: 4 },
    'no state': { ...good, state: 0 },
    'an unknown state': { ...good, state: 5 },
    'a mode above 7777': { ...good, mode: 0o10000 },
    'a whole second of nanoseconds': { ...good, mtimeNs: 1_000_000_000 },
    'a path that is too long': { ...good, path: Buffer.alloc(names.pathBytesMax + 1) },
    'a target that is too long': { ...good, target: Buffer.alloc(names.targetBytesMax + 1) },
  };
  t.notThrows(() => entry.fromWire(finish(wire.Entry.encode(good))));
  for (const [what, message] of Object.entries(cases)) {
    const bytes = finish(wire.Entry.encode(message));
    t.throws(() => entry.fromWire(bytes), { code: 'malformed' }, what);
  }
});

test('a path may be as long as the limit', (t) => {
  const longest = { path: Buffer.alloc(names.pathBytesMax, 97), version: undefined };
  t.deepEqual(pathRequest.fromWire(pathRequest.toWire(longest)), longest);
});

test('counts are bounded before anything is decoded', (t) => {
  const items = (count: number) => ({
    offer: { items: Array.from({ length: count }, () => ({ kind: 2 })) },
  });
  const max = limits.putOfferItemsMax;
  t.notThrows(() => putUp.fromWire(finish(wire.PutUp.encode(items(max)))));
  t.throws(() => putUp.fromWire(finish(wire.PutUp.encode(items(max + 1)))), { code: 'malformed' });
  const addresses = (count: number) =>
    finish(wire.InviteRequest.encode({ addresses: Array.from({ length: count }, () => 'a:1') }));
  t.notThrows(() => inviteRequest.fromWire(addresses(members.addressesPerDeviceMax)));
  t.throws(() => inviteRequest.fromWire(addresses(members.addressesPerDeviceMax + 1)), {
    code: 'malformed',
  });
});

test('a message of no known kind is refused', (t) => {
  for (const codec of [putUp, putDown, getDown]) {
    t.throws(() => codec.fromWire(Buffer.alloc(0)), { code: 'malformed' });
  }
});

test('the bitmap of needs says for each item what was asked', (t) => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: limits.putOfferItemsMax }), (wanted) => {
      const bitmap = needBitmap(wanted);
      t.deepEqual(
        wanted.map((_, index) => isNeeded(bitmap, index)),
        wanted,
      );
    }),
  );
  t.false(isNeeded(Buffer.alloc(0), 0));
});

test('pages are cut so that each fits into a message', (t) => {
  const long = { ...link, path: Buffer.alloc(20_000, 97), author: 'x'.repeat(256) };
  const many = Array.from({ length: 700 }, (_, index) => (index % 100 === 0 ? long : sample));
  let at = 0;
  while (at < many.length) {
    const count = entriesOfPage(many, at);
    t.true(count >= 1 && count <= limits.listPageEntriesMax);
    t.true(listPage.toWire(many.slice(at, at + count)).length <= rpc.messageBytesMax);
    at += count;
  }
  t.is(at, many.length);
  t.is(entriesOfPage([], 0), 0);
});

test('a report of any size arrives as it was', (t) => {
  const ends = [limits.reportPieceBytesMax - 2, limits.reportPieceBytesMax - 1, 200_000, 0];
  for (const length of ends) {
    const report = ['ä'.repeat(length / 2)];
    const pieces = reportToWire(report).map((message) => reportPiece.fromWire(message));
    t.true(pieces.every((piece) => piece.length <= limits.reportPieceBytesMax));
    t.deepEqual(reportFromPieces(pieces, 'test'), report);
  }
});

test('a report that is no object or array, no JSON, or too large is refused', (t) => {
  for (const json of ['', '1', '"x"', 'null', '{', 'x']) {
    t.throws(() => reportFromPieces([Buffer.from(json)], 'test'), { code: 'malformed' }, json);
  }
  const large = Array.from({ length: 17 }, () => Buffer.alloc(1024 * 1024, 0x20));
  t.throws(() => reportFromPieces(large, 'test'), { code: 'too-large' });
});

test('an event needs time, type and message', (t) => {
  for (const record of [{}, { time: 't', type: 'x' }, { time: 1, type: 'x', message: 'm' }, []]) {
    const json = Buffer.from(JSON.stringify(record));
    const bytes = finish(wire.Event.encode({ json }));
    t.throws(() => event.fromWire(bytes), { code: 'malformed' });
  }
});
