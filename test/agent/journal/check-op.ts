import test from 'ava';
import { checkName, checkOp } from '../../../agent/journal/check-op.ts';
import { rootNodeId, type NodeId } from '../../../protocol/ids.ts';
import { chunk as chunkLimits, journal, names, notes } from '../../../protocol/limits.ts';
import type { MakeOp, NoteOp, Op, OpId } from '../../../protocol/messages/op.ts';
import { exampleBase, exampleOps, laterOps } from '../../helpers/op-examples.ts';

const [, , made] = exampleOps;
const file = made as MakeOp;
const [, link] = exampleOps as readonly MakeOp[];
const written = exampleOps.filter((op) => op.type === 'write');
const ref: OpId = { journal: exampleBase.journal, sequence: 1, index: 0 };

function allowed(op: Op): boolean {
  return checkOp(op) === undefined;
}

test('one operation of every kind keeps the rules, and an unknown one has no effect', (t) => {
  for (const op of [...exampleOps, ...laterOps]) t.is(allowed(op), op.type !== 'unknown', op.type);
});

test('a name has 1 to 255 bytes, no NUL, no slash, and is not . or ..', (t) => {
  for (const name of ['a', '...', '.a', '..a', ' ', '\n', 'x'.repeat(255)]) {
    t.is(checkName(Buffer.from(name)), undefined, name);
  }
  for (const name of ['', '.', '..', 'a/b', '/', '\0', 'a\0', 'x'.repeat(256)]) {
    t.not(checkName(Buffer.from(name)), undefined, name);
  }
  t.false(allowed({ ...file, name: Buffer.from('a/b') }));
  t.is(names.nameBytesMax, 255);
});

test('a file has a content, a symlink a target, and nothing else has either', (t) => {
  const { content: _content, ...bare } = file;
  t.false(allowed(bare));
  t.false(allowed({ ...file, kind: 'directory' }));
  t.false(allowed({ ...file, target: Buffer.from('x') }));
  t.true(allowed({ ...link!, target: Buffer.alloc(names.targetBytesMax, 1) }));
  t.false(allowed({ ...link!, target: Buffer.alloc(names.targetBytesMax + 1, 1) }));
  t.false(allowed({ ...link!, target: Buffer.from('a\0b') }));
});

test('the root cannot be made, removed, moved, replaced or written; its attributes can be set', (t) => {
  for (const op of exampleOps) {
    if (!('node' in op)) continue;
    t.is(allowed({ ...op, node: rootNodeId } as Op), op.type === 'set-attributes', op.type);
  }
  t.false(allowed({ ...file, over: { ...file.over!, node: rootNodeId } }));
});

test('nothing is made below itself', (t) => {
  t.false(allowed({ ...file, parent: file.node as NodeId }));
});

test('an operation names at most 64 others in one list', (t) => {
  const refs = (count: number): OpId[] => Array.from({ length: count }, () => ref);
  const max = journal.refsPerOpMax;
  for (const op of exampleOps) {
    if ('replaces' in op) {
      t.true(allowed({ ...op, replaces: refs(max) }));
      t.false(allowed({ ...op, replaces: refs(max + 1) }));
    }
    if ('heads' in op) t.false(allowed({ ...op, heads: refs(max + 1) }));
    if ('supersedes' in op) t.false(allowed({ ...op, supersedes: refs(max + 1) }));
    if ('over' in op && op.over !== undefined) {
      t.false(allowed({ ...op, over: { ...op.over, heads: refs(max + 1) } }));
    }
  }
});

test('modes, times and extended attributes stay within their bounds', (t) => {
  const with_ = (attributes: MakeOp['attributes']): boolean => allowed({ ...file, attributes });
  t.true(with_({ mode: 0o7777 }));
  t.false(with_({ mode: 0o10000 }));
  t.true(with_({ mtime: { seconds: -1, nanoseconds: 999_999_999 } }));
  t.false(with_({ mtime: { seconds: 0, nanoseconds: 1_000_000_000 } }));
  const xattr = (name: string, bytes: number): boolean =>
    with_({ xattrs: new Map([[name, Buffer.alloc(bytes)]]) });
  t.true(xattr('n'.repeat(names.xattrNameBytesMax), names.xattrValueBytesMax));
  t.false(xattr('n'.repeat(names.xattrNameBytesMax + 1), 0));
  t.false(xattr('n', names.xattrValueBytesMax + 1));
  t.false(xattr('', 0));
  t.false(xattr('a\0', 0));
});

test('sizes agree with where the content is', (t) => {
  const [small, chunk, manifest] = written;
  if (
    small?.content.type !== 'small' ||
    chunk?.content.type !== 'chunk' ||
    manifest?.content.type !== 'manifest'
  ) {
    t.fail('examples changed');
    return;
  }
  const smallOf = (size: number): boolean =>
    allowed({ ...small, content: { ...small.content, size } as never });
  t.deepEqual([0, 1, 4096, 4097].map(smallOf), [false, true, true, false]);
  const ref_ = chunk.content.chunk;
  const chunkOf = (size: number, plainLength: number): boolean =>
    allowed({ ...chunk, content: { type: 'chunk', size, chunk: { ...ref_, plainLength } } });
  t.true(chunkOf(chunkLimits.plainBytesMax, chunkLimits.plainBytesMax));
  t.false(chunkOf(chunkLimits.plainBytesMax + 1, chunkLimits.plainBytesMax + 1));
  t.false(chunkOf(5, 6));
  t.false(chunkOf(0, 0));
  t.false(
    allowed({
      ...chunk,
      content: { type: 'chunk', size: 9, chunk: { ...ref_, plainLength: 9, sealedLength: 0 } },
    }),
  );
  t.false(allowed({ ...manifest, content: { ...manifest.content, size: 0 } as never }));
});

test('a note is open, of 1 to 2,048 bytes, or sealed to its recipient and one more', (t) => {
  const [open, pinned, sealed] = laterOps as readonly [NoteOp, NoteOp, NoteOp];
  const max = notes.textBytesMax;
  t.true(allowed({ ...open, text: 'ü'.repeat(max / 2) }));
  t.false(allowed({ ...open, text: `${'ü'.repeat(max / 2)}x` }));
  t.false(allowed({ ...open, text: undefined }));
  t.false(allowed({ ...open, sealed: sealed.sealed }));
  t.false(allowed({ ...sealed, text: 'x' }));
  t.false(allowed({ ...sealed, about: pinned.about }));
  t.false(allowed({ ...sealed, sealed: [] }));
  t.false(allowed({ ...sealed, sealed: sealed.sealed.slice(1) }), 'not for whom it says');
  t.true(allowed({ ...sealed, sealed: sealed.sealed.slice(0, 1) }));
  t.false(allowed({ ...sealed, sealed: [...sealed.sealed, ...sealed.sealed] }));
  const long = (length: number) =>
    sealed.sealed.map((each) => ({ ...each, ciphertext: Buffer.alloc(length) }));
  t.true(allowed({ ...sealed, sealed: long(max + 16) }));
  t.false(allowed({ ...sealed, sealed: long(max + 17) }));
});
