/** One operation of every kind, with every field set at least once; the bytes of batch-v1 depend on it. */
import {
  journalId,
  type ChunkId,
  type DeviceId,
  type EntryId,
  type EpochId,
  type IncarnationId,
  type JournalId,
  type NodeId,
  type PlainId,
} from '../../protocol/ids.ts';
import type { ChunkRef, Op, OpId } from '../../protocol/messages/op.ts';
import type { RefBase } from '../../protocol/messages/content-wire.ts';

const epoch = 'e1'.repeat(32) as EpochId;
const device = 'd1'.repeat(16) as DeviceId;
const journal = journalId(device, '0102030405060708' as IncarnationId);
const other = journalId('d2'.repeat(16) as DeviceId, '1112131415161718' as IncarnationId);

export const exampleBase: RefBase & { readonly journal: JournalId } = {
  journal,
  sequence: 5,
  epoch,
};

const node = 'a1'.repeat(16) as NodeId;
const entry = 'b1'.repeat(16) as EntryId;
const parent = 'a0'.repeat(16) as NodeId;
const name = Buffer.from('name ü');
/** In this batch, in this journal, in another one. */
const refs: OpId[] = [
  { journal, sequence: 5, index: 0 },
  { journal, sequence: 3, index: 2 },
  { journal: other, sequence: 900, index: 4095 },
];
const over = { entry: 'b2'.repeat(16) as EntryId, node: 'a2'.repeat(16) as NodeId, heads: refs };
const chunk: ChunkRef = {
  cid: 'c1'.repeat(32) as ChunkId,
  pid: 'c2'.repeat(32) as PlainId,
  epoch,
  format: 0x01011000,
  plainLength: 100_000,
  sealedLength: 100_032,
};
const attributes = {
  mode: 0o7777,
  mtime: { seconds: -12, nanoseconds: 999_999_999 },
  xattrs: new Map<string, Buffer | undefined>([
    ['user.set', Buffer.from([0, 255])],
    ['user.removed', undefined],
    ['user.empty', Buffer.alloc(0)],
  ]),
};
const small = {
  record: 'c3'.repeat(32) as ChunkId,
  salt: Buffer.alloc(32, 1),
  hash: Buffer.alloc(32, 2),
  epoch: 'e2'.repeat(32) as EpochId,
};

export const exampleOps: readonly Op[] = [
  { type: 'make', node, kind: 'directory', entry, parent, name, attributes: {} },
  {
    type: 'make',
    node,
    kind: 'symlink',
    entry,
    parent,
    name,
    attributes,
    target: Buffer.from('../x'),
  },
  {
    type: 'make',
    node,
    kind: 'file',
    entry,
    parent,
    name,
    attributes,
    content: { type: 'empty' },
    over,
  },
  {
    type: 'write',
    node,
    supersedes: refs,
    content: { type: 'small', size: 4096, small },
    attributes,
    replaces: refs,
  },
  {
    type: 'write',
    node,
    supersedes: [],
    content: { type: 'chunk', size: 100_000, chunk },
    attributes: {},
    replaces: [],
  },
  {
    type: 'write',
    node,
    supersedes: refs,
    content: { type: 'manifest', size: 2 ** 45, manifest: { ...chunk, epoch: small.epoch } },
    attributes: { mode: 0 },
    replaces: [],
  },
  { type: 'set-attributes', node, replaces: refs, attributes },
  { type: 'link', entry, parent, name, node, over },
  { type: 'move', entry, node, parent, name, replaces: refs, over: { ...over, heads: [] } },
  { type: 'unlink', entry, node, heads: refs },
  { type: 'remove-directory', node, replaces: refs },
  {
    type: 'take-snapshot',
    id: 'ab'.repeat(16),
    name: 'before ü',
    vector: [{ journal: other, sequence: 7 }],
  },
  { type: 'drop-snapshot', id: 'ab'.repeat(16) },
  { type: 'unknown' },
];

/** Those that came after the vectors of version 1 were written. */
export const laterOps: readonly Op[] = [
  { type: 'note', id: 'cd'.repeat(16), text: 'to all ü', sealed: [] },
  { type: 'note', id: 'cd'.repeat(16), about: node, text: 'about a node', sealed: [] },
  {
    type: 'note',
    id: 'ce'.repeat(16),
    to: '77'.repeat(16) as DeviceId,
    sealed: ['77', '66'].map((digits) => ({
      recipient: digits.repeat(16) as DeviceId,
      encapsulated: Buffer.alloc(32, 1),
      ciphertext: Buffer.alloc(20, 2),
    })),
  },
];
