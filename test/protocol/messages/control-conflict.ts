import test from 'ava';
import fc from 'fast-check';
import { VaultError } from '../../../protocol/errors.ts';
import { control as limits, names, rpc } from '../../../protocol/limits.ts';
import { conflict, resolveRequest } from '../../../protocol/messages/control-conflict.ts';
import type { Conflict, ConflictVersion } from '../../../protocol/messages/control-conflict.ts';
import { putRequest } from '../../../protocol/messages/control-put.ts';
import { peervault } from '../../../protocol/proto/control.js';

const version: ConflictVersion = {
  name: Buffer.from('na\xffme', 'latin1'),
  kind: 'file',
  size: Number.MAX_SAFE_INTEGER,
  mtime: { seconds: -1, nanoseconds: 999_999_999 },
  version: 'ab'.repeat(8),
  author: 'läptop',
  deviceId: 'cd'.repeat(16),
  own: true,
  timeMs: 1_795_000_000_123,
};
const unknown: ConflictVersion = {
  ...version,
  kind: 'symlink',
  version: undefined,
  author: undefined,
  deviceId: undefined,
  own: false,
  timeMs: undefined,
};
const sample: Conflict = {
  path: Buffer.from('dir/na\xffme', 'latin1'),
  kind: 'edit',
  versions: [version, unknown],
  versionsOmitted: 3,
  ancestor: version,
};

test('every message survives the wire', (t) => {
  for (const value of [
    sample,
    { ...sample, kind: 'name', ancestor: undefined },
    { ...sample, kind: 'deleted', versions: [version] },
  ] as const) {
    t.deepEqual(conflict.fromWire(conflict.toWire(value)), value);
  }
  const request = { path: sample.path, keep: 'mine' };
  t.deepEqual(resolveRequest.fromWire(resolveRequest.toWire(request)), request);
});

test('a put may name the versions that it settles, or store nothing', (t) => {
  const plain = { destination: sample.path, parents: true, into: false, checksum: true };
  for (const more of [{}, { resolves: ['aa', 'bb'] }, { dryRun: true }]) {
    const request = { ...plain, ...more };
    t.deepEqual(putRequest.fromWire(putRequest.toWire(request)), request);
  }
  const many = Array.from({ length: limits.conflictVersionsMax + 1 }, () => 'aa');
  t.throws(() => putRequest.fromWire(putRequest.toWire({ ...plain, resolves: many })), {
    code: 'malformed',
  });
});

test('the largest conflict fits into a message; one with more versions is refused', (t) => {
  const longest = {
    ...version,
    name: Buffer.alloc(names.nameBytesMax, 97),
    version: 'v'.repeat(limits.versionTextBytesMax),
    author: 'a'.repeat(256),
    deviceId: 'd'.repeat(limits.keyTextBytesMax),
  };
  const of = (count: number): Conflict => ({
    path: Buffer.alloc(names.pathBytesMax, 97),
    kind: 'edit',
    versions: Array.from({ length: count }, () => longest),
    versionsOmitted: 2 ** 32 - 1,
    ancestor: longest,
  });
  const wire = conflict.toWire(of(limits.conflictVersionsMax));
  t.true(wire.length <= rpc.messageBytesMax, String(wire.length));
  t.is(conflict.fromWire(wire).versions.length, limits.conflictVersionsMax);
  t.throws(() => conflict.fromWire(conflict.toWire(of(limits.conflictVersionsMax + 1))), {
    code: 'malformed',
  });
});

test('values out of range are refused', (t) => {
  const wire = peervault.control.Conflict;
  const own = { kind: 1 };
  for (const [what, message] of Object.entries({
    'no kind': { path: sample.path },
    'an unknown kind': { kind: 4 },
    'a version without a kind': { kind: 1, versions: [{}] },
    'a name that is too long': {
      kind: 1,
      versions: [{ ...own, name: Buffer.alloc(names.nameBytesMax + 1) }],
    },
    'a whole second of nanoseconds': { kind: 1, ancestor: { ...own, mtimeNs: 1_000_000_000 } },
  })) {
    t.throws(() => conflict.fromWire(wire.encode(message).finish()), { code: 'malformed' }, what);
  }
});

test('mutated messages are refused with an error of ours, or are other messages', (t) => {
  const bytes = conflict.toWire(sample);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const mutated = Buffer.from(bytes);
        for (const [at, value] of changes) mutated[at % mutated.length] = value;
        try {
          conflict.fromWire(mutated);
        } catch (error) {
          t.true(error instanceof VaultError && error.code === 'malformed', String(error));
        }
      },
    ),
    { numRuns: 5000 },
  );
  t.pass();
});
