/** `.vault` is what this device says, whatever another one calls so; and who cannot read sees no empty folder. */
import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import { errnoOf } from '../../../fuse/errno.ts';
import { FileSystem } from '../../../fuse/operations/file-system.ts';
import { Files } from '../../../fuse/operations/files.ts';
import type { NodeId } from '../../../fuse/operations/port.ts';
import { errnos } from '../../../fuse/protocol/constants.ts';
import { isVirtual, subjectOf } from '../../../fuse/operations/virtual.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';

const owner = { uid: 0, gid: 0 };
const events = { nameChanged: () => undefined, inodeChanged: () => undefined };
const top = Buffer.from('.vault');

function place(vault: MemoryVault, parent: NodeId, name: Buffer, kind: 'file' | 'directory') {
  const node = vault.newId();
  const attributes = { mode: 0o755, mtime: { seconds: 1, nanoseconds: 0 } };
  const common = { attributes, content: undefined, target: undefined, over: undefined };
  vault.change({ type: 'create', kind, node, place: { parent, name }, ...common });
  return node;
}

test('a name .vault from another device hides nothing at the root, and is a name elsewhere', (t) => {
  const vault = new MemoryVault();
  const fs = new FileSystem(vault.port(), { owner, keepsOwners: true, events });
  const directory = place(vault, vault.rootId, Buffer.from('d'), 'directory');
  place(vault, vault.rootId, top, 'file');
  place(vault, directory, top, 'file');
  const found = fs.lookup(fs.root(), top);
  t.true(found !== undefined && isVirtual(found));
  t.deepEqual(
    fs.list(fs.root()).map(({ name }) => name.toString()),
    ['d'],
  );
  const below = fs.lookup(fs.root(), Buffer.from('d'));
  if (below === undefined) throw new Error('it is there');
  t.is(fs.lookup(below, top)?.kind, 'file');
  t.is(fs.list(below).length, 1);
});

test('what an error is about is a node, or a place below .vault that may be printed', (t) => {
  const vault = new MemoryVault();
  const port = vault.port();
  const key = `at/monday/${Buffer.from('a\u202eb\n').toString('latin1')}\0${'3f2a'.repeat(4)}`;
  const hidden = { ...port.hidden, key };
  const fs = new FileSystem({ ...port, hidden }, { owner, keepsOwners: true, events });
  const found = fs.lookup(fs.root(), top);
  t.is(found === undefined ? '' : subjectOf(found), String.raw`.vault/at/monday/a\u{202e}b\n`);
  t.is(subjectOf(fs.root()), vault.rootId);
});

test('a device that cannot read names shows no empty folder', (t) => {
  const vault = new MemoryVault();
  const unreadable = () => new VaultError('no-key', { op: 'test' });
  const fs = new FileSystem({ ...vault.port(), unreadable }, { owner, keepsOwners: true, events });
  const error = t.throws(() => new Files(fs).open(fs.root(), false));
  t.is(errnoOf(error), errnos.EACCES);
  t.truthy(fs.lookup(fs.root(), top), '.vault says why');
});
