/** After a restart: which node is behind each number, found by walking the tree once, in slices. */
import type { FileSystem } from '../operations/file-system.ts';
import type { NodeId } from '../operations/port.ts';

const directoriesPerSlice = 50;

export async function findByNumber(fs: FileSystem): Promise<ReadonlyMap<number, NodeId>> {
  const found = new Map<number, NodeId>();
  for (const inode of fs.inodes.all()) found.set(inode.number, inode.id);
  const root = fs.root();
  found.set(1, root.id);
  const waiting = [root];
  for (let count = 1; waiting.length > 0; count += 1) {
    const directory = waiting.pop();
    if (directory === undefined) break;
    for (const row of fs.list(directory)) {
      const inode = row.inode();
      found.set(row.number, inode.id);
      if (row.kind === 'directory') waiting.push(inode);
    }
    if (count % directoriesPerSlice === 0) await pause(fs);
  }
  return found;
}

function pause({ port }: FileSystem): Promise<void> {
  return new Promise((resolve) => {
    port.clock.after(0, resolve);
  });
}
