/** Numbers that the kernel knows from an agent before: found however deep they are, and no further than needed. */
import test from 'ava';
import { FileSystem } from '../../../fuse/operations/file-system.ts';
import { Revived } from '../../../fuse/session/revive.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';

const options = {
  owner: { uid: 0, gid: 0 },
  keepsOwners: true,
  events: { nameChanged: () => undefined, inodeChanged: () => undefined },
};

/** `top` with a directory `inner`, and a file in each. */
async function tree() {
  const vault = new MemoryVault();
  const before = new FileSystem(vault.port(), options);
  const made = { owner: options.owner, mode: 0o755 };
  const directory = { ...made, kind: 'directory' } as const;
  const file = { ...made, kind: 'file' } as const;
  const top = await before.create(before.root(), Buffer.from('top'), directory);
  const inner = await before.create(top, Buffer.from('inner'), directory);
  const beside = await before.create(top, Buffer.from('beside'), file);
  const deep = await before.create(inner, Buffer.from('deep'), file);
  await vault.pass(10_000);
  await before.close();
  const listed: string[] = [];
  const port = vault.port();
  const fs = new FileSystem(
    {
      ...port,
      children: (id) => {
        listed.push(id);
        return port.children(id);
      },
    },
    options,
  );
  return { fs, vault, listed, nodes: { top, inner, beside, deep } };
}

test('every node is found, and only the directories on the way are looked into', async (t) => {
  const { fs, listed, nodes } = await tree();
  const revived = new Revived(fs);
  t.is(await revived.find(nodes.top.number), nodes.top.id);
  t.deepEqual(listed, [fs.root().id], 'not the directory itself');
  const [deep, beside] = await Promise.all([
    revived.find(nodes.deep.number),
    revived.find(nodes.beside.number),
  ]);
  t.is(deep, nodes.deep.id);
  t.is(beside, nodes.beside.id);
  t.is(await revived.find(1), fs.root().id);
  t.is(listed.length, 3);
});

test('a number that nobody has is found out, and asking again costs nothing', async (t) => {
  const { fs, listed } = await tree();
  const revived = new Revived(fs);
  t.is(await revived.find(2 ** 40), undefined);
  const before = listed.length;
  t.is(await revived.find(2 ** 41), undefined);
  t.is(listed.length, before);
});

test('nothing stays of what was looked at on the way', async (t) => {
  const { fs } = await tree();
  const before = fs.inodes.count;
  await new Revived(fs).find(2 ** 40);
  t.true(fs.inodes.count <= before + 1);
});

test('what another request holds meanwhile stays the one that is kept', async (t) => {
  const { fs, nodes } = await tree();
  const held = fs.lookup(fs.root(), Buffer.from('top'));
  await new Revived(fs).find(2 ** 40);
  t.is(held?.id, nodes.top.id);
  t.is(fs.inodes.known(nodes.top.id), held);
});
