import test from 'ava';
import { VaultError } from '../../../protocol/errors.ts';
import { FileSystem } from '../../../fuse/operations/file-system.ts';
import { recover } from '../../../fuse/operations/recover.ts';
import { Files, type Handle } from '../../../fuse/operations/files.ts';
import { MemoryVault } from '../../helpers/memory-vault-port.ts';
import { seededFraction } from '../../helpers/sim-store.ts';

const owner = { uid: 0, gid: 0 };
const events = { nameChanged: () => undefined, inodeChanged: () => undefined };

async function boot(vault: MemoryVault): Promise<{ fs: FileSystem; files: Files }> {
  const fs = new FileSystem(vault.port(), { owner, keepsOwners: true, events });
  vault.onChange = (change) => {
    fs.changed(change);
  };
  await recover(fs);
  return { fs, files: new Files(fs) };
}

test('an agent that is killed at any step loses nothing that was answered', async (t) => {
  for (let seed = 0; seed < 300; seed += 1) {
    const lost = await crashRun(seed);
    t.is(lost, undefined, `seed ${String(seed)}`);
  }
});

test('a second name of a new file is there, also when the agent ends between the two', async (t) => {
  const vault = new MemoryVault();
  const port = vault.port();
  const never = new Promise<never>(() => undefined);
  const publish: typeof port.publish = (change) =>
    change.type === 'link' ? never : port.publish(change);
  const fs = new FileSystem({ ...port, publish }, { owner, keepsOwners: true, events });
  const [first, second, gone] = names as [Buffer, Buffer, Buffer];
  const inode = await fs.create(fs.root(), first, { kind: 'file', mode: 0o644, owner });
  for (const name of [second, gone]) await fs.link(inode, fs.root(), name);
  await fs.remove(fs.root(), gone, 'other');
  await vault.pass(6000);
  t.truthy(vault.port().child(fs.root().id, first), 'the first name has arrived');
  t.is(vault.port().child(fs.root().id, second), undefined);
  vault.kill();
  const next = await boot(vault);
  t.is(next.fs.lookup(next.fs.root(), second), next.fs.lookup(next.fs.root(), first));
  t.is(next.fs.lookup(next.fs.root(), gone), undefined);
  await vault.pass(6000);
  t.is(vault.port().child(fs.root().id, second)?.node.id, inode.id);
});

test('a change that the vault did not take is there after a clean end, and is tried again', async (t) => {
  const vault = new MemoryVault();
  const port = vault.port();
  const publish: typeof port.publish = (change) =>
    change.type === 'rename'
      ? Promise.reject(new VaultError('internal', { op: 'test' }))
      : port.publish(change);
  const fs = new FileSystem({ ...port, publish }, { owner, keepsOwners: true, events });
  const [before, after] = names as [Buffer, Buffer];
  const inode = await fs.create(fs.root(), before, { kind: 'file', mode: 0o644, owner });
  // Time for the file, then for its round.
  for (const ms of [6000, 1000]) await vault.pass(ms);
  t.truthy(vault.port().child(fs.root().id, before), 'it has arrived');
  const root = fs.root();
  const flags = { noReplace: false, exchange: false };
  await fs.rename({ directory: root, name: before }, { directory: root, name: after }, flags);
  for (const ms of [6000, 1000]) await vault.pass(ms);
  await fs.close();
  const next = await boot(vault);
  t.is(next.fs.lookup(next.fs.root(), after)?.id, inode.id);
  for (const ms of [6000, 1000]) await vault.pass(ms);
  t.is(vault.port().child(root.id, after)?.node.id, inode.id);
  t.is(vault.port().child(root.id, before), undefined);
});

const names = ['a', 'b', 'c', 'd'].map((name) => Buffer.from(name));

/** @returns what differs */
async function crashRun(seed: number): Promise<string | undefined> {
  const fraction = seededFraction(seed);
  const pick = (limit: number): number => Math.floor(fraction() * limit);
  const vault = new MemoryVault();
  let { fs, files } = await boot(vault);
  const model = new Map<string, Buffer>();
  const open = new Map<string, Handle>();
  for (let step = 0; step < 60; step += 1) {
    const name = names[pick(4)] ?? Buffer.alloc(0);
    const other = names[pick(4)] ?? Buffer.alloc(0);
    const key = name.toString();
    const inode = fs.lookup(fs.root(), name);
    if ((inode === undefined) !== !model.has(key)) return `${key} at step ${String(step)}`;
    switch (pick(8)) {
      case 0:
        if (inode === undefined) {
          await fs.create(fs.root(), name, { kind: 'file', mode: 0o644, owner });
          model.set(key, Buffer.alloc(0));
        }
        break;
      case 1:
        if (inode === undefined) break;
        await fs.remove(fs.root(), name, 'other');
        model.delete(key);
        break;
      case 2:
      case 3:
        if (inode === undefined || key === other.toString()) break;
        await fs.rename(
          { directory: fs.root(), name },
          { directory: fs.root(), name: other },
          { noReplace: false, exchange: false },
        );
        model.set(other.toString(), model.get(key) ?? Buffer.alloc(0));
        model.delete(key);
        break;
      case 4:
      case 5: {
        if (inode === undefined) break;
        const bytes = Buffer.alloc(1 + pick(20), step + 1);
        const offset = pick(30);
        const handle = open.get(key) ?? (await files.open(inode, true));
        await files.write(inode, offset, bytes);
        if (pick(2) === 0) files.release(handle.number);
        const before = model.get(key) ?? Buffer.alloc(0);
        const after = Buffer.alloc(Math.max(before.length, offset + bytes.length));
        before.copy(after);
        bytes.copy(after, offset);
        model.set(key, after);
        break;
      }
      case 6:
        await vault.pass(pick(3) * 3000);
        break;
      default:
        if (pick(3) > 0) break;
        vault.kill();
        open.clear();
        ({ fs, files } = await boot(vault));
    }
  }
  vault.kill();
  ({ fs, files } = await boot(vault));
  for (const name of names) {
    const inode = fs.lookup(fs.root(), name);
    const wanted = model.get(name.toString());
    if (inode === undefined || wanted === undefined) {
      if (inode === undefined && wanted === undefined) continue;
      return `${name.toString()} ${inode === undefined ? 'is lost' : 'is back'}`;
    }
    const read = Buffer.concat((await inode.data?.read(0, 1000)) ?? []);
    if (!read.equals(wanted)) return `${name.toString()} has other bytes`;
  }
  return undefined;
}
